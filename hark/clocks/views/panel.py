"""The promises that stand beside a case and on the page of a person."""

from __future__ import annotations

from typing import Any

from hark.brands.access import AgentRequest
from hark.cases.models import Case
from hark.clocks.models import Promise
from hark.customers.models import Person

SHOWN = 20
UNKEPT_SHOWN = 3


def of_case(case: Case) -> dict[str, Any]:
    """Open ones first, the next to fall due on top; those that were said anew stand in their followers."""
    rows = Promise.objects.of(case).exclude(state=Promise.State.MOVED)
    return {"promises": sorted(rows.select_related("owner__user", "follows")[:SHOWN], key=_order)}


def of_person(request: AgentRequest, person: Person) -> dict[str, Any]:
    rows = Promise.objects.visible_to(request.member).filter(case__person=person)
    rows = rows.exclude(state=Promise.State.MOVED).select_related("owner__user", "case__brand", "follows")
    return {"promises": sorted(rows.order_by("-due_at")[:SHOWN], key=_order)}


def before(request: AgentRequest, case: Case) -> dict[str, Any]:
    """What was promised to the same person on other cases: how much of it was kept, and what was not. One query."""
    rows = Promise.objects.visible_to(request.member).filter(case__person=case.person_id).exclude(case=case)
    rows = rows.exclude(state=Promise.State.MOVED).exclude(case__merged_into=case)
    found = sorted(rows.select_related("owner__user").order_by("-due_at")[:SHOWN], key=_order)
    kept = [promise for promise in found if promise.state == Promise.State.KEPT and not promise.was_late]
    return {
        "promises_kept": len(kept),
        "promises_before": [promise for promise in found if promise not in kept][:UNKEPT_SHOWN],
    }


def _order(promise: Promise) -> tuple[bool, float]:
    return (not promise.is_open, promise.due_at.timestamp() * (1 if promise.is_open else -1))
