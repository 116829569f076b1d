"""Declaring a crisis and ending it: both have a name and a time, and everybody's screen knows at once."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Brand, Member
from hark.brands.permissions import Permission
from hark.live import bus, topics
from hark.web.problems import NotPossible

from .models import Incident

log = structlog.get_logger(__name__)


@transaction.atomic
def declare(brand: Brand, *, what: str, issue: str = "", by: Member) -> Incident:
    """From now on it is a crisis. Declaring the same again gives the incident that is open. Raises NotPossible."""
    _may(by, brand.pk)
    what = " ".join(what.replace("\0", "").split())[:200]
    if not what:
        raise NotPossible(_("Say in a few words what has happened."))
    if issue and issue not in brand.voice.get("known_issues", []):
        raise NotPossible(_("“%(issue)s” is none of the known issues.") % {"issue": issue})
    incident, made = Incident.objects.get_or_create(
        brand=brand, issue=issue, ended_at=None, defaults={"what": what, "declared_by": by}
    )
    if made:
        log.warning("crisis.declared", incident=incident.pk, brand=brand.pk, by=by.pk)
        bus.publish(topics.crisis(brand.pk))
    return incident


@transaction.atomic
def end(incident: Incident, *, outcome: str = "", by: Member) -> bool:
    """It is over. False when somebody has ended it before: the first name stays."""
    _may(by, incident.brand_id)
    row = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    if not row.is_open:
        return False
    row.ended_by, row.ended_at = by, timezone.now()
    row.outcome = " ".join(outcome.replace("\0", "").split())[:200]
    row.save(update_fields=["ended_by", "ended_at", "outcome"])
    log.warning("crisis.ended", incident=row.pk, brand=row.brand_id, by=by.pk)
    bus.publish(topics.crisis(row.brand_id))
    return True


def _may(by: Member, brand_id: int) -> None:
    if not by.may(Permission.RUN_CRISIS) or by.brand_id != brand_id:
        raise NotPossible(_("Your role does not declare or end a crisis."))
