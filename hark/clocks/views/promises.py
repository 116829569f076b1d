"""Promises: made, kept, broken, said anew, given to somebody else; and the page with all of them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.cases.errors import NotPossible
from hark.cases.models import Case
from hark.cases.views.shared import ask, case_for, done, failed, reads, refuse, works
from hark.clocks import promises as verbs
from hark.clocks import spoken
from hark.clocks.forms import AnewForm, BrokenForm, GiveForm, PromiseForm
from hark.clocks.models import Promise, PromiseRows
from hark.replies.models import Draft
from hark.replies.views.outbox import with_composer

PAGE = 50
VIEWS = {
    "mine": gettext_lazy("Mine"),
    "today": gettext_lazy("Due today"),
    "late": gettext_lazy("Late"),
    "open": gettext_lazy("All open"),
    "kept": gettext_lazy("Kept"),
    "broken": gettext_lazy("Broken"),
}


@require_safe
@member_may(Permission.READ_TEAM_CASES, Permission.READ_ALL_CASES)
def promises(request: AgentRequest) -> HttpResponse:
    """Due today, late, kept and broken, of the cases that this member may read."""
    mine = Promise.objects.visible_to(request.member)
    first = "mine" if request.member.may(Permission.REPLY) else "open"
    chosen = request.GET.get("view", "")
    chosen = chosen if chosen in VIEWS else first
    before = request.GET.get("before", "")
    start = int(before) if before.isdecimal() and len(before) < 6 else 0
    rows = _chosen(mine, chosen, request).select_related(
        "case__brand", "case__person", "owner__user", "follows"
    )
    found = list(rows[start : start + PAGE + 1])
    context = {
        "rows": found[:PAGE],
        "next": start + PAGE if len(found) > PAGE else None,
        "views": [(name, label, _count(mine, name, request)) for name, label in VIEWS.items()],
        "chosen": chosen,
        "place": "promises",
    }
    return render(request, "clocks/promises.html", context)


@require_safe
@reads
def due_count(request: AgentRequest) -> HttpResponse:
    """How many of the reader's own promises are late, for the rail."""
    late = Promise.objects.visible_to(request.member).late().filter(owner=request.member)
    return render(request, "cases/_late.html", {"late": late.count()})


@works
def make(request: AgentRequest, pk: int) -> HttpResponse:
    """Promise something on a case. `?words=` fills the form in; without it, the member's own draft does."""
    case = case_for(request, pk)
    zone = verbs.zone_of(case)
    with timezone.override(zone):
        initial = {} if request.method == "POST" else _proposed(request, case, zone)
        form = PromiseForm(request.POST or None, initial=initial, brand=request.brand, zone=str(zone))
        if request.method == "POST" and form.is_valid():
            wish = form.cleaned_data
            try:
                made = verbs.make(
                    case,
                    what=wish["what"],
                    due_at=wish["until"],
                    by=request.member,
                    owner=wish["owner"],
                    press=wish["press"],
                )
            except NotPossible as problem:
                refuse(form, problem)
            else:
                until = verbs.in_words(made.due_at, zone)
                return done(
                    request, case, _("Promised, until %(until)s. Hark reminds you.") % {"until": until}
                )
        return ask(
            request,
            case,
            form,
            title=_("Promise something"),
            press=_("I promise"),
            lead=_("Hark reminds its owner before it is due, and the lead when it is late."),
        )


@works
@require_POST
def keep(request: AgentRequest, pk: int) -> HttpResponse:
    promise = promise_for(request, pk)
    try:
        kept = verbs.keep(promise, by=request.member)
    except NotPossible as problem:
        return failed(request, promise.case, problem)
    said = _("Kept, later than said.") if kept.was_late else _("Kept. Well done.")
    back = reverse("clocks:promises", args=[request.brand.slug]) if "list" in request.POST else ""
    return done(request, promise.case, said, back=back)


@works
def break_it(request: AgentRequest, pk: int) -> HttpResponse:
    promise = promise_for(request, pk)
    form = BrokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.break_it(promise, by=request.member, why=form.cleaned_data["why"])
        except NotPossible as problem:
            refuse(form, problem)
        else:
            return done(request, promise.case, _("Broken, on the record. Does the customer know?"))
    return ask(
        request,
        promise.case,
        form,
        title=_("This promise was broken"),
        press=_("It was broken"),
        lead=f"“{promise.what}”",
    )


