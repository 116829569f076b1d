"""Verbs of a case: each asks for what it needs (GET), does it (POST), and says so."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hark.brands.access import AgentRequest
from hark.cases import actions, arc
from hark.cases.errors import NotPossible
from hark.cases.forms import (
    AssignForm,
    NoteForm,
    PriorityForm,
    ReasonForm,
    SnoozeForm,
    SubjectForm,
    TagForm,
    TeamForm,
    known_tags,
)
from hark.cases.models import Case, Tag
from hark.web import words

from .shared import ask, case_address, case_for, done, failed, notes, refuse, works


@works
def assign(request: AgentRequest, pk: int) -> HttpResponse:
    case = case_for(request, pk)
    form = AssignForm(request.POST or None, member=request.member, current=case.assignee)
    if request.method == "POST" and form.is_valid():
        try:
            actions.assign(case, form.cleaned_data["to"], by=request.member, why=form.cleaned_data["why"])
        except NotPossible as problem:
            refuse(form, problem)
        else:
            to = form.cleaned_data["to"]
            return done(
                request,
                case,
                _("Given to %(name)s.") % {"name": to} if to else _("Handed back to everybody."),
            )
    return ask(request, case, form, title=_("Assign"), press=_("Assign"))


@works
def snooze(request: AgentRequest, pk: int) -> HttpResponse:
    case = case_for(request, pk)
    form = SnoozeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["until"]
        try:
            actions.snooze(case, until, by=request.member, reason=form.cleaned_data["reason"])
        except NotPossible as problem:
            refuse(form, problem)
        else:
            text = _("Sleeps until %(time)s.") % {"time": words.moment(until)}
            return done(request, case, text, undo=case_address(request, "cases:wake", pk))
    return ask(request, case, form, title=_("Snooze"), press=_("Snooze"))


@works
@require_POST
def wake(request: AgentRequest, pk: int) -> HttpResponse:
    case = case_for(request, pk)
    try:
        actions.wake(case, by=request.member)
    except NotPossible as problem:
        return failed(request, case, problem)
    return done(request, case, _("Awake again, and back in the queue."))


@works
def priority(request: AgentRequest, pk: int) -> HttpResponse:
    case = case_for(request, pk)
    form = PriorityForm(request.POST or None, initial={"priority": case.priority})
    if request.method == "POST" and form.is_valid():
        actions.set_priority(
            case, form.cleaned_data["priority"], by=request.member, why=form.cleaned_data["why"]
        )
        return done(request, case, _("Now %(priority)s.") % {"priority": case.get_priority_display()})
    return ask(request, case, form, title=_("Priority"), press=_("Change"))


@works
def team(request: AgentRequest, pk: int) -> HttpResponse:
    case = case_for(request, pk)
    form = TeamForm(request.POST or None, brand=request.brand, initial={"team": case.team_id})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["team"]
        actions.set_team(case, chosen, by=request.member, why=form.cleaned_data["why"])
        return done(request, case, _("Now with %(team)s.") % {"team": chosen} if chosen else _("No team."))
    return ask(request, case, form, title=_("Team"), press=_("Change"))


@works
def tag(request: AgentRequest, pk: int) -> HttpResponse:
    case = case_for(request, pk)
    form = TagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.add_tag(case, form.cleaned_data["name"], by=request.member)
        except NotPossible as problem:
            refuse(form, problem)
        else:
            return done(request, case, _("Tagged “%(tag)s”.") % {"tag": added})
    return ask(
        request,
        case,
        form,
        title=_("Tags"),
        press=_("Add"),
        template="cases/tags.html",
        known_tags=known_tags(request.brand),
        case_tags=list(case.tags.all()),
    )


@works
@require_POST
def untag(request: AgentRequest, pk: int, tag: int) -> HttpResponse:
    case = case_for(request, pk)
    row = get_object_or_404(Tag.objects.filter(brand=request.brand), pk=tag)
    actions.remove_tag(case, row, by=request.member)
    return done(request, case, _("“%(tag)s” is taken off.") % {"tag": row})


@works
def subject(request: AgentRequest, pk: int) -> HttpResponse:
    """Give the case a name that the team will know it by."""
    case = case_for(request, pk)
    form = SubjectForm(request.POST or None, initial={"subject": case.subject})
    if request.method == "POST" and form.is_valid():
        Case.objects.filter(pk=case.pk).update(subject=form.cleaned_data["subject"])
        actions.announce(case)
        return done(request, case, _("Named."))
    return ask(request, case, form, title=_("Name"), press=_("Save"))


@works
def skip(request: AgentRequest, pk: int, step: int) -> HttpResponse:
    """Pass over a milestone of the care arc, with a reason."""
    case = case_for(request, pk)
    form = ReasonForm(request.POST or None)
    label = Case.Arc(step).label if step in Case.Arc.values else ""
    if request.method == "POST" and form.is_valid():
        try:
            arc.skip(case, Case.Arc(step), by=request.member, reason=form.cleaned_data["reason"])
        except (NotPossible, ValueError) as problem:
            refuse(form, problem if isinstance(problem, NotPossible) else _("There is no such step."))
        else:
            actions.announce(case)
            return done(request, case, _("Skipped: %(step)s.") % {"step": label})
    return ask(
        request,
        case,
        form,
        title=_("Skip “%(step)s”") % {"step": label},
        press=_("Skip it"),
        lead=_("The reason stays on the record of the case, with your name."),
    )


@notes
def note(request: AgentRequest, pk: int) -> HttpResponse:
    """Words for the team; partners answer here too."""
    case = case_for(request, pk)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            written = actions.write_note(case, form.cleaned_data["text"], by=request.member)
        except NotPossible as problem:
            refuse(form, problem)
        else:
            asked = ", ".join(str(member) for member in written.mentions.select_related("user"))
            return done(
                request, case, _("Noted. Asked: %(names)s.") % {"names": asked} if asked else _("Noted.")
            )
    return ask(request, case, form, title=_("Note for the team"), press=_("Save note"))
