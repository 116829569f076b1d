"""Departments and places that answer: their names and who is in them."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hark.brands import settings_tabs
from hark.brands.access import AgentRequest, member_may
from hark.brands.models import Team
from hark.brands.permissions import Permission
from hark.brands.settings_forms import TeamForm, TeamMembersForm


@require_http_methods(["GET", "POST"])
@member_may(Permission.MANAGE_MEMBERS)
def teams(request: AgentRequest) -> HttpResponse:
    form = TeamForm(request.POST or None, brand=request.brand)
    if request.method == "POST" and form.is_valid():
        return redirect("brands:team", request.brand.slug, form.save().pk)
    rows = Team.objects.visible_to(request.member).order_by("name")
    context = {
        "form": form,
        "teams": rows.annotate(size=Count("members", filter=Q(members__left_at=None))),
        "tabs": settings_tabs.shown(request),
    }
    return render(request, "brands/teams.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@member_may(Permission.MANAGE_MEMBERS)
def team(request: AgentRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Team.objects.visible_to(request.member), pk=pk)
    form = TeamMembersForm(request.POST or None, instance=found, brand=request.brand)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("brands:teams", request.brand.slug)
    context = {"form": form, "tabs": settings_tabs.shown(request)}
    return render(request, "brands/team.html", context, status=422 if form.errors else 200)
