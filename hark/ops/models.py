"""What the operator's part of Hark remembers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BackupRun(models.Model):
    """A backup that was tried. Written when it ended; one that was killed leaves no row, only a gap."""

    class Why(models.TextChoices):
        HAND = "hand", _("by hand")
        SCHEDULE = "schedule", _("by schedule")
        UPGRADE = "upgrade", _("before an update")

    why = models.CharField(max_length=10, choices=Why)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    place = models.TextField()  # a path, or s3://…; never a secret
    size = models.BigIntegerField(default=0, db_default=0)  # bytes
    verified_at = models.DateTimeField(null=True)  # restored into a scratch database and compared
    problem = models.TextField(blank=True, default="", db_default="")  # empty: it is good

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="backups_by_time")]

    def __str__(self) -> str:
        return self.place
