"""The queue: what hurts next, in seven views."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from hark.brands.access import AgentRequest
from hark.brands.models import Location, Member
from hark.cases.context import queue as queues
from hark.cases.context.row import row
from hark.cases.forms import LANGUAGES, answering, known_tags
from hark.cases.models import Case, Event, Step
from hark.channels.models import Account

from .shared import reads


@reads
def queue(request: AgentRequest) -> HttpResponse:
    """The page; with `part=list` only the list, which looks again when the queue changed; with `part=filters` what narrows it."""
    part = request.GET.get("part")
    if part == "list":
        return render(request, "cases/_list.html", listed(request))
    if part == "filters":
        choice = queues.choice_of(request.GET)
        return render(
            request, "cases/_filter_form.html", {"choice": choice, "came_later": True, **narrowing(request)}
        )
    context = pane(request)
    if not context["page"].rows and not context["choice"].is_narrowed:
        context["today"] = today(request.member)
        context["counts"] = queues.counts(request.member, queues.VIEWS.values())
    return render(request, "cases/queue.html", context)


@reads
def late(request: AgentRequest) -> HttpResponse:
    """How many wait longer than promised, for the sign on the rail; counted up to a hundred."""
    rows = Case.objects.visible_to(request.member).waiting().filter(due_at__lt=timezone.now())
    return render(
        request, "cases/_late.html", {"late": rows.order_by().values("pk")[: queues.COUNT_UP_TO].count()}
    )


def listed(request: AgentRequest, open_case: Case | None = None) -> dict[str, Any]:
    """The list of the chosen view. `open` marks the case shown beside it, `case` the chosen ones."""
    member, asked = request.member, request.GET
    choice = queues.choice_of(asked)
    after, before, opened = asked.get("after", ""), asked.get("before", ""), asked.get("open", "")
    page = queues.page(member, choice, after=after, before=before)
    shown = open_case.pk if open_case else int(opened) if opened.isdecimal() else None
    chosen = {int(pk) for pk in asked.getlist("case") if pk.isdecimal() and len(pk) < 19}
    place = urlencode({name: word for name, word in (("after", after), ("before", before)) if word})
    path = f"{reverse('cases:queue', args=[request.brand.slug]).removesuffix('queue/')}cases/{{}}/?{choice.query}"
    path += f"&{place}" if place else ""
    return {
        "choice": choice,
        "page": page,
        "rows": [row(case, member, path=path, opened=shown, chosen=chosen) for case in page.rows],
        "tabs": queues.tabs(member, choice),
        "open": shown,
        "views": list(queues.VIEWS.values()),
        "cap": queues.COUNT_UP_TO,
        "after": after,
        "before": before,
    }


def pane(request: AgentRequest, open_case: Case | None = None) -> dict[str, Any]:
    """The whole pane: the list, and where it is narrowed, or somebody asks, what narrows it. Else that comes when it is opened."""
    parts = listed(request, open_case)
    if parts["choice"].is_narrowed or request.GET.get("filters"):
        parts |= {"narrowing": True, **narrowing(request)}
    return parts


def narrowing(request: AgentRequest) -> dict[str, Any]:
    """All that the filters offer."""
    brand = request.brand
    return {
        "accounts": Account.objects.visible_to(request.member).connected().order_by("channel", "handle"),
        "locations": Location.objects.seen_by(request.member).order_by("name"),
        "priorities": Case.Priority.choices,
        "tags": known_tags(brand),
        "members": answering(brand),
        "languages": [(code, get_language_info(code)["name_local"]) for code in LANGUAGES if _known(code)],
        "places": [("public", _("only public")), ("private", _("with a private part"))],
    }


def today(member: Member) -> dict[str, int]:
    """What was done since midnight in the reader's zone, for the page that says that nobody waits."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Case.objects.visible_to(member)
    replied = Event.objects.filter(case__in=mine, member=member, kind=Event.Kind.REPLIED, at__gte=midnight)
    closed = Step.objects.filter(
        case__in=mine, name=Case.Arc.BOOK_CLOSED, superseded_at=None, skipped=False, at__gte=midnight
    )
    return {
        "answered": replied.values("case").distinct().count(),
        "resolved": mine.resolved().order_by().values("pk")[: queues.COUNT_UP_TO].count(),
        "closed": closed.count(),
    }


def _known(code: str) -> bool:
    try:
        return bool(get_language_info(code))
    except KeyError:
        return False
