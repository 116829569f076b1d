"""A customer's matter, from the first post to the closed book."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q, functions
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Location, Member, Team
from hark.brands.permissions import Permission
from hark.customers.models import Person
from hark.customers.personal_details import covered


class CaseRows(models.QuerySet["Case"]):
    """Adjectives. Each list of the console is one of these, matched by a partial index."""

    def visible_to(self, member: Member) -> CaseRows:
        """Cases that this member may read: the one way in for every view, search and live topic.

        By role: all, those of their teams, or those that they were asked about. Whoever belongs to locations sees of these
        only what is of their locations. What is assigned to them, or what they were asked about, they always see.
        """
        mine = self.filter(brand=member.brand_id)
        asked = Q(notes__mentions=member)
        own = Q(assignee=member) | asked
        reads_team = member.may(Permission.READ_TEAM_CASES)
        if member.may(Permission.READ_ALL_CASES) or (reads_team and member.brand.agents_see_all):
            found = mine
        elif reads_team:
            found = mine.filter(Q(team=None) | Q(team__in=member.teams.values("pk")) | own)
        elif member.may(Permission.ANSWER_QUESTION):
            return mine.filter(asked).distinct()
        else:
            return self.none()
        if member.is_local:
            found = found.filter(Q(location__in=member.locations.values("pk")) | own)
        return found if found is mine else found.distinct()

    def waiting(self) -> CaseRows:
        """The customer spoke last and nobody has put the case to sleep."""
        return self.filter(state=Case.State.WAITING)

    def open(self) -> CaseRows:
        return self.filter(state__lt=Case.State.RESOLVED)

    def resolved(self) -> CaseRows:
        """Settled, and the book still open."""
        return self.filter(state=Case.State.RESOLVED)

    def closed(self) -> CaseRows:
        return self.filter(state=Case.State.CLOSED)


class Case(models.Model):
    """A customer's matter. Columns below `# queue` are kept by the transaction that changes what they mirror."""

    class State(models.IntegerChoices):
        WAITING = 0, _("waiting for us")
        ANSWERED = 1, _("waiting for the customer")
        SNOOZED = 2, _("snoozed")
        RESOLVED = 3, _("resolved, book open")
        CLOSED = 4, _("book closed")
        MERGED = 5, _("merged into another case")

    class Priority(models.IntegerChoices):
        URGENT = 1, _("urgent")
        HIGH = 2, _("high")
        NORMAL = 3, _("normal")
        LOW = 4, _("low")

    class Arc(models.IntegerChoices):
        """The milestone reached last."""

        NEW = 0, _("new")
        ACKNOWLEDGED = 1, _("acknowledged")
        PRIVATE = 2, _("moved to private")
        RESOLVED = 3, _("resolved")
        BOOK_CLOSED = 4, _("book closed")

    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="cases", db_index=False, db_constraint=False
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="cases", db_constraint=False)
    location = models.ForeignKey(
        Location, models.SET_NULL, null=True, blank=True, related_name="cases", db_index=False
    )
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="cases", db_index=False
    )
    assignee = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="cases", db_index=False
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True, default="", db_default="")
    state = models.PositiveSmallIntegerField(choices=State, default=State.WAITING)
    arc = models.PositiveSmallIntegerField(choices=Arc, default=Arc.NEW, db_default=0)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL, db_default=3)
    tags = models.ManyToManyField("cases.Tag", related_name="cases", blank=True)
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="merged", db_index=False
    )
    imported = models.BooleanField(default=False, db_default=False)  # history: came closed, nobody waits
    follows = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="followed_by", db_index=False
    )

    opened_at = models.DateTimeField()  # the first message, as the network dates it
    arrived_at = models.DateTimeField(default=timezone.now, db_default=functions.Now())  # when Hark knew
    first_reply_at = models.DateTimeField(null=True)  # by a person
    last_customer_at = models.DateTimeField()
    last_activity_at = models.DateTimeField()

    # queue
    hurts_at = models.DateTimeField()  # what the queue is ordered by: docs/metrics.md#what-hurts-next
    due_at = models.DateTimeField(null=True)  # the running clock's target; null when none runs
    snippet = models.CharField(max_length=280, blank=True, default="", db_default="")
    snippet_lang = models.CharField(max_length=16, blank=True, default="", db_default="")
    channel = models.CharField(max_length=24)
    has_private = models.BooleanField(default=False, db_default=False)
    unread = models.BooleanField(default=True, db_default=True)
    message_count = models.PositiveIntegerField(default=0, db_default=0)
    version = models.PositiveIntegerField(default=0, db_default=0)  # rises with every message, in or out

    objects = CaseRows.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["brand", "hurts_at", "id"], condition=Q(state=0), name="cases_waiting"),
            models.Index(
                fields=["brand", "assignee", "hurts_at", "id"], condition=Q(state=0), name="cases_mine"
            ),
            models.Index(fields=["brand", "state", "-last_activity_at", "-id"], name="cases_by_state"),
            models.Index(
                fields=["brand", "snippet_lang", "hurts_at", "id"],
                condition=Q(state=0),
                name="cases_by_language",
            ),
            models.Index(
                fields=["brand", "priority", "hurts_at", "id"],
                condition=Q(state=0) & ~Q(priority=3),
                name="cases_by_priority",
            ),
            # Most cases have none of these: what isn't there costs nothing when a case is made.
            models.Index(
                fields=["assignee", "-last_activity_at"],
                condition=Q(assignee__isnull=False),
                name="cases_of_member",
            ),
            models.Index(fields=["team"], condition=Q(team__isnull=False), name="cases_of_team"),
            models.Index(fields=["location"], condition=Q(location__isnull=False), name="cases_of_location"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="cases_merged"),
            models.Index(fields=["follows"], condition=Q(follows__isnull=False), name="cases_following"),
        ]

    def __str__(self) -> str:
        return self.subject or covered(self.snippet)[:60] or f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("cases:case", args=[self.brand.slug, self.pk])

    @property
    def is_open(self) -> bool:
        return self.state < self.State.RESOLVED

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def first_response_due(self) -> datetime:
        """By when a first answer is, or was, due: the brand's target, in the hours of the case's place."""
        return self.brand.later(self.opened_at, self.brand.first_response_target, self.location)

    def first_response_time(self) -> timedelta | None:
        """Wall-clock time from the first message to the first reply by a person; None until there is one.

        Definition: docs/metrics.md#first-response-time.
        """
        return self.first_reply_at - self.opened_at if self.first_reply_at else None
