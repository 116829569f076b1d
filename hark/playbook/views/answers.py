"""Answers of record: the list, one of them, its versions, and where an old fact was said."""

from __future__ import annotations

import difflib
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hark.brands.access import AgentRequest
from hark.brands.models import Location
from hark.brands.permissions import Permission
from hark.journeys import policy
from hark.playbook import actions, suggesting, uses
from hark.playbook.content import Content, lines_of
from hark.playbook.forms import SuggestionForm, WhyForm
from hark.playbook.models import EXPIRES_SOON, Answer, Suggestion, Version
from hark.playbook.outcome import outcome, went_well
from hark.web.problems import NotPossible

from .shared import approves, changes, page_number, reads, suggests, tabs

SIZE = 40
DAYS = (7, 30, 90)
STATES = ("holds", "waiting", "ending", "over", "retired")


@reads
def answers(request: AgentRequest) -> HttpResponse:
    """The list: all, by state, by subject, or what fits some words as a customer would write them."""
    query = " ".join(request.GET.get("q", "").replace("\0", "").split())[:200]
    state = request.GET.get("state", "")
    subject = request.GET.get("subject", "").replace("\0", "")[:60]
    whole = Answer.objects.visible_to(request.member)
    rows = _in_state(whole, state if state in STATES else "")
    if subject:
        rows = rows.filter(subject=subject)
    rows = rows.select_related("owner__user", "current", "brand").order_by("title", "pk")
    if query:
        fitting = [hit.answer for hit in suggesting.suggest(request.brand.pk, query, limit=SIZE)]
        found = {row.pk: row for row in rows.filter(Q(pk__in=fitting) | Q(title__icontains=query))[:SIZE]}
        shown = [found.pop(pk) for pk in fitting if pk in found] + list(found.values())
        more = False
    else:
        first = (page_number(request) - 1) * SIZE
        shown = list(rows[first : first + SIZE + 1])
        shown, more = shown[:SIZE], len(shown) > SIZE
    subjects = (
        whole.filter(retired_at=None)
        .exclude(subject="")
        .order_by("subject")
        .values_list("subject", flat=True)
    )
    context = {
        "tabs": tabs(request, "answers"),
        "q": query,
        "state": state,
        "subject": subject,
        "subjects": subjects.distinct()[:30],
        "answers": shown,
        "next": page_number(request) + 1 if more else "",
        "narrowed": bool(query or state or subject),
        "to_approve": _in_state(whole, "waiting").count(),
    }
    return render(request, "playbook/answers.html", context)


def _in_state(rows: Any, state: str) -> Any:
    today = timezone.localdate()
    match state:
        case "retired":
            return rows.exclude(retired_at=None)
        case "waiting":
            return rows.filter(retired_at=None, versions__approved_at=None).distinct()
        case "over":
            return rows.filter(retired_at=None, valid_until__lt=today)
        case "ending":
            return rows.filter(retired_at=None, valid_until__range=(today, today + EXPIRES_SOON))
        case "holds":
            return rows.holding(today)
    return rows.filter(retired_at=None)


def answer_for(request: AgentRequest, pk: int) -> Answer:
    rows = Answer.objects.visible_to(request.member).select_related(
        "owner__user", "current__approved_by__user", "current__by__user", "retired_by__user"
    )
    answer = get_object_or_404(rows, pk=pk)
    answer.brand = request.brand
    return answer


@reads
def answer(request: AgentRequest, pk: int) -> HttpResponse:
    return _page(request, answer_for(request, pk), SuggestionForm())


def _page(request: AgentRequest, answer: Answer, form: SuggestionForm, status: int = 200) -> HttpResponse:
    versions = list(answer.versions.select_related("by__user", "approved_by__user"))
    newest = versions[0] if versions else None
    shown = answer.current or newest
    since = timezone.now() - timedelta(days=30)
    context = {
        "tabs": tabs(request, "answers"),
        "answer": answer,
        "version": shown,
        "content": shown.content if shown else Content(),
        "places": _places(request),
        "waiting": newest if newest and newest.approved_at is None else None,
        "versions": versions[:12],
        "state": answer.state(),
        "outcome": outcome(answer),
        "went_well": went_well(answer, request.member) if request.member.reads_cases else [],
        "stale": len(uses.stale(answer, request.member, since)) if request.member.reads_cases else 0,
        "suggestions": answer.suggestions.filter(closed_at=None).select_related("by__user")[:10],
        "form": form,
        "may_approve": request.member.may(Permission.APPROVE_ANSWERS),
        "may_change": request.member.may(Permission.CHANGE_PLAYBOOK),
        "may_suggest": request.member.may(Permission.SUGGEST_PLAYBOOK),
    }
    return render(request, "playbook/answer.html", context, status=status)


