"""Settings, Actions: what agents can have done, where it is called, and who may up to how much."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hark.actions.forms import ActionForm
from hark.actions.models import Action
from hark.brands import settings_tabs
from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission

manages = member_may(Permission.MANAGE_ACCOUNTS)


@require_http_methods(["GET", "POST"])
@manages
def actions(request: AgentRequest) -> HttpResponse:
    return _page(request, Action())


@require_http_methods(["GET", "POST"])
@manages
def action(request: AgentRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(Action, brand=request.brand, pk=pk))


def _page(request: AgentRequest, row: Action) -> HttpResponse:
    """After declaring one, its own page shows the secret that the other system checks calls with."""
    is_new = row.pk is None
    form = ActionForm(request.POST or None, instance=row, brand=request.brand)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(request, _("Saved."))
        if is_new:
            return redirect("actions:setting", request.brand.slug, saved.pk)
        return redirect("actions:settings", request.brand.slug)
    context = {
        "form": form,
        "changing": None if is_new else Action.objects.get(pk=row.pk),
        "rows": Action.objects.filter(brand=request.brand),
        "tabs": settings_tabs.shown(request),
    }
    return render(request, "actions/settings.html", context, status=422 if form.errors else 200)
