from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member

from .case import Case


class Note(models.Model):
    """Words of the team about a case. Never leaves. `@name` asks a member: partners then see this case."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="notes")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="notes")
    text = models.TextField(_("note"), max_length=10_000)
    mentions = models.ManyToManyField(Member, related_name="asked_in", blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text[:60]
