"""The short way for a kind word: mark it, like it, thank for it."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.brands.access import AgentRequest
from hark.cases.errors import NotPossible
from hark.journeys import praise as journey

from .shared import ask, case_for, case_url, done, go, refuse, works


class PraiseForm(forms.Form):
    then = forms.ChoiceField(
        label=gettext_lazy("And then?"),
        choices=[(value, capfirst(label)) for value, label in journey.Then.choices],
        initial=journey.Then.THANK,
        widget=forms.RadioSelect,
    )
    likes = forms.BooleanField(label=gettext_lazy("Like it, as the brand"), required=False, initial=True)


@works
def praise(request: AgentRequest, pk: int) -> HttpResponse:
    case = case_for(request, pk)
    form = PraiseForm(request.POST or None)
    if not journey.can_like(journey.newest(case)):
        del form.fields["likes"]
    if request.method == "POST" and form.is_valid():
        then = form.cleaned_data["then"]
        try:
            about = journey.take(
                case, by=request.member, likes=form.cleaned_data.get("likes", False), then=then
            )
        except NotPossible as problem:
            refuse(form, problem)
        else:
            if then == journey.Then.CLOSE:
                return done(request, case, _("Marked as praise, and closed."))
            to = "private" if about and about.private else "public"
            address = case_url(case, request, to=to) + "#reply"
            return go(
                request, address, _("Marked as praise. The thanks are in the composer: make them yours.")
            )
    return ask(
        request,
        case,
        form,
        title=_("Praise"),
        press=_("Mark as praise"),
        lead=_(
            "A kind word deserves a person’s thanks. Hark prepares them; nothing is sent until you press."
        ),
    )
