"""Running targets on cases. The row is the only truth; due ones are found by index, a million of them as fast as one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member
from hark.cases.models import Case


class Clock(models.Model):
    """One target on one case, in calendar minutes. Stopped by a person's reply."""

    class Kind(models.TextChoices):
        FIRST_RESPONSE = "first_response", _("first response")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks", db_index=False, db_constraint=False)
    kind = models.CharField(max_length=16, choices=Kind)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "started_at"], name="one_clock_per_start")
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(stopped_at=None), name="clocks_running")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def took(self) -> timedelta | None:
        return self.stopped_at - self.started_at if self.stopped_at else None

    @property
    def is_met(self) -> bool | None:
        """None while it runs."""
        return self.stopped_at <= self.due_at if self.stopped_at else None


class PromiseRows(models.QuerySet["Promise"]):
    def visible_to(self, member: Member) -> PromiseRows:
        """Those on cases that the member may read."""
        return self.filter(brand=member.brand_id, case__in=Case.objects.visible_to(member).values("pk"))

    def of(self, case: Case) -> PromiseRows:
        """Made on this case, or on one that was merged into it."""
        return self.filter(Q(case=case) | Q(case__merged_into=case), brand=case.brand_id)

    def open(self) -> PromiseRows:
        return self.filter(state=Promise.State.OPEN)

    def late(self, now: datetime | None = None) -> PromiseRows:
        return self.open().filter(due_at__lte=now or timezone.now())

    def broken(self) -> PromiseRows:
        """Said to be broken, let go, or kept too late."""
        late = Q(state=Promise.State.KEPT, settled_at__gt=models.F("due_at"))
        return self.filter(late | Q(state__in=[Promise.State.BROKEN, Promise.State.LET_GO]))

    def kept(self) -> PromiseRows:
        """In time."""
        return self.filter(state=Promise.State.KEPT, settled_at__lte=models.F("due_at"))


class Promise(models.Model):
    """What a member told a customer would happen, and by when (mission P7). Kept, broken, or said anew: on the record."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        KEPT = "kept", _("kept")
        BROKEN = "broken", _("broken")
        MOVED = "moved", _("said anew, for another time")
        LET_GO = "let_go", _("let go")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="promises")
    what = models.CharField(_("what will happen"), max_length=300)
    due_at = models.DateTimeField()
    zone = models.CharField(max_length=64)  # in which the customer was told the time
    owner = models.ForeignKey(
        Member, models.SET_NULL, null=True, related_name="promises"
    )  # None: everybody's
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    press = models.UUIDField(null=True, unique=True)  # of the form: pressing it twice promises once
    follows = models.OneToOneField("self", models.SET_NULL, null=True, related_name="followed_by")

    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    why = models.CharField(max_length=500, blank=True)

    remind_at = models.DateTimeField()  # the owner
    owner_told_at = models.DateTimeField(null=True)
    lead_told_at = models.DateTimeField(null=True)  # at due_at, when it is still open

    objects = PromiseRows.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None) | ~Q(state="open") & Q(settled_at__isnull=False),
                name="settled_promises_have_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["broken", "moved", "let_go"]) | ~Q(why=""),
                name="unkept_takes_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "due_at"], condition=Q(state="open"), name="promises_open"),
            models.Index(
                fields=["brand", "-settled_at"], condition=~Q(state="open"), name="promises_settled"
            ),
            models.Index(
                fields=["remind_at"], condition=Q(state="open", owner_told_at=None), name="promises_to_remind"
            ),
            models.Index(
                fields=["due_at"], condition=Q(state="open", lead_told_at=None), name="promises_to_raise"
            ),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_at <= timezone.now()

    @property
    def was_late(self) -> timedelta | None:
        """How much too late it was kept; None when it was in time, or not kept."""
        if self.state != self.State.KEPT or self.settled_at is None or self.settled_at <= self.due_at:
            return None
        return self.settled_at - self.due_at