@works
def say_anew(request: AgentRequest, pk: int) -> HttpResponse:
    """Another time, with the words for the customer prepared in the composer."""
    promise = promise_for(request, pk)
    zone = ZoneInfo(promise.zone)
    with timezone.override(zone):
        form = AnewForm(
            request.POST or None,
            zone=str(zone),
            initial={"until": _tomorrow(max(promise.due_at, timezone.now()))},
        )
        if request.method == "POST" and form.is_valid():
            wish = form.cleaned_data
            try:
                verbs.say_anew(promise, by=request.member, due_at=wish["until"], why=wish["why"])
            except NotPossible as problem:
                refuse(form, problem)
            else:
                said = _("A new time. The words for the customer are in your draft: send them.")
                return with_composer(request, promise.case, done(request, promise.case, said))
        return ask(
            request,
            promise.case,
            form,
            title=_("Another time"),
            press=_("Promise it anew"),
            lead=f"“{promise.what}”",
        )


@works
def give(request: AgentRequest, pk: int) -> HttpResponse:
    promise = promise_for(request, pk)
    form = GiveForm(request.POST or None, brand=request.brand, initial={"to": str(promise.owner_id or "")})
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["to"]
        try:
            verbs.give(promise, to, by=request.member)
        except NotPossible as problem:
            refuse(form, problem)
        else:
            return done(request, promise.case, _("%(name)s keeps it from now on.") % {"name": to})
    return ask(
        request,
        promise.case,
        form,
        title=_("Who keeps this promise?"),
        press=_("Give it"),
    )


def promise_for(request: AgentRequest, pk: int) -> Promise:
    """The promise, on a case that this member may read; else 404."""
    rows = Promise.objects.visible_to(request.member).select_related(
        "case__brand", "case__person", "owner__user"
    )
    return get_object_or_404(rows, pk=pk)


def _chosen(mine: PromiseRows, view: str, request: AgentRequest) -> Any:
    match view:
        case "mine":
            return mine.open().filter(owner=request.member)
        case "today":
            return mine.open().filter(due_at__lt=_midnight(request))
        case "late":
            return mine.late()
        case "kept":
            return mine.kept().order_by("-settled_at", "-id")
        case "broken":
            return mine.broken().order_by("-settled_at", "-id")
    return mine.open()


def _count(mine: PromiseRows, view: str, request: AgentRequest) -> int | None:
    return None if view in ("kept", "broken") else _chosen(mine, view, request).count()


def _midnight(request: AgentRequest) -> datetime:
    """The end of the brand's day."""
    zone = ZoneInfo(request.brand.time_zone)
    return datetime.combine(timezone.now().astimezone(zone).date() + timedelta(1), time(), tzinfo=zone)


def _proposed(request: AgentRequest, case: Case, zone: ZoneInfo) -> dict[str, Any]:
    """From the words that were handed over, or from the draft: what was said, and the time that it names."""
    words = request.GET.get("words", "")[:2000]
    if not words:
        draft = Draft.objects.filter(case=case, member=request.member).order_by("-saved_at").first()
        words = _sentence(draft.text, zone) if draft else ""
    said = spoken.due(words, timezone.now(), zone)
    return {
        "what": " ".join(words.split())[:300],
        "until": said.at if said else _tomorrow(timezone.now()),
        "owner": str(request.member.pk),
    }


def _sentence(text: str, zone: ZoneInfo) -> str:
    """The sentence of a draft that names a time; "" when none does."""
    said = spoken.due(text, timezone.now(), zone)
    if said is None:
        return ""
    start = max(text.rfind(mark, 0, said.start) for mark in ".!?\n") + 1
    ends = [at for mark in ".!?\n" if (at := text.find(mark, said.end)) >= 0]
    return text[start : min(ends, default=len(text))].strip()


def _tomorrow(at: datetime) -> datetime:
    local = timezone.localtime(at)
    return datetime.combine(local.date() + timedelta(1), spoken.END_OF_DAY, tzinfo=local.tzinfo)
