"""Covered details of a message: shown for a reason, or asked to be removed."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.cases.errors import NotPossible
from hark.cases.forms import ReasonForm
from hark.cases.models import Case, Message
from hark.journeys import personal

from .shared import ask, case_for, case_url, failed, go, refuse, works


def _message(request: AgentRequest, pk: int) -> tuple[Case, Message]:
    mine = Case.objects.visible_to(request.member)
    message = get_object_or_404(Message.objects.filter(case__in=mine), pk=pk)
    return case_for(request, message.case_id or 0), message


@require_http_methods(["GET", "POST"])
@member_may(Permission.REVEAL)
def reveal(request: AgentRequest, pk: int) -> HttpResponse:
    """The reason first; then the details, on this answer alone."""
    case, message = _message(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            details = personal.reveal(case, message, by=request.member, reason=form.cleaned_data["reason"])
        except NotPossible as problem:
            refuse(form, problem)
        else:
            context = {
                "case": case,
                "title": _("Personal details"),
                "details": details,
                "back": case_url(case, request),
                "frame": "cases/_layer.html" if request.htmx else "cases/layer_page.html",
            }
            answer = render(request, "cases/revealed.html", context)
            answer["Cache-Control"] = "no-store"
            return answer
    return ask(
        request,
        case,
        form,
        title=_("Show personal details"),
        press=_("Show them"),
        lead=_("Say what you need them for. It stays in the history of the case, with your name."),
    )


@works
@require_POST
def ask_removal(request: AgentRequest, pk: int) -> HttpResponse:
    """A kind request as a draft in the composer; a person sends it."""
    case, message = _message(request, pk)
    try:
        personal.ask_to_remove(case, message, by=request.member)
    except NotPossible as problem:
        return failed(request, case, problem)
    address = case_url(case, request, to="public") + "#reply"
    if not request.htmx:
        return HttpResponseRedirect(address)
    return go(request, address, _("The request is in the composer. Make it yours."))
