"""The places of the rail. A place shows where its page exists and the member may open it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Place:
    """`owner` names the pages that belong here: an app's namespace, or `namespace:name` for a single page."""

    key: str
    label: Any
    icon: str
    url: str
    owners: tuple[str, ...]
    press: str = ""
    rights: tuple[str, ...] = ()  # any of these permissions opens it; none: every member may
    in_brand: bool = True
    under_thumb: bool = True  # on a phone; others stand in the menu


@dataclass(frozen=True)
class Shown:
    place: Place
    href: str
    current: bool


READ = ("read_team_cases", "read_all_cases")
CASES = (*READ, "answer_question")
RUN = ("change_targets", "manage_members", "manage_accounts")

PLACES = [
    Place(
        "queue",
        _("Queue"),
        "queue",
        "cases:queue",
        ("cases", "replies", "moves", "actions", "secure_pages"),
        press="q",
        rights=CASES,
    ),
    Place("promises", _("Promises"), "promise", "clocks:promises", ("clocks",), rights=READ),
    Place(
        "approvals",
        _("Approvals"),
        "check-circle",
        "replies:approvals",
        ("replies:approvals", "replies:approve", "replies:send-back"),
        rights=("approve_drafts",),
    ),
    Place("moves", _("Moves"), "lock", "moves:figures", ("moves:figures",), rights=READ, under_thumb=False),
    Place("search", _("Search"), "search", "cases:search", ("cases:search",), press="/", rights=CASES),
    Place("people", _("People"), "people", "customers:people", ("customers",), rights=READ),
    Place(
        "playbook",
        _("Playbook"),
        "playbook",
        "playbook:home",
        ("playbook",),
        rights=("read_playbook", "answer_question"),
        under_thumb=False,
    ),
    Place(
        "channels",
        _("Channels"),
        "channels",
        "channels:health",
        ("channels",),
        rights=(*READ, "manage_accounts"),
        under_thumb=False,
    ),
    Place(
        "crisis",
        _("Crisis"),
        "crisis",
        "crisis:crises",
        ("crisis",),
        rights=("run_crisis",),
        under_thumb=False,
    ),
    Place(
        "settings",
        _("Settings"),
        "settings",
        "brands:settings",
        (
            "brands",
            "replies:voice",
            "replies:approval-rules",
            "replies:approval-rule",
            "actions:settings",
            "actions:setting",
            "secure_pages:rules",
            "secure_pages:form",
        ),
        rights=RUN,
        under_thumb=False,
    ),
    Place("help", _("Help"), "help", "help", ("help",), in_brand=False, under_thumb=False),
]


def shown(request: HttpRequest, chosen: str = "") -> list[Shown]:
    """The places this reader has. `chosen` marks one by its key; else the page's own address decides."""
    brand, member = getattr(request, "brand", None), getattr(request, "member", None)
    rights = member.rights if member else {}
    current = chosen or owner_of(request)
    found = []
    for place in PLACES:
        if place.in_brand and brand is None:
            continue
        if place.rights and not any(rights.get(right) for right in place.rights):
            continue
        try:
            href = reverse(place.url, args=[brand.slug] if brand and place.in_brand else [])
        except NoReverseMatch:
            continue
        found.append(Shown(place, href, place.key == current))
    return found


def owner_of(request: HttpRequest) -> str:
    """The key of the place that the page belongs to; a page's own name counts for more than its app's."""
    match = request.resolver_match
    if match is None:
        return ""
    for name in (match.view_name, match.namespace):
        for place in PLACES:
            if name and name in place.owners:
                return place.key
    return ""
