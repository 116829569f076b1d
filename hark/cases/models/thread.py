from __future__ import annotations

from django.db import models
from django.db.models import functions
from django.utils import timezone

from hark.brands.models import Brand
from hark.channels.models import Account


class Thread(models.Model):
    """Messages of one public discussion, or of one private conversation, on one account."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    account = models.ForeignKey(
        Account, models.CASCADE, related_name="threads", db_index=False, db_constraint=False
    )
    external_id = models.CharField(max_length=512)
    private = models.BooleanField(default=False)
    url = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=timezone.now, db_default=functions.Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="one_thread_per_discussion")
        ]

    def __str__(self) -> str:
        return self.external_id
