"""Running targets on cases. The row is the only truth; due ones are found by index, a million of them as fast as one."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand
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
