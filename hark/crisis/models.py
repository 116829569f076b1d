"""Incidents: a crisis that a lead has declared, and ended. What is kept is the history: no row is ever deleted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member
from hark.cases.models import Case
from hark.replies import voice


class IncidentRows(models.QuerySet["Incident"]):
    def visible_to(self, member: Member) -> IncidentRows:
        """Everybody of the brand may know that it is in a crisis."""
        return self.filter(brand=member.brand_id)

    def open(self) -> IncidentRows:
        return self.filter(ended_at=None)


class Incident(models.Model):
    """A crisis of the brand, or of one known issue: then of the cases whose customers speak of it."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="incidents")
    issue = models.CharField(_("known issue"), max_length=120, blank=True)  # its words; '': the whole brand
    what = models.CharField(_("what has happened"), max_length=200)
    declared_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("how it ended"), max_length=200, blank=True)

    objects = IncidentRows.as_manager()

    class Meta:
        ordering = ["-declared_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "issue"], condition=Q(ended_at=None), name="one_open_incident"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="an_end_has_a_name",
            ),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    def touches(self, told: str) -> bool:
        """Whether a customer who has written this is part of it."""
        return not self.issue or voice.speaks_of(self.issue, told)


def of(case: Case, told: str) -> Incident | None:
    """The open incident that a case is part of, by what its customer has written; the newest, of an issue before the brand's."""
    rows = Incident.objects.open().filter(brand=case.brand_id)
    found = [incident for incident in rows if incident.touches(told)]
    return min(found, key=lambda incident: not incident.issue, default=None)
