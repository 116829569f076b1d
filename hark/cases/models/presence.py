from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

from hark.brands.models import Member

from .case import Case


class Presence(models.Model):
    """Who looks at a case now, and whether they are writing. Renewed by the open page; stale after 40 seconds."""

    LASTS = timedelta(seconds=40)

    case = models.ForeignKey(Case, models.CASCADE, related_name="presences")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)
    writing = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "member"], name="one_presence_per_member")]

    def __str__(self) -> str:
        return f"{self.member_id} on {self.case_id}"
