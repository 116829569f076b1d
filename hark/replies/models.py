"""Replies being written, and the outbox: one row for each intended message."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q, functions
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member
from hark.cases.models import Case, Message, Thread
from hark.channels.models import Account


class Draft(models.Model):
    """What a member is writing on a case, in one of its two places. Saved as typed."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="drafts")
    member = models.ForeignKey(Member, models.CASCADE, related_name="drafts")
    private = models.BooleanField()
    text = models.TextField(blank=True)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "member", "private"], name="one_draft_per_place")
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Reply(models.Model):
    """One message that a person meant to send: the row is the only truth about it.

    A text longer than the network allows becomes several rows of one `batch`, sent in order of `position`.
    States: docs/replies.md. No row is ever made by anything but a person's press of a button: `author` is not null.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("leaves in a moment")
        SENDING = "sending", _("being sent")
        UNSURE = "unsure", _("may be out there: being checked")
        SENT = "sent", _("sent")
        REFUSED = "refused", _("refused")
        HELD = "held", _("waits for the account to be connected anew")
        WITHDRAWN = "withdrawn", _("taken back")

    class Purpose(models.TextChoices):
        ANSWER = "answer", _("answer")
        INVITE = "invite", _("invitation to private")
        CLOSING = "closing", _("closing of the book")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="replies")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    thread = models.ForeignKey(Thread, models.SET_NULL, null=True, related_name="+")
    answers = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="answered_by")
    author = models.ForeignKey(Member, models.PROTECT, related_name="replies")
    private = models.BooleanField()
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.ANSWER)
    text = models.TextField()
    key = models.UUIDField(
        default=uuid.uuid4, unique=True
    )  # idempotency: the adapter derives the network's own from it
    batch = models.UUIDField(default=uuid.uuid4)
    position = models.PositiveSmallIntegerField(default=0)
    handoff = models.CharField(max_length=24, blank=True)
    handoff_url = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()  # undo window, then retries
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure_code = models.CharField(max_length=40, blank=True)
    failure = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)
    message = models.OneToOneField(Message, models.SET_NULL, null=True, related_name="reply")

    class Meta:
        verbose_name_plural = "replies"
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="one_reply_per_position")]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["queued", "sending", "unsure", "held"]),
                name="replies_to_deliver",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def can_be_taken_back(self) -> bool:
        return self.state == self.State.QUEUED and self.attempts == 0


class ReplyFile(models.Model):
    """A picture that leaves with a reply; stored below the media folder, checked and stripped of its metadata."""

    reply = models.ForeignKey(Reply, models.CASCADE, related_name="files", null=True)
    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    stored = models.CharField(max_length=200)
    alt = models.TextField(_("what it shows, for those who can't see it"), max_length=1000, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now, db_default=functions.Now())

    def __str__(self) -> str:
        return self.name
