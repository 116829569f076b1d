"""Complaints that nobody has answered: empty, or it says why (mission D3)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hark.brands.access import AgentRequest
from hark.cases.models import Case, Event

from .shared import reads

SHOWN = 100


@require_safe
@reads
def unanswered(request: AgentRequest) -> HttpResponse:
    """Who still waits for a first answer, and what was closed without one: by whom, and why."""
    mine = Case.objects.visible_to(request.member).filter(first_reply_at=None, imported=False)
    waiting = mine.open().select_related("person", "assignee__user").order_by("opened_at", "id")
    closed = Event.objects.filter(case__in=mine.closed().values("pk"), kind=Event.Kind.CLOSED_UNANSWERED)
    context = {
        "waiting": list(waiting[:SHOWN]),
        "waiting_count": waiting.count(),
        "closed": list(closed.select_related("case__person", "member__user").order_by("-id")[:SHOWN]),
        "closed_count": closed.count(),
    }
    return render(request, "cases/unanswered.html", context)
