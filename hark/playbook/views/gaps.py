"""Questions without an answer of record: who was asked, until when, and who waits for it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.cases.models import Case
from hark.journeys import policy
from hark.playbook.forms import GapForm
from hark.playbook.models import Gap
from hark.web.problems import NotPossible

from .shared import tabs

opens = member_may(Permission.READ_PLAYBOOK, Permission.ANSWER_QUESTION)
LAST = 30


@opens
def home(request: AgentRequest) -> HttpResponse:
    """The first page of the playbook that this member may read."""
    first = "playbook:answers" if request.member.may(Permission.READ_PLAYBOOK) else "playbook:gaps"
    return redirect(first, request.brand.slug)


@opens
def gaps(request: AgentRequest) -> HttpResponse:
    """What is open, most urgent first, and what was answered lately."""
    rows = Gap.objects.visible_to(request.member).select_related(
        "asked__user", "by__user", "answered_by__user", "answer"
    )
    context = {
        "tabs": tabs(request, "gaps"),
        "open": rows.open().prefetch_related("waiting").order_by("due_at")[:200],
        "answered": rows.exclude(answered_at=None).order_by("-answered_at")[:LAST],
    }
    return render(request, "playbook/gaps.html", context)


@opens
def gap(request: AgentRequest, pk: int) -> HttpResponse:
    """One question: the place to answer it, and everybody who waits, each a press away."""
    rows = Gap.objects.visible_to(request.member).select_related(
        "asked__user", "by__user", "answered_by__user", "answer__current"
    )
    found = get_object_or_404(rows, pk=pk)
    found.brand = request.brand
    may_answer = found.answered_at is None and (
        found.asked_id == request.member.pk
        or request.member.may(Permission.CHANGE_PLAYBOOK)
        or request.member.may(Permission.APPROVE_ANSWERS)
    )
    form = GapForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            policy.answer(found, by=request.member, **_given(form))
        except NotPossible as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(
                request, _("Answered. It goes back to everybody who waits, in an agent’s own words.")
            )
            return HttpResponseRedirect(found.get_absolute_url())
    waiting = found.waiting.select_related(
        "case__person", "case__assignee__user", "by__user", "reply"
    ).order_by("at")
    visible = set(
        Case.objects.visible_to(request.member).filter(gaps_waited__gap=found).values_list("pk", flat=True)
    )
    for row in waiting:
        row.case.brand = request.brand
    context = {
        "tabs": tabs(request, "gaps"),
        "gap": found,
        "waiting": waiting,
        "visible": visible,
        "form": form,
        "may_answer": may_answer,
    }
    return render(request, "playbook/gap.html", context, status=422 if form.errors else 200)


def _given(form: GapForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("text", "own", "private")}
