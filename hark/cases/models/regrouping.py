from __future__ import annotations

from django.db import models
from django.utils import timezone

from hark.brands.models import Brand, Member

from .case import Case


class Regrouping(models.Model):
    """A merge or a split: which messages moved from which case to which, so that it can be undone."""

    class Kind(models.TextChoices):
        MERGE = "merge"
        SPLIT = "split"

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind)
    source = models.ForeignKey(Case, models.CASCADE, related_name="regroupings_from")
    target = models.ForeignKey(Case, models.CASCADE, related_name="regroupings_to")
    messages = models.JSONField(default=list)  # ids moved
    before = models.JSONField(default=dict)  # state of the source before, for undo
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id} → {self.target_id}"
