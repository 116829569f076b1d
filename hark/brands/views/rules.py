"""The brand itself: its name, its target and its rules."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hark.brands import settings_tabs
from hark.brands.access import AgentRequest, any_member, member_may
from hark.brands.models import Brand
from hark.brands.permissions import Permission
from hark.brands.settings_forms import RulesForm


@require_safe
@any_member
def settings(request: AgentRequest) -> HttpResponse:
    """To the first page of settings that the member may open; without any, to their own."""
    tabs = settings_tabs.shown(request)
    return redirect(tabs[0].href if tabs else "brands:profile")


@require_http_methods(["GET", "POST"])
@member_may(Permission.CHANGE_TARGETS)
def rules(request: AgentRequest) -> HttpResponse:
    brand = Brand.objects.get(pk=request.brand.pk)  # its own copy: a refused name must not show in the rail
    form = RulesForm(request.POST or None, instance=brand)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("brands:rules", request.brand.slug)
    context = {"form": form, "tabs": settings_tabs.shown(request)}
    return render(request, "brands/rules.html", context, status=422 if form.errors else 200)
