from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from hark.brands.models import Brand


class Tag(models.Model):
    """A word that the team puts on cases."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("brand", Lower("name"), name="one_tag_per_word")]

    def __str__(self) -> str:
        return self.name
