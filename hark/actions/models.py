"""Things done in another system from a case: refund, rebook, replace (mission A9). Who may, up to how much, and what came of it."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands import sealing
from hark.brands.models import Brand, Member
from hark.brands.permissions import Permission
from hark.cases.models import Case


class ActionRows(models.QuerySet["Action"]):
    def active(self) -> ActionRows:
        return self.filter(is_active=True)


class Action(models.Model):
    """Declared by an administrator: the form (JSON Schema), the address that is called, and limits by role."""

    SEALED_FOR = "action"

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="actions")
    name = models.CharField(_("name"), max_length=60)
    url = models.CharField(_("address that is called"), max_length=500)
    sealed = models.TextField()  # the secret that signs calls
    schema = models.JSONField(_("form, as JSON Schema"))
    amount_field = models.CharField(_("field with the amount"), max_length=60, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    limits = models.JSONField(default=dict)  # role: amount a case, as text
    second_always = models.BooleanField(_("always needs a second person"), default=False)
    is_active = models.BooleanField(_("offered in cases"), default=True)

    objects = ActionRows.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="one_action_per_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """What signs its calls; '' when it was sealed with other keys than this installation has."""
        try:
            return sealing.unseal(self.sealed, purpose=self.SEALED_FOR)
        except sealing.Unreadable:
            return ""

    @secret.setter
    def secret(self, value: str) -> None:
        self.sealed = sealing.seal(value, purpose=self.SEALED_FOR)

    def limit_of(self, member: Member) -> Decimal | None:
        """Up to how much this member may go in one case, alone; None: not at all."""
        if not member.may(Permission.ACT):
            return None
        found = [Decimal(self.limits[role]) for role in member.roles if self.limits.get(role)]
        return max(found) if found else None


class RunRows(models.QuerySet["Run"]):
    def visible_to(self, member: Member) -> RunRows:
        return self.filter(brand=member.brand_id, case__in=Case.objects.visible_to(member).values("pk"))

    def waiting(self) -> RunRows:
        return self.filter(state=Run.State.APPROVAL)


class Run(models.Model):
    """One doing of an action. `key` goes along with every call, so that a call made twice is done once."""

    class State(models.TextChoices):
        APPROVAL = "approval", _("waits for a second person")
        DECLINED = "declined", _("declined")
        QUEUED = "queued", _("on its way")
        CALLING = "calling", _("being done")
        DONE = "done", _("done")
        FAILED = "failed", _("refused by the other system")
        UNSURE = "unsure", _("not known: look in the other system")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="runs")
    action = models.ForeignKey(Action, models.PROTECT, related_name="runs")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    press = models.UUIDField(unique=True)  # of the form: pressing it twice does it once
    key = models.UUIDField(default=uuid.uuid4, unique=True)  # for the other system
    values = models.JSONField(default=dict)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    state = models.CharField(max_length=8, choices=State)
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    text = models.CharField(max_length=500, blank=True)  # what came of it, in words
    reference = models.CharField(max_length=100, blank=True)
    done_at = models.DateTimeField(null=True)

    objects = RunRows.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decided_by=models.F("by")), name="nobody_decides_their_own_run"
            ),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gt=0), name="amounts_are_above_zero"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["queued", "calling"]), name="runs_to_call"
            ),
            models.Index(fields=["brand", "at"], condition=Q(state="approval"), name="runs_to_approve"),
        ]

    def __str__(self) -> str:
        return f"{self.action.name} {self.sum}".strip()

    @property
    def sum(self) -> str:
        """“64.00 EUR”; "" where it is not about money."""
        return f"{self.amount} {self.action.currency}".strip() if self.amount is not None else ""
