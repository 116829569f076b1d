"""A case and its live parts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from hark.actions.views import panel as actions_panel
from hark.brands.access import AgentRequest
from hark.brands.permissions import Permission
from hark.cases import actions, arc
from hark.cases.context.thread import conversation, seen_by_now
from hark.cases.context.why import reasons
from hark.cases.forms import NoteForm
from hark.cases.models import AskedHow, Case, Presence, Snooze
from hark.channels.registry import network_of
from hark.clocks.views import panel as promises
from hark.customers.views.person import who
from hark.replies.views.composer import composer_of

from .beside import marks
from .queue import pane
from .shared import case_for, case_url, queue_query, reads, works

UNDO_SHOWN = timedelta(days=1)  # how long a case offers to take a merge back


@reads
def case(request: AgentRequest, pk: int) -> HttpResponse:
    """The page: queue at the left, the case in the middle, the person at the right."""
    found = case_for(request, pk)
    if found.merged_into_id:
        return HttpResponseRedirect(case_url(found.merged_into, request) if found.merged_into else "")
    if request.member.may(Permission.REPLY) and found.unread:
        actions.mark_read(found)
    composer = composer_of(request, found) if request.member.may(Permission.REPLY) else None
    return page_with(request, found, composer=composer)


def page_with(request: AgentRequest, case: Case, *, composer: Any, status: int = 200) -> HttpResponse:
    """The whole page around a composer: fresh, or with what could not be sent."""
    parts = {**pane(request, case), **head(request, case), **said(request, case), **beside(request, case)}
    return render(request, "cases/case.html", {**parts, "composer": composer}, status=status)


@reads
def header(request: AgentRequest, pk: int) -> HttpResponse:
    """Name, facts, who else is here, and the care arc."""
    return render(request, "cases/_head.html", head(request, case_for(request, pk)))


@reads
def thread(request: AgentRequest, pk: int) -> HttpResponse:
    """What was said, in both places."""
    found = case_for(request, pk)
    context = {"case": found, **said(request, found)}
    seen = request.GET.get("seen_version", "")
    if seen.isdecimal() and len(seen) < 10:
        context["seen_version"] = seen_by_now(found, request.member, int(seen))
    return render(request, "cases/_thread.html", context)


@reads
def panels(request: AgentRequest, pk: int) -> HttpResponse:
    """What stands beside; 204 where nothing has happened since what the page has seen."""
    found = case_for(request, pk)
    if request.GET.get("seen") == str(marks(found).event):
        return HttpResponse(status=204)
    return render(request, "cases/_beside.html", beside(request, found))


@reads
def who_is_here(request: AgentRequest, pk: int) -> HttpResponse:
    """Colleagues who look at the case, asked for when one comes or goes."""
    found = case_for(request, pk)
    return render(request, "cases/_presence.html", {"case": found, "here": here(found, request)})


@works
@require_POST
def look(request: AgentRequest, pk: int) -> HttpResponse:
    """The page says that its reader is still here, and whether they write. Answers with who else is."""
    found = case_for(request, pk)
    actions.look(found, request.member, writing=request.POST.get("writing") == "1")
    return render(request, "cases/_presence.html", {"case": found, "here": here(found, request)})


@works
@require_POST
def leave(request: AgentRequest, pk: int) -> HttpResponse:
    actions.leave(case_for(request, pk), request.member)
    return HttpResponse(status=204)


def here(case: Case, request: AgentRequest) -> list[Presence]:
    """Colleagues who look at the case now."""
    fresh = timezone.now() - Presence.LASTS
    others = case.presences.filter(seen_at__gte=fresh).exclude(member=request.member)
    return list(others.select_related("member__user").order_by("-writing", "seen_at")[:5])


def head(request: AgentRequest, case: Case) -> dict[str, Any]:
    asleep = (
        Snooze.objects.filter(case=case, ended_at=None).first() if case.state == Case.State.SNOOZED else None
    )
    return {
        "case": case,
        "channel": network_of(case.channel).can,
        "steps": arc.steps(case),
        "here": here(case, request),
        "asleep": asleep,
        "case_tags": list(case.tags.all()),
        "queue_query": queue_query(request),
    }


def said(request: AgentRequest, case: Case) -> dict[str, Any]:
    focus = request.GET.get("message", "")
    number = int(focus) if focus.isdecimal() and len(focus) < 19 else None
    return {
        "conversation": conversation(
            case,
            public_before=request.GET.get("public_before", ""),
            private_before=request.GET.get("private_before", ""),
            focus=number,
        ),
        "focus": number,
        "regrouped": case.regroupings_to.filter(undone_at=None, at__gte=timezone.now() - UNDO_SHOWN)
        .select_related("by__user")
        .order_by("-pk")
        .first(),
        "queue_query": queue_query(request),
    }


def beside(request: AgentRequest, case: Case) -> dict[str, Any]:
    return {
        "case": case,
        "reasons": reasons(case),
        "case_notes": list(case.notes.select_related("member__user")),
        "note_form": NoteForm(),
        "queue_query": queue_query(request),
        **who(case.person),
        "marks": marks(case),
        "resolution": case.resolutions.select_related("by__user").first(),
        "asked_how": AskedHow.objects.filter(case=case).select_related("by__user", "case").first(),
        **promises.of_case(case),
        **actions_panel.of_case(request, case),
    }
