"""The history of a case: who, when, what, why."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from hark.brands.access import AgentRequest
from hark.cases.context.history import page

from .shared import case_for, case_url, reads


@reads
def history(request: AgentRequest, pk: int) -> HttpResponse:
    case = case_for(request, pk)
    context = {
        "case": case,
        "history": page(case, before=request.GET.get("before", "")),
        "back": case_url(case, request),
    }
    return render(request, "cases/_history.html" if request.htmx else "cases/history.html", context)
