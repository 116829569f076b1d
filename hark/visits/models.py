"""Visitors of the public side: what a browser may read and write, and until when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from hark.brands.models import Brand
from hark.cases.models import Thread
from hark.channels.models import Account
from hark.moves.models import Move


class VisitRows(models.QuerySet["Visit"]):
    def alive(self) -> VisitRows:
        """Visits whose token still opens something."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), account__disconnected_at=None)


class Visit(models.Model):
    """One browser's right to one conversation of one account. Of its token only the hash is stored.

    `thread_name` is the network's name of the conversation (`Thread.external_id`): that of a proven identity is the
    same in every browser. `before` is the conversation that this browser had before its visitor was identified.
    """

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, models.CASCADE, related_name="visits")
    token_hash = models.CharField(max_length=64, unique=True)
    author_id = models.CharField(max_length=255)  # "visitor:…", or "user:…" once proven
    verified = models.BooleanField(default=False)
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    thread_name = models.CharField(max_length=512)
    before = models.CharField(max_length=512, blank=True)
    locale = models.CharField(max_length=16, blank=True)
    move = models.ForeignKey(
        Move, models.CASCADE, null=True, related_name="+"
    )  # the hand-off that it followed
    handoff = models.CharField(
        max_length=200, blank=True
    )  # its token; bound to this visit, so worth nothing elsewhere
    started_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = VisitRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["move"], condition=Q(move__isnull=False), name="first_opener_binds"
            )
        ]

    def __str__(self) -> str:
        return f"{self.author_id} on account {self.account_id}"

    @property
    def thread_names(self) -> list[str]:
        return [name for name in (self.before, self.thread_name) if name]

    def threads(self) -> models.QuerySet[Thread]:
        """Its conversations as far as they have begun."""
        return Thread.objects.filter(account=self.account_id, external_id__in=self.thread_names, private=True)
