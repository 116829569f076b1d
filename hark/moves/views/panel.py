"""Earlier moves of a person, beside a case of theirs."""

from __future__ import annotations

from typing import Any

from hark.brands.access import AgentRequest
from hark.cases.models import Case
from hark.journeys.ways import place_of, preference
from hark.moves.models import Move

SHOWN = 4


def before(request: AgentRequest, case: Case) -> dict[str, Any]:
    """Where they were invited on other cases that the member may read, and where they like to go. Two queries."""
    mine = Case.objects.visible_to(request.member).filter(person=case.person_id).exclude(pk=case.pk)
    moves = list(Move.objects.filter(case__in=mine.values("pk")).order_by("-at")[:SHOWN])
    for move in moves:
        move.place = place_of(move.mechanism).label  # type: ignore[attr-defined]
    return {"moves_before": moves, "likes": preference(case.person)}
