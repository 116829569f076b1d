"""Beside the draft: what was before with this customer, what is approved to be said, and what the brand said last in public.

One fetch once the page stands; it is asked for again only when the customer has said something new, or an answer came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import render

from hark.brands.access import AgentRequest
from hark.brands.permissions import Permission
from hark.cases.context import before
from hark.cases.models import Case, Event, Message
from hark.clocks.views import panel as promises
from hark.moves.views import panel as moves
from hark.playbook.views.beside import answers_for, questions_of

from .shared import case_for, queue_query, reads


@reads
def help_(request: AgentRequest, pk: int) -> HttpResponse:
    """As a part of the case's page; without script, as a page of its own. A constant number of queries."""
    case = case_for(request, pk)
    context: dict[str, Any] = {
        "case": case,
        "queue_query": queue_query(request),
        "cases_before": before.cases_of(case, request.member),
        "posts": before.latest_posts(case, request.member),
        **promises.before(request, case),
        **moves.before(request, case),
    }
    if request.member.may(Permission.REPLY):
        context |= answers_for(request, case)
    return render(request, "cases/_help.html" if request.htmx else "cases/help.html", context)


@dataclass(frozen=True)
class Marks:
    """What the page tells apart by: `event` rises with everything that is done on the case; `help` changes when what stands
    beside the draft has to be looked for anew, because the customer said something or a question was asked or answered."""

    event: int
    help: str


def marks(case: Case) -> Marks:
    """One query: three looks into indexes."""
    said = Message.objects.filter(case=OuterRef("pk"), outbound=False).order_by("-published_at", "-id")
    event, message, asked = Case.objects.values_list(
        Subquery(Event.objects.filter(case=OuterRef("pk")).order_by("-id").values("pk")[:1]),
        Subquery(said.values("pk")[:1]),
        Subquery(questions_of(OuterRef("pk"))),
    ).get(pk=case.pk)
    return Marks(event or 0, f"{case.pk}-{message or 0}-{asked or 0}")
