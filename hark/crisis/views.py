"""The brand's crises: the one that lasts, those that are over, and who declared and ended them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hark.brands.access import AgentRequest, any_member, member_may
from hark.brands.permissions import Permission
from hark.crisis import actions
from hark.crisis.forms import EndForm, IncidentForm
from hark.crisis.models import Incident
from hark.web.problems import NotPossible

LISTED = 50


@require_safe
@any_member
def banner(request: AgentRequest) -> HttpResponse:
    """What stands above every page while a crisis lasts."""
    return render(request, "crisis/_banner.html")


@require_http_methods(["GET", "POST"])
@member_may(Permission.RUN_CRISIS)
def crises(request: AgentRequest) -> HttpResponse:
    """Declare one; end the open ones; read who did so before."""
    form = IncidentForm(request.POST or None, brand=request.brand)
    if request.method == "POST" and form.is_valid():
        wish = form.cleaned_data
        try:
            actions.declare(request.brand, what=wish["what"], issue=wish["issue"], by=request.member)
        except NotPossible as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Declared. Everybody of your brand sees it now."))
            return redirect("crisis:crises", request.brand.slug)
    rows = Incident.objects.visible_to(request.member).select_related("declared_by__user", "ended_by__user")
    context = {
        "form": form,
        "end_form": EndForm(),
        "open_ones": rows.open(),
        "over": rows.exclude(ended_at=None)[:LISTED],
    }
    return render(request, "crisis/crises.html", context, status=422 if form.errors else 200)


@require_POST
@member_may(Permission.RUN_CRISIS)
def end(request: AgentRequest, pk: int) -> HttpResponse:
    incident = get_object_or_404(Incident.objects.visible_to(request.member), pk=pk)
    form = EndForm(request.POST)
    outcome = form.cleaned_data["outcome"] if form.is_valid() else request.POST.get("outcome", "")
    if actions.end(incident, outcome=outcome, by=request.member):
        messages.success(request, _("It is over. Its history stays here."))
    else:
        messages.info(request, _("Somebody had ended it before."))
    return redirect("crisis:crises", request.brand.slug)
