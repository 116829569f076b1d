from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from hark.brands.models import Brand, Member

from .case import Case
from .message import Message


class Step(models.Model):
    """A milestone of the care arc: reached, or skipped with a reason. Reopening supersedes the later ones.

    Which steps may follow which: `cases/arc.py`.
    """

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="steps")
    name = models.PositiveSmallIntegerField(choices=[c for c in Case.Arc.choices if c[0] > 0])
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")
    skipped = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "name"], condition=Q(superseded_at=None), name="one_live_step_per_milestone"
            ),
            models.CheckConstraint(
                condition=Q(skipped=False) | ~Q(reason=""), name="skipping_takes_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()} at {self.at:%Y-%m-%d %H:%M}"
