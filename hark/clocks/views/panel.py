"""The promises that stand beside a case and on the page of a person."""

from __future__ import annotations

from typing import Any

from hark.brands.access import AgentRequest
from hark.cases.models import Case
from hark.clocks.models import Promise
from hark.customers.models import Person

SHOWN = 20


def of_case(case: Case) -> dict[str, Any]:
    """Open ones first, the next to fall due on top; those that were said anew stand in their followers."""
    rows = Promise.objects.of(case).exclude(state=Promise.State.MOVED)
    return {"promises": sorted(rows.select_related("owner__user", "follows")[:SHOWN], key=_order)}


def of_person(request: AgentRequest, person: Person) -> dict[str, Any]:
    rows = Promise.objects.visible_to(request.member).filter(case__person=person)
    rows = rows.exclude(state=Promise.State.MOVED).select_related("owner__user", "case__brand", "follows")
    return {"promises": sorted(rows.order_by("-due_at")[:SHOWN], key=_order)}


def _order(promise: Promise) -> tuple[bool, float]:
    return (not promise.is_open, promise.due_at.timestamp() * (1 if promise.is_open else -1))
