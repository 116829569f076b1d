"""Resolve a case, close its book, and open it again."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.brands.access import AgentRequest
from hark.cases.errors import NotPossible
from hark.cases.forms import ReasonForm
from hark.cases.models import Resolution
from hark.journeys import closing
from hark.journeys.reply import SomebodyAnswered

from .shared import ask, case_address, case_for, done, refuse, works


class ResolveForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("How did it end?"),
        choices=[(value, capfirst(label)) for value, label in Resolution.Outcome.choices],
        initial=Resolution.Outcome.SOLVED,
        required=False,
    )
    cause = forms.CharField(
        label=gettext_lazy("What had caused it?"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "So that whoever can mends it: “belt 3 in Porto”, “confirmation mail unclear”."
        ),
    )
    note = forms.CharField(
        label=gettext_lazy("What was done?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For the team. It never leaves."),
    )


class SilentForm(ReasonForm):
    promise_reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, promised: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not promised:
            del self.fields["promise_reason"]
            return
        self.fields["promise_reason"].label = _("Why “%(what)s” is not kept") % {"what": promised[0].what}
        self.fields["promise_reason"].help_text = _(
            "The customer still waits for this. It counts as not kept."
        )


class ClosingForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("The last word, in public"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Hark prepared it. Make it yours: it goes out with the brand’s name."),
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    press = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)
    ask_how = forms.BooleanField(label=gettext_lazy("Ask kindly how it went"), required=False)


@works
def resolve(request: AgentRequest, pk: int) -> HttpResponse:
    case = case_for(request, pk)
    form = ResolveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            wish = form.cleaned_data
            closing.resolve(
                case,
                by=request.member,
                note=wish["note"],
                outcome=wish["outcome"] or Resolution.Outcome.SOLVED,
                cause=wish["cause"],
            )
        except NotPossible as problem:
            refuse(form, problem)
        else:
            return done(request, case, _("Resolved. What is left is to close the book in public."))
    return ask(
        request,
        case,
        form,
        title=_("Resolve"),
        press=_("It is settled"),
        lead=_(
            "The customer’s matter is settled. The book stays open until the public sees the end of the story."
        ),
    )


@works
def close(request: AgentRequest, pk: int) -> HttpResponse:
    """Close the book where everybody saw it opened: the prepared line, editable, leaves as a public reply."""
    case = case_for(request, pk)
    initial = (
        {"text": closing.closing_line(case), "seen_version": case.version} if request.method == "GET" else {}
    )
    form = ClosingForm(request.POST or None, initial=initial)
    if closing.may_ask_how(case):
        form.fields["ask_how"].help_text = _("Adds: “%(words)s” Once, never twice.") % {
            "words": closing.kind_request()
        }
    else:
        del form.fields["ask_how"]
    answered = None
    if request.method == "POST" and form.is_valid():
        wish = form.cleaned_data
        try:
            closing.close_the_book(
                case,
                by=request.member,
                text=wish["text"],
                seen_version=wish["seen_version"],
                confirmed=wish["confirmed"],
                press=wish["press"],
                ask_how=wish.get("ask_how", False),
            )
        except SomebodyAnswered as news:
            answered = news
        except NotPossible as problem:
            refuse(form, problem)
        else:
            return done(request, case, _("The closing line is on its way. The book closes when it is out."))
    return ask(
        request,
        case,
        form,
        title=_("Close the book"),
        press=_("Reply in public and close"),
        template="cases/close.html",
        answered=answered,
        silently=case_address(request, "cases:close-silently", pk),
    )


@works
def close_silently(request: AgentRequest, pk: int) -> HttpResponse:
    """Close without a public line, with a reason that somebody put their name to."""
    case = case_for(request, pk)
    promised = closing.open_promises(case)
    form = SilentForm(request.POST or None, promised=promised)
    if request.method == "POST" and form.is_valid():
        try:
            closing.close_silently(
                case,
                by=request.member,
                reason=form.cleaned_data["reason"],
                promise_reason=form.cleaned_data.get("promise_reason", ""),
            )
        except NotPossible as problem:
            refuse(form, problem)
        else:
            return done(request, case, _("Closed, with your reason on the record."))
    unanswered = case.first_reply_at is None
    return ask(
        request,
        case,
        form,
        title=_("Close without an answer") if unanswered else _("Close silently"),
        press=_("Close"),
        lead=_("Nobody has answered this person. The reason is listed under your name until somebody does.")
        if unanswered
        else _("No public line is sent. The reason stays on the record, with your name."),
    )


@works
def reopen(request: AgentRequest, pk: int) -> HttpResponse:
    case = case_for(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            closing.reopen(case, by=request.member, why=form.cleaned_data["reason"])
        except NotPossible as problem:
            refuse(form, problem)
        else:
            return done(request, case, _("Open again."))
    return ask(request, case, form, title=_("Reopen"), press=_("Reopen"))
