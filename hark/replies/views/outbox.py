"""What can still be done to a reply after the press: take it back, try again, correct it, take it down."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hark.brands.access import AgentRequest
from hark.brands.permissions import Permission
from hark.cases.errors import NotPossible
from hark.cases.models import Case, Message
from hark.cases.views.shared import ask, case_url, done, failed, refuse, works
from hark.journeys import correcting as journey
from hark.journeys import uncertain
from hark.replies import actions
from hark.replies.forms import CorrectionForm, HideForm, SeenForm
from hark.replies.models import Reply

from .composer import composer_of


@works
@require_POST
def withdraw(request: AgentRequest, pk: int) -> HttpResponse:
    """Take a reply back that has not left, or never will as it is. Its text is a draft again, in the composer."""
    reply = _reply(request, pk)
    try:
        words = actions.withdraw(reply, by=request.member)
    except NotPossible as problem:
        return failed(request, reply.case, problem)
    to = "private" if reply.private else "public"
    typed = request.POST.get("text", "").strip()
    if typed and request.POST.get("to") == to and reply.author_id == request.member.pk:
        actions.save_draft(reply.case, request.member, private=reply.private, text=f"{words}\n\n{typed}")
    said = _("Taken back. Your words are in the composer.")
    if reply.author_id != request.member.pk:
        said = _("Taken back. The words are a draft of %(name)s again.") % {"name": reply.author}
    if not request.htmx:
        return HttpResponseRedirect(case_url(reply.case, request, to=to) + "#reply")
    response = done(request, reply.case, said)
    if reply.author_id == request.member.pk:
        with_composer(request, reply.case, response, private=reply.private)
    return response


@works
@require_POST
def retry(request: AgentRequest, pk: int) -> HttpResponse:
    reply = _reply(request, pk)
    try:
        actions.retry(reply, by=request.member)
    except NotPossible as problem:
        return failed(request, reply.case, problem)
    return done(request, reply.case, _("Trying again."))


@works
@require_POST
def arrived(request: AgentRequest, pk: int) -> HttpResponse:
    return _settle(request, pk, uncertain.it_arrived, _("Noted: they have it."))


@works
@require_POST
def send_again(request: AgentRequest, pk: int) -> HttpResponse:
    return _settle(request, pk, uncertain.send_again, _("It leaves once more."))


def _settle(request: AgentRequest, pk: int, verb: Callable[..., bool], said: str) -> HttpResponse:
    """Somebody has looked whether the customer has a reply that nobody else can tell about."""
    reply = _reply(request, pk)
    form = SeenForm(request.POST)
    if not form.is_valid():
        return failed(request, reply.case, _("Load the page again, and look once more."))
    try:
        decided = verb(reply, by=request.member, seen=form.cleaned_data["seen"])
    except NotPossible as problem:
        return failed(request, reply.case, problem)
    return done(request, reply.case, said if decided else _("That was decided already."))


@works
def correct(request: AgentRequest, pk: int) -> HttpResponse:
    """Change the text of what is out there, where the network can."""
    message = _message(request, pk)
    assert message.case is not None
    form = CorrectionForm(
        request.POST or None,
        initial={"text": message.text},
        asks_why=request.method == "POST" and request.member.may(Permission.OVERRIDE_HOLD),
    )
    if request.method == "POST" and form.is_valid():
        try:
            journey.correct(
                message,
                form.cleaned_data["text"],
                by=request.member,
                why_held=form.cleaned_data.get("why_held", ""),
            )
        except NotPossible as problem:
            refuse(form, problem)
        else:
            return done(request, message.case, _("Corrected where everybody reads it."))
    return ask(
        request,
        message.case,
        form,
        title=_("Correct the reply"),
        press=_("Correct it"),
    )


@works
@require_POST
def take_down(request: AgentRequest, pk: int) -> HttpResponse:
    """Take what is out there down, where the network can."""
    message = _message(request, pk)
    assert message.case is not None
    try:
        journey.take_down(message, by=request.member)
    except NotPossible as problem:
        return failed(request, message.case, problem)
    return done(request, message.case, _("Taken down. People may have read it before."))


@works
@require_POST
def like(request: AgentRequest, pk: int) -> HttpResponse:
    message = _message(request, pk)
    assert message.case is not None
    try:
        journey.like(message, by=request.member)
    except NotPossible as problem:
        return failed(request, message.case, problem)
    return done(request, message.case, _("Liked, as the brand."))


@works
def hide(request: AgentRequest, pk: int) -> HttpResponse:
    """Hide what a customer said from everybody else there, with a reason."""
    message = _message(request, pk)
    assert message.case is not None
    form = HideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            journey.hide(message, hidden=True, by=request.member, reason=form.cleaned_data["reason"])
        except NotPossible as problem:
            refuse(form, problem)
        else:
            return done(request, message.case, _("Hidden. Who wrote it still sees it."))
    return ask(request, message.case, form, title=_("Hide the comment"), press=_("Hide it"))


@works
@require_POST
def show_again(request: AgentRequest, pk: int) -> HttpResponse:
    message = _message(request, pk)
    assert message.case is not None
    try:
        journey.hide(message, hidden=False, by=request.member)
    except NotPossible as problem:
        return failed(request, message.case, problem)
    return done(request, message.case, _("Everybody sees it again."))


def _reply(request: AgentRequest, pk: int) -> Reply:
    mine = Case.objects.visible_to(request.member)
    reply = get_object_or_404(Reply.objects.select_related("author__user").filter(brand=request.brand), pk=pk)
    reply.case = get_object_or_404(mine.select_related("brand", "person"), pk=reply.case_id)
    return reply


def _message(request: AgentRequest, pk: int) -> Message:
    mine = Case.objects.visible_to(request.member)
    rows = Message.objects.select_related("thread__account", "profile").filter(brand=request.brand)
    message = get_object_or_404(rows, pk=pk)
    message.case = get_object_or_404(mine.select_related("brand", "person"), pk=message.case_id)
    return message


def with_composer(
    request: AgentRequest, case: Case, response: HttpResponse, *, private: bool | None = None
) -> HttpResponse:
    """The same answer, and the composer with the draft that has just been put there."""
    if request.htmx:
        fresh = composer_of(request, case, private=private)
        fresh.focus = True
        context = {"composer": fresh, "case": case, "oob": True}
        response.content += render_to_string("replies/_composer.html", context, request).encode()
    return response
