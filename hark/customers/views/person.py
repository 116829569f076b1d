"""One customer: their profiles, their cases, what the team knows, and whom they were joined with."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.clocks.views import panel
from hark.customers import merging
from hark.customers.forms import PersonForm
from hark.customers.models import Merge, Person
from hark.web.problems import NotPossible

reads = member_may(Permission.READ_TEAM_CASES, Permission.READ_ALL_CASES, Permission.ANSWER_QUESTION)
works = member_may(Permission.REPLY)
CASES_SHOWN = 50
EARLIER_SHOWN = 4


@reads
def person(request: AgentRequest, pk: int) -> HttpResponse:
    """The page; with POST, the name and what the team should know."""
    found = person_for(request, pk)
    if found.merged_into_id:
        return HttpResponseRedirect(_address(request, found.merged_into_id))
    may_change = request.member.may(Permission.REPLY)
    form = PersonForm(request.POST if request.method == "POST" and may_change else None, instance=found)
    status = 200
    if request.method == "POST":
        if not may_change:
            return HttpResponse(status=403)
        if form.is_valid():
            form.save()
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(_address(request, pk))
        status = 422
        found = person_for(request, pk)  # the page shows what is stored, the form what was typed
    cases = found.cases.visible_to(request.member).exclude(state=5).order_by("-last_activity_at", "-id")
    context = {
        **facts(request, found),
        "form": form,
        "cases": list(cases.select_related("assignee__user").prefetch_related("tags")[:CASES_SHOWN]),
        "suggestions": merging.suggestions(found) if may_change else [],
        "merges": list(found.merges.select_related("gone", "by__user", "undone_by__user").order_by("-id")),
        "may_change": may_change,
        **panel.of_person(request, found),
    }
    return render(request, "customers/person.html", context, status=status)


@works
def merge(request: AgentRequest, pk: int, other: int) -> HttpResponse:
    """Two people side by side, before they are joined; POST joins `other` into this one."""
    kept, gone = person_for(request, pk), person_for(request, other)
    problem = ""
    if request.method == "POST":
        try:
            merging.merge(gone, into=kept, by=request.member)
        except NotPossible as reason:
            problem = str(reason)
        else:
            messages.success(request, _("Joined. You can take it back below."))
            return HttpResponseRedirect(_address(request, kept.pk))
    context = {
        "kept": facts(request, kept),
        "gone": facts(request, gone),
        "problem": problem,
    }
    return render(request, "customers/merge.html", context, status=422 if problem else 200)


@works
@require_POST
def undo(request: AgentRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Merge.objects.filter(brand=request.brand), pk=pk)
    person_for(request, row.kept_id)
    try:
        merging.undo(row, by=request.member)
    except NotPossible as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Two people again."))
    return HttpResponseRedirect(_address(request, row.kept_id))


def person_for(request: AgentRequest, pk: int) -> Person:
    """The person, if this member may read all people, or a case of this one; else 404."""
    rows = Person.objects.filter(brand=request.brand).prefetch_related("profiles")
    found = get_object_or_404(rows, pk=pk)
    if Person.objects.visible_to(request.member).filter(pk=found.merged_into_id or pk).exists():
        return found
    if not found.cases.visible_to(request.member).exists():
        raise Http404
    return found


def facts(request: AgentRequest, person: Person, but: Any = None) -> dict[str, Any]:
    """What the pane beside a case says of its person. `but` is the case that is open already."""
    theirs = person.cases.visible_to(request.member).exclude(state=5)
    if but is not None:
        theirs = theirs.exclude(pk=but.pk)
    earlier = list(theirs.order_by("-last_activity_at", "-id")[: EARLIER_SHOWN + 1])
    langs = dict.fromkeys(case.snippet_lang for case in [but, *earlier] if case and case.snippet_lang)
    return {
        **who(person),
        "earlier": earlier[:EARLIER_SHOWN],
        "more_cases": len(earlier) > EARLIER_SHOWN,
        "langs": list(langs),
    }


def who(person: Person) -> dict[str, Any]:
    """Their profiles, and since when they are known. One query."""
    profiles = list(person.profiles.order_by("first_seen_at", "id"))
    return {
        "person": person,
        "profiles": profiles,
        "since": min([profile.first_seen_at for profile in profiles], default=person.created_at),
    }


def _address(request: AgentRequest, pk: int) -> str:
    return reverse("customers:person", args=[request.brand.slug, pk])
