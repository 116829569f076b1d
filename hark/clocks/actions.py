"""Starting and stopping clocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from hark import bulk
from hark.cases.models import Case
from hark.cases.place import Place

from .models import Clock


def start(touched: Iterable[Place]) -> None:
    """Run the first-response clock of every case that has just begun, in calendar minutes from its first message."""
    bulk.insert(
        Clock,
        ["brand_id", "case_id", "kind", "started_at", "due_at"],
        [
            (
                place.brand.pk,
                place.id,
                Clock.Kind.FIRST_RESPONSE,
                place.opened_at,
                place.opened_at + place.brand.first_response_target,
            )
            for place in touched
            if place.is_new and not place.archived
        ],
    )


def stop_first_response(case: Case, at: datetime) -> None:
    """A person has answered. Stopping twice keeps the first time."""
    Clock.objects.filter(case=case, kind=Clock.Kind.FIRST_RESPONSE, stopped_at=None).update(stopped_at=at)
    Case.objects.filter(pk=case.pk).update(due_at=None)
    case.due_at = None
