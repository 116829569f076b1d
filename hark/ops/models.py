"""What the operator's part of Hark remembers; for how long: retention.py."""

from __future__ import annotations

from typing import Any

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


class Sample(models.Model):
    """One minute of this installation in numbers; which they are: sampling.py."""

    at = models.DateTimeField(primary_key=True)  # the minute; whoever comes first writes it
    numbers: Any = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Probe(models.Model):
    """A practice message on its way from the door to a screen. Neither seconds nor failure: it never came back."""

    at = models.DateTimeField(primary_key=True)  # its turn; whoever comes first takes it
    seconds = models.FloatField(null=True)
    failure = models.CharField(max_length=200, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
