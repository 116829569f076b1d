"""Replies being written, and the outbox: one row for each intended message."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, functions
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member, Team
from hark.cases.models import Case, Message, Tag, Thread
from hark.channels.models import Account
from hark.triage.risk import Risk


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
    States: docs/replies.md. No row is ever made by anything but a person's press of a button: `author` is not null. A
    transcript is made by the customer's own press: its author is who invited them to the page.
    """

    class State(models.TextChoices):
        APPROVAL = "approval", _("waits for a second person")
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
        TRANSCRIPT = "copy", _("copy of a conversation, as the customer asked")

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
    to_address = models.CharField(
        max_length=254, blank=True, default="", db_default=""
    )  # of a transcript: where the customer wants it
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
                name="replies_to_send",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def can_be_taken_back(self) -> bool:
        return self.state == self.State.APPROVAL or (self.state == self.State.QUEUED and self.attempts == 0)


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


class ApprovalRule(models.Model):
    """Which replies need a second person: all conditions that are set must hold; none set: every reply of the brand."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="approval_rules")
    name = models.CharField(_("why a second person looks"), max_length=80)
    tag = models.ForeignKey(Tag, models.CASCADE, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+")
    priority = models.PositiveSmallIntegerField(
        _("from which priority on"), choices=Case.Priority, null=True, blank=True
    )
    words = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    topic = models.CharField(
        max_length=120, blank=True, default="", db_default=""
    )  # a subject of the playbook, or a known issue
    risks = ArrayField(
        models.CharField(max_length=16, choices=Risk), default=list, db_default=[], blank=True
    )  # any of them
    money_above = models.PositiveIntegerField(
        _("when an amount above this is spoken of"), null=True, blank=True
    )  # whatever its currency
    newcomer_days = models.PositiveSmallIntegerField(
        _("only of members who joined within so many days"), null=True, blank=True
    )
    public_only = models.BooleanField(_("only in public"), default=False)
    minutes = models.PositiveSmallIntegerField(_("minutes until it is escalated"), default=20)
    regulated = models.BooleanField(
        default=False, db_default=False
    )  # the rule of a brand in a regulated trade, at most one

    class Meta:
        ordering = [
            "regulated",
            "name",
            "id",
        ]  # a rule with a reason of its own speaks before the one for all

    def __str__(self) -> str:
        return self.name

    @property
    def risk_labels(self) -> list[str]:
        return [str(Risk(risk).label) for risk in self.risks]

    @property
    def holds_for_all(self) -> bool:
        """No condition but, perhaps, that it is in public."""
        return not (
            self.tag_id or self.team_id or self.priority or self.words or self.newcomer_days
            or self.topic or self.risks or self.money_above is not None
        )  # fmt: skip


class ApprovalRows(models.QuerySet["Approval"]):
    def visible_to(self, member: Member) -> ApprovalRows:
        return self.filter(brand=member.brand_id, case__in=Case.objects.visible_to(member).values("pk"))

    def waiting(self) -> ApprovalRows:
        return self.filter(state=Approval.State.WAITING)


class Approval(models.Model):
    """A second person's yes to one reply, to the letter. `digest` covers all that the customer would get; it is asked
    for again when the reply leaves, so that nothing else than what was approved can."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        SENT_BACK = "sent_back", _("sent back")
        WITHDRAWN = "withdrawn", _("taken back by its author")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="approvals")
    batch = models.UUIDField(unique=True)
    rule = models.ForeignKey(ApprovalRule, models.SET_NULL, null=True, related_name="+")
    because = models.CharField(max_length=80)  # the rule's name, as it was then
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()  # then it is escalated
    escalated_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=1000, blank=True)
    asked_text = models.TextField(blank=True)  # what was asked for, where the approver changed it

    objects = ApprovalRows.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decided_by=models.F("asked_by")), name="nobody_approves_their_own"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(decided_by__isnull=False), name="a_yes_has_a_name"
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "due_at"], condition=Q(state="waiting"), name="approvals_waiting"),
            models.Index(
                fields=["due_at"],
                condition=Q(state="waiting", escalated_at=None),
                name="approvals_to_escalate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.because}: {self.get_state_display()}"

    @property
    def replies(self) -> models.QuerySet[Reply]:
        return Reply.objects.filter(batch=self.batch).order_by("position")
