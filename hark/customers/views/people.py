"""Everybody who ever wrote, newest first, and found by name or handle."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.customers.models import Person

SIZE = 40


@member_may(Permission.READ_TEAM_CASES, Permission.READ_ALL_CASES)
def people(request: AgentRequest) -> HttpResponse:
    query = " ".join(request.GET.get("q", "").replace("\0", "").split())[:100]
    rows = Person.objects.visible_to(request.member)
    if query:
        rows = rows.named(query, request.brand.pk)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.prefetch_related("profiles").order_by("-pk")[: SIZE + 1])
    context = {
        "q": query,
        "people": found[:SIZE],
        "next": found[SIZE - 1].pk if len(found) > SIZE else "",
        "is_first": not before,
        "sees_people": not request.member.is_local
        and (request.member.may(Permission.READ_ALL_CASES) or request.brand.agents_see_all),
    }
    return render(request, "customers/people.html", context)
