from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from hark.brands.models import Brand, Member

from .case import Case


class Snooze(models.Model):
    """A case put to sleep until a time, or until the customer writes."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="snoozes")
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="one_snooze_at_a_time")
        ]
        indexes = [models.Index(fields=["until"], condition=Q(ended_at=None), name="snoozes_due")]

    def __str__(self) -> str:
        return f"until {self.until:%Y-%m-%d %H:%M}"
