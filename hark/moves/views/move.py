"""From public to private in one press: the reason, the invitation, and how the network carries it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hark.brands.access import AgentRequest
from hark.cases.errors import NotPossible
from hark.cases.models import Case
from hark.cases.views.shared import (
    ask,
    case_address,
    case_for,
    case_url,
    done,
    failed,
    go,
    queue_query,
    refuse,
    works,
)
from hark.journeys import move as journey
from hark.journeys.reply import SomebodyAnswered
from hark.journeys.ways import Place, choose, costs_of, limits_of, places, preference
from hark.moves.forms import MoveForm
from hark.moves.models import Move

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

SIGNS = {
    Place.NETWORK: (gettext_lazy("Private conversation"), "lock"),
    Place.CHAT: (gettext_lazy("Our chat"), "n-webchat"),
    Place.EMAIL: (gettext_lazy("E-mail"), "n-mail"),
    Place.SECURE: (gettext_lazy("Secure page"), "n-secure"),
}


@works
def move(request: AgentRequest, pk: int) -> HttpResponse:
    """Why and how; `?place=` chooses another way than the one that the customer prefers."""
    case = case_for(request, pk)
    wished = request.GET.get("place", "")
    liked = preference(case.person)
    if request.method == "GET" and not wished and liked and liked.place == Place.SECURE:
        return HttpResponseRedirect(case_address(request, "secure_pages:offer", pk) + queue_query(request))
    place, reach = choose(case, wished)
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
                place=place,
                remember=wish["remember"],
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
        limits=limits_of(case, place, reach),
        costs=costs_of(case, place, reach),
        answered=answered,
        **doors(request, case, place),
    )


def doors(request: AgentRequest, case: Case, place: Place) -> dict[str, Any]:
    """The ways beside each other, on top of the dialog: which is open, and which the customer likes."""
    liked = preference(case.person)
    ways = []
    for one in places(case):
        secure = one == Place.SECURE
        address = case_address(request, "secure_pages:offer" if secure else "moves:move", case.pk)
        query = queue_query(request)
        if not secure:
            query = f"{query}&place={one}" if query else f"?place={one}"
        label, icon = SIGNS[one]
        ways.append({"place": one, "label": label, "icon": icon, "address": address + query})
    return {"ways": ways, "place": place, "liked": liked, "liked_here": bool(liked and liked.place == place)}


@works
@require_POST
def remind(request: AgentRequest, pk: int) -> HttpResponse:
    """Prepare the one reminder as a draft in the composer. A person looks at it and sends it, or doesn't."""
    mine = Case.objects.visible_to(request.member)
    row = get_object_or_404(Move.objects.filter(case__in=mine), pk=pk)
    case = case_for(request, row.case_id)
    try:
        journey.prepare_reminder(row, by=request.member)
    except NotPossible as problem:
        return failed(request, case, problem)
    if not request.htmx:
        return HttpResponseRedirect(case_url(case, request, to="public") + "#reply")
    return go(
        request, case_url(case, request, to="public"), _("The reminder is in the composer. Make it yours.")
    )
