"""Run an action from a case; say yes or no to a colleague's; take its result into the draft."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hark.actions import running
from hark.actions.forms import RunForm
from hark.actions.models import Action, Run
from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.cases.errors import NotPossible
from hark.cases.views.shared import ask, case_for, done, refuse, works
from hark.replies.actions import draft_of, save_draft
from hark.replies.views.composer import composer_of
from hark.replies.views.outbox import with_composer

acts = member_may(Permission.ACT)
decides = member_may(Permission.APPROVE_DRAFTS)


@acts
def run(request: AgentRequest, pk: int, action: int) -> HttpResponse:
    case = case_for(request, pk)
    wanted = get_object_or_404(Action.objects.active().filter(brand=request.brand), pk=action)
    form = RunForm(request.POST or None, action=wanted)
    if request.method == "POST" and form.is_valid():
        try:
            row = running.run(
                wanted, case, by=request.member, values=form.values, press=form.cleaned_data["press"]
            )
        except NotPossible as problem:
            refuse(form, problem)
        else:
            if row.state == Run.State.APPROVAL:
                return done(request, case, _("Beyond your limit: a second person has been asked."))
            return done(request, case, _("%(action)s: on its way.") % {"action": row})
    left = running.left(wanted, case, request.member)
    lead = _("%(left)s %(currency)s of your limit are left for this case. Above it, a second person decides.")
    return ask(
        request,
        case,
        form,
        title=wanted.name,
        press=wanted.name,
        lead=lead % {"left": left, "currency": wanted.currency} if left is not None else "",
    )


@decides
@require_POST
def approve(request: AgentRequest, pk: int) -> HttpResponse:
    row = run_for(request, pk)
    try:
        running.approve(row, by=request.member)
    except NotPossible as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("%(action)s: on its way.") % {"action": row})
    return HttpResponseRedirect(reverse("replies:approvals", args=[request.brand.slug]))


@decides
@require_POST
def decline(request: AgentRequest, pk: int) -> HttpResponse:
    row = run_for(request, pk)
    try:
        running.decline(row, by=request.member, comment=request.POST.get("comment", ""))
    except NotPossible as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Declined. %(name)s sees why.") % {"name": row.by})
    return HttpResponseRedirect(reverse("replies:approvals", args=[request.brand.slug]))


@works
@require_POST
def use(request: AgentRequest, pk: int) -> HttpResponse:
    """The result, in the draft of where the customer spoke last: the agent makes a sentence of it."""
    row = run_for(request, pk)
    case = case_for(request, row.case_id)
    private = composer_of(request, case).private
    written = draft_of(case, request.member, private)
    save_draft(case, request.member, private=private, text=f"{written}\n{row.text}".strip())
    return with_composer(request, case, done(request, case, _("It stands in your draft.")), private=private)


def run_for(request: AgentRequest, pk: int) -> Run:
    rows = Run.objects.visible_to(request.member).select_related("action", "case__brand", "by__user")
    return get_object_or_404(rows, pk=pk)
