"""Places of business of the brand."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hark.brands import settings_tabs
from hark.brands.access import AgentRequest, member_may
from hark.brands.models import Location
from hark.brands.permissions import Permission
from hark.brands.settings_forms import LocationForm


@require_http_methods(["GET", "POST"])
@member_may(Permission.CHANGE_TARGETS)
def locations(request: AgentRequest) -> HttpResponse:
    return _page(request, LocationForm(request.POST or None, brand=request.brand))


@require_http_methods(["GET", "POST"])
@member_may(Permission.CHANGE_TARGETS)
def location(request: AgentRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Location.objects.visible_to(request.member), pk=pk)
    return _page(
        request, LocationForm(request.POST or None, instance=found, brand=request.brand), renaming=True
    )


def _page(request: AgentRequest, form: LocationForm, *, renaming: bool = False) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("brands:locations", request.brand.slug)
    context = {
        "form": form,
        "renaming": renaming,
        "locations": Location.objects.visible_to(request.member)
        .select_related("brand")
        .prefetch_related("accounts", "members__user")
        .order_by("name"),
        "tabs": settings_tabs.shown(request),
    }
    return render(request, "brands/locations.html", context, status=422 if form.errors else 200)
