"""Reviews by place of business."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from hark.brands.access import AgentRequest
from hark.cases.reviews import by_place

from .shared import reads

DAYS = (30, 90, 365)


@reads
def reviews(request: AgentRequest) -> HttpResponse:
    """How each account is reviewed, in the last thirty days or as many as asked for."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else DAYS[0]
    context = {
        "rows": by_place(request.member, timezone.now() - timedelta(days=days)),
        "days": days,
        "spans": DAYS,
    }
    return render(request, "cases/reviews.html", context)