def _places(request: AgentRequest) -> dict[int, str]:
    return dict(Location.objects.filter(brand=request.brand).values_list("pk", "name"))


@reads
def version(request: AgentRequest, pk: int) -> HttpResponse:
    """A version, and what it changed."""
    found = get_object_or_404(
        Version.objects.select_related("answer", "by__user", "approved_by__user"), pk=pk, brand=request.brand
    )
    before = found.answer.versions.filter(number__lt=found.number).first()
    places = _places(request)
    old, new = lines_of(before.content, places) if before else [], lines_of(found.content, places)
    lines = [
        (line[0], line[2:]) for line in difflib.ndiff([*map(str, old)], [*map(str, new)]) if line[0] != "?"
    ]
    context = {
        "tabs": tabs(request, "answers"),
        "version": found,
        "answer": found.answer,
        "before": before,
        "lines": lines,
        "is_waiting": found.approved_at is None and found == found.answer.versions.first(),
        "may_approve": request.member.may(Permission.APPROVE_ANSWERS) and not found.answer.retired_at,
    }
    return render(request, "playbook/version.html", context)


@approves
@require_POST
def approve(request: AgentRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Version.objects.select_related("answer__brand"), pk=pk, brand=request.brand)
    try:
        policy.approve(found, by=request.member)
        messages.success(request, _("Approved. From now on this is what is said."))
    except NotPossible as problem:
        messages.error(request, str(problem))
    return HttpResponseRedirect(found.answer.get_absolute_url())


@changes
def retire(request: AgentRequest, pk: int) -> HttpResponse:
    answer = answer_for(request, pk)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.retire(answer, by=request.member, why=form.cleaned_data["why"])
            messages.success(request, _("Retired. Nobody is offered it any more."))
            return HttpResponseRedirect(answer.get_absolute_url())
        except NotPossible as problem:
            form.add_error(None, str(problem))
    context = {"tabs": tabs(request, "answers"), "answer": answer, "form": form}
    return render(request, "playbook/retire.html", context, status=422 if request.method == "POST" else 200)


@suggests
@require_POST
def suggest(request: AgentRequest, pk: int) -> HttpResponse:
    answer = answer_for(request, pk)
    form = SuggestionForm(request.POST)
    if not form.is_valid():
        return _page(request, answer, form, status=422)
    actions.suggest_better(answer, form.cleaned_data["text"], by=request.member)
    messages.success(request, _("Thank you. Whoever answers for it sees your suggestion here."))
    return HttpResponseRedirect(answer.get_absolute_url())


@changes
@require_POST
def close_suggestion(request: AgentRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Suggestion.objects.select_related("answer__brand"), pk=pk, brand=request.brand)
    taken = request.POST.get("taken") == "yes"
    actions.close_suggestion(found, by=request.member, taken=taken)
    messages.success(request, _("Taken. Write it into the answer.") if taken else _("Set aside."))
    return HttpResponseRedirect(found.answer.get_absolute_url())


@reads
def said(request: AgentRequest, pk: int) -> HttpResponse:
    """Every place where a fact of this answer was said that is another one now."""
    answer = answer_for(request, pk)
    given = request.GET.get("days", "")
    days = int(given) if given.isdecimal() and len(given) < 4 and int(given) in DAYS else 30
    since = timezone.now() - timedelta(days=days)
    reads_cases = request.member.reads_cases
    context = {
        "tabs": tabs(request, "answers"),
        "answer": answer,
        "days": days,
        "choices": DAYS,
        "stale": uses.stale(answer, request.member, since) if reads_cases else [],
        "elsewhere": uses.said_freely(answer, request.member, since) if reads_cases else [],
    }
    return render(request, "playbook/said.html", context)
