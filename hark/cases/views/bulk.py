"""One deed on many cases: chosen in the queue, asked once, answered case by case, taken back where that is possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hark.brands.access import AgentRequest
from hark.brands.models import Member
from hark.cases import actions
from hark.cases.errors import NotPossible
from hark.cases.forms import AssignForm, PriorityForm, ReasonForm, SnoozeForm, TagForm, known_tags
from hark.cases.models import Case
from hark.journeys import closing

from .shared import works

MOST = 200
SALT = "hark.cases.bulk"
LASTS_SECONDS = 3600  # how long the way back stays open

TITLES = {
    "assign": gettext_lazy("Assign"),
    "tag": gettext_lazy("Tag"),
    "priority": gettext_lazy("Change the priority"),
    "snooze": gettext_lazy("Snooze"),
    "close": gettext_lazy("Close silently"),
}


@dataclass(frozen=True)
class Outcome:
    """What became of one case."""

    case: Case
    problem: str = ""


@works
def bulk(request: AgentRequest) -> HttpResponse:
    """GET asks what the deed needs, POST does it to every chosen case and shows the result case by case."""
    values = request.POST if request.method == "POST" else request.GET
    deed = values.get("deed", "")
    chosen = _chosen(request, values.getlist("case"))
    if deed not in TITLES or not chosen:
        return HttpResponseRedirect(reverse("cases:queue", args=[request.brand.slug]))
    form = _form(deed, request)
    if request.method == "POST" and form.is_valid():
        outcomes, before = _do(deed, chosen, form.cleaned_data, request.member)
        back = signing.dumps({"deed": deed, "before": before}, salt=SALT, compress=True) if before else ""
        return _show(request, deed, chosen, form, outcomes=outcomes, undo=back, status=200)
    return _show(request, deed, chosen, form, status=422 if request.method == "POST" else 200)


@works
@require_POST
def undo(request: AgentRequest) -> HttpResponse:
    """Take a deed on many cases back, where a case is still as the deed left it."""
    try:
        kept = signing.loads(request.POST.get("undo", ""), salt=SALT, max_age=LASTS_SECONDS)
    except signing.BadSignature:
        return _show(request, "", [], None, status=422)
    deed, before = kept["deed"], {int(pk): value for pk, value in kept["before"].items()}
    chosen = _chosen(request, [str(pk) for pk in before])
    outcomes = [
        _one(case, lambda case: _take_back(deed, case, before[case.pk], request.member)) for case in chosen
    ]
    return _show(request, deed, chosen, None, outcomes=outcomes, taken_back=True, status=200)


def _chosen(request: AgentRequest, pks: list[str]) -> list[Case]:
    wanted = [int(pk) for pk in pks[:MOST] if pk.isdecimal() and len(pk) < 19]
    rows = Case.objects.visible_to(request.member).filter(pk__in=wanted)
    return list(
        rows.select_related("brand", "person", "assignee__user")
        .prefetch_related("tags")
        .order_by("hurts_at", "id")
    )


def _form(deed: str, request: AgentRequest) -> forms.Form:
    data = request.POST if request.method == "POST" else None
    match deed:
        case "assign":
            return AssignForm(data, member=request.member)
        case "tag":
            return TagForm(data)
        case "priority":
            return PriorityForm(data, initial={"priority": Case.Priority.HIGH})
        case "snooze":
            return SnoozeForm(data)
    return ReasonForm(data)


def _do(
    deed: str, chosen: list[Case], wish: dict[str, Any], member: Member
) -> tuple[list[Outcome], dict[int, Any]]:
    """Do it case by case: one that refuses does not hold up the others. Also what each was like before, for the way back."""
    before: dict[int, Any] = {}
    outcomes = []
    for case in chosen:
        was: Any = None
        match deed:
            case "assign":
                was = case.assignee_id
            case "priority":
                was = case.priority
            case "tag":
                had = any(tag.name.lower() == wish["name"].strip().lower() for tag in case.tags.all())
                was = None if had else wish["name"]
        outcome = _one(case, _deed(deed, wish, member))
        outcomes.append(outcome)
        if not outcome.problem and not (deed == "tag" and was is None):
            before[case.pk] = was
    return outcomes, before


def _deed(deed: str, wish: dict[str, Any], member: Member) -> Callable[[Case], Any]:
    match deed:
        case "assign":
            return lambda case: actions.assign(case, wish["to"], by=member, why=wish["why"])
        case "tag":
            return lambda case: actions.add_tag(case, wish["name"], by=member)
        case "priority":
            return lambda case: actions.set_priority(case, wish["priority"], by=member, why=wish["why"])
        case "snooze":
            until: datetime = wish["until"]
            return lambda case: actions.snooze(case, until, by=member, reason=wish["reason"])
    return lambda case: closing.close_silently(case, by=member, reason=wish["reason"])


def _take_back(deed: str, case: Case, was: Any, member: Member) -> None:
    why = _("taken back")
    match deed:
        case "assign":
            to = (
                Member.objects.active().filter(brand=case.brand_id, pk=was).select_related("user").first()
                if was
                else None
            )
            actions.assign(case, to, by=member, why=why)
        case "tag":
            for tag in case.tags.all():
                if tag.name.lower() == str(was).strip().lower():
                    actions.remove_tag(case, tag, by=member)
        case "priority":
            actions.set_priority(case, was, by=member, why=why)
        case "snooze":
            actions.wake(case, by=member, why=why)
        case _:
            closing.reopen(case, by=member, why=why)


def _one(case: Case, deed: Callable[[Case], Any]) -> Outcome:
    try:
        with transaction.atomic():
            deed(case)
    except NotPossible as problem:
        return Outcome(case, str(problem))
    return Outcome(case)


def _show(
    request: AgentRequest, deed: str, chosen: list[Case], form: forms.Form | None, *, status: int, **more: Any
) -> HttpResponse:
    context = {
        "deed": deed,
        "title": TITLES.get(deed, _("That is too long ago")),
        "chosen": chosen,
        "form": form,
        "known_tags": known_tags(request.brand) if deed == "tag" and form else [],
        "frame": "cases/_layer.html" if request.htmx else "cases/layer_page.html",
        "back": reverse("cases:queue", args=[request.brand.slug]),
        **more,
    }
    response = render(request, "cases/bulk.html", context, status=status)
    if more.get("outcomes"):
        response["HX-Trigger"] = '{"hark:changed": {}}'
    return response
