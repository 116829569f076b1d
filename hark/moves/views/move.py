"""From public to private in one press: the reason, the invitation, and how the network carries it."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.brands.access import AgentRequest
from hark.cases.errors import NotPossible
from hark.cases.views.shared import ask, case_for, done, refuse, works
from hark.journeys import move as journey
from hark.journeys.reply import SomebodyAnswered
from hark.moves.forms import MoveForm

HOW = {
    "private_reply": gettext_lazy("Hark sends a private message along with the public line."),
    "dm_link": gettext_lazy("A link to a private message stands below the public line."),
    "direct_visibility": gettext_lazy("Hark writes to them so that only they can read it."),
    "deep_link": gettext_lazy("A link below the public line opens the private conversation."),
    "direct_dm": gettext_lazy("Hark opens the private conversation itself; the public line says so."),
    "link": gettext_lazy(
        "A link to your own private page stands below the public line. It works once, for them."
    ),
    "address": gettext_lazy(
        "An address of your mailbox stands below the public line. What they write to it joins this case."
    ),
}


@works
def move(request: AgentRequest, pk: int) -> HttpResponse:
    case = case_for(request, pk)
    reach = journey.reach_of(case)
    initial = {"seen_version": case.version}
    if request.method == "GET" and reach.possible:
        initial["text"] = journey.invitation(case)  # type: ignore[assignment]
    form = MoveForm(request.POST or None, initial=initial)
    answered = None
    if request.method == "POST" and form.is_valid():
        wish = form.cleaned_data
        try:
            journey.move_to_private(
                case,
                by=request.member,
                reason=wish["reason"],
                text=wish["text"],
                seen_version=wish["seen_version"],
                confirmed=wish["confirmed"],
                press=wish["press"],
            )
        except SomebodyAnswered as news:
            answered = news
        except NotPossible as problem:
            refuse(form, problem)
        else:
            return done(request, case, _("Invited. The private conversation joins this case by itself."))
    return ask(
        request,
        case,
        form,
        title=_("Move to private"),
        press=_("Reply in public and invite"),
        template="moves/move.html",
        reach=reach,
        how=HOW.get(reach.mechanism, ""),
        answered=answered,
        status=422 if request.method == "POST" else 200,
    )
