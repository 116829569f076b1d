"""The agent offers a secure page, and closes one."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hark.brands.access import AgentRequest
from hark.cases.errors import NotPossible
from hark.cases.models import Case
from hark.cases.views.shared import ask, case_for, done, refuse, works
from hark.channels.base import Reach
from hark.journeys import secure_page as journey
from hark.journeys.reply import SomebodyAnswered
from hark.journeys.ways import Place, costs_of
from hark.moves.models import Move
from hark.moves.views.move import doors
from hark.secure import actions
from hark.secure.models import AskedForm, Rules, SecurePage


class OfferForm(forms.Form):
    """Why, what we ask for, how they prove who they are, and the line that carries the link."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why does it help the customer?"),
        choices=[(value, capfirst(label)) for value, label in Move.Reason.choices],
        widget=forms.RadioSelect,
    )
    wish = forms.CharField(
        label=gettext_lazy("What you ask them for"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Stands on top of their page."),
    )
    form = forms.ModelChoiceField(
        AskedForm.objects.none(), label=gettext_lazy("A form to fill in"), required=False
    )
    proof = forms.ChoiceField(
        label=gettext_lazy("How they show that it is them"),
        choices=[(value, capfirst(label)) for value, label in SecurePage.Proof.choices],
        widget=forms.RadioSelect,
    )
    email = forms.EmailField(
        label=gettext_lazy("The code goes to"),
        required=False,
        help_text=gettext_lazy(
            "An address that you know from them, not one that the link’s opener could choose."
        ),
    )
    text = forms.CharField(
        label=gettext_lazy("The line that carries the link"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Hark prepared it. Make it yours; the link is put behind it."),
    )
    remember = forms.BooleanField(label=gettext_lazy("Remember that they like it this way"), required=False)
    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    press = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["form"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = AskedForm.objects.filter(brand=case.brand_id)
        if not choice.queryset.exists():
            del self.fields["form"]
        self.questions = {f"fact{number}": question for number, question in enumerate(rules.facts)}
        for name, question in self.questions.items():
            self.fields[name] = forms.CharField(label=question, required=False, max_length=200)

    @property
    def facts(self) -> list[Any]:
        return [self[name] for name in self.questions]

    def wanted(self) -> journey.Wanted:
        told = self.cleaned_data
        return journey.Wanted(
            told["wish"].strip(),
            told.get("form"),
            told["proof"],
            told["email"],
            {question: told[name] for name, question in self.questions.items() if told[name].strip()},
        )


@works
def offer(request: AgentRequest, pk: int) -> HttpResponse:
    case = case_for(request, pk)
    private = journey.goes_in_private(case)
    rules = Rules.of(request.brand)
    usual = SecurePage.Proof.FACTS if rules.facts else SecurePage.Proof.EMAIL
    initial = {
        "seen_version": case.version,
        "reason": Move.Reason.DETAILS,
        "proof": usual if rules.always_check or not private else SecurePage.Proof.NONE,
        "email": _known_email(case),
        "text": _line(case),
    }
    form = OfferForm(request.POST or None, initial=initial, case=case, rules=rules)
    answered = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            journey.offer(
                case,
                by=request.member,
                reason=told["reason"],
                text=told["text"],
                private=private,
                wanted=form.wanted(),
                seen_version=told["seen_version"],
                confirmed=told["confirmed"],
                press=told["press"],
                remember=told["remember"],
            )
        except SomebodyAnswered as news:
            answered = news
        except NotPossible as problem:
            refuse(form, problem)
        else:
            return done(request, case, _("The link is on its way. What they write there joins this case."))
    return ask(
        request,
        case,
        form,
        title=_("Offer a secure page"),
        press=_("Send privately") if private else _("Reply in public with the link"),
        template="secure/offer.html",
        private=private,
        rules=rules,
        answered=answered,
        costs=[] if private else costs_of(case, Place.SECURE, Reach(True, "link")),
        **doors(request, case, Place.SECURE),
    )


@works
@require_POST
def close(request: AgentRequest, pk: int) -> HttpResponse:
    """Close a page before its time: nobody can open it or write there any more."""
    page = get_object_or_404(
        SecurePage.objects.visible_to(request.member).select_related("case__brand"), pk=pk
    )
    actions.close(page, SecurePage.ClosedBy.US, by=request.member)
    return done(request, case_for(request, page.case_id), _("The secure page is closed."))


def _known_email(case: Case) -> str:
    profiles = case.person.profiles.filter(channel="email").order_by("-id")
    return profiles.values_list("external_id", flat=True).first() or ""


def _line(case: Case) -> str:
    name = case.person.name.split(" ")[0] if case.person.name else ""
    line = _("here is a page of our own, only for you, for what should not stand in messages:")
    return f"{name}, {line}" if name else line[:1].upper() + line[1:]
