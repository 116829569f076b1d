from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member

from .case import Case
from .message import Message


class Resolution(models.Model):
    """How a matter was settled: the outcome, what had caused it, what was done. Reopened and resolved anew, a case has several."""

    class Outcome(models.TextChoices):
        SOLVED = "solved", _("solved")
        PARTLY = "partly", _("solved in part")
        EXPLAINED = "explained", _("explained: nothing had to change")
        REFUSED = "refused", _("not possible, and the customer was told")
        SILENT = "silent", _("the customer no longer answers")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="resolutions")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=10, choices=Outcome)
    cause = models.CharField(max_length=200, blank=True)
    done = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.get_outcome_display())


class AskedHow(models.Model):
    """The kind request to say how it went: one a case, ever, whatever is reopened and closed again."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    case = models.OneToOneField(Case, models.CASCADE, related_name="asked_how")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"asked {self.at:%Y-%m-%d}"

    def answer(self) -> Message | None:
        """What the customer said since, first of all; None when nothing."""
        said = self.case.messages.filter(outbound=False, deleted_at=None, arrived_at__gt=self.at)
        return said.order_by("arrived_at", "id").first()
