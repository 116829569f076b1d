"""Actions beside a case, and those that wait for a second person."""

from __future__ import annotations

from typing import Any

from hark.actions import running
from hark.actions.models import Action, Run
from hark.brands.access import AgentRequest
from hark.brands.permissions import Permission
from hark.cases.models import Case

SHOWN = 10


def of_case(request: AgentRequest, case: Case) -> dict[str, Any]:
    """What can be run here, with what is left of the reader's limit; and what was run."""
    actions: list[Action] = []
    if request.member.may(Permission.ACT):
        actions = list(Action.objects.active().filter(brand=case.brand_id))
        for action in actions:
            action.left = running.left(action, case, request.member)  # type: ignore[attr-defined]
    runs = case.runs.select_related("action", "by__user", "decided_by__user")
    return {"actions": actions, "runs": list(runs[:SHOWN])}


def waiting(request: AgentRequest) -> list[Run]:
    """Those that this member may decide, for the page of approvals."""
    rows = Run.objects.visible_to(request.member).waiting().exclude(by=request.member)
    return list(rows.select_related("action", "case__brand", "case__person", "by__user").order_by("id")[:50])
