"""The pages below Settings. A tab shows where its page exists and the member may open it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from .access import AgentRequest
from .models import Brand, Location, Member, Team
from .permissions import Permission


@dataclass(frozen=True)
class Tab:
    """`page` is the URL name it leads to; `others` are the pages that stand below it."""

    page: str
    label: Any
    may: Permission
    others: tuple[str, ...] = ()
    rows: Any = None  # counted for the brand and shown beside the label


@dataclass(frozen=True)
class Shown:
    href: str
    label: Any
    current: bool
    count: int | None


TABS = [
    Tab("brands:rules", _("Brand and rules"), Permission.CHANGE_TARGETS),
    Tab("replies:voice", _("Voice"), Permission.CHANGE_TARGETS),
    Tab("replies:approval-rules", _("Second person"), Permission.CHANGE_TARGETS, ("replies:approval-rule",)),
    Tab("channels:accounts", _("Accounts"), Permission.MANAGE_ACCOUNTS, ("channels",)),
    Tab("actions:settings", _("Actions"), Permission.MANAGE_ACCOUNTS, ("actions:setting",)),
    Tab("brands:members", _("Members"), Permission.MANAGE_MEMBERS, ("brands:member",), Member.objects.active),
    Tab("brands:teams", _("Teams"), Permission.MANAGE_MEMBERS, ("brands:team",), Team.objects.all),
    Tab(
        "brands:locations",
        _("Locations"),
        Permission.CHANGE_TARGETS,
        ("brands:location",),
        Location.objects.all,
    ),
    Tab("secure_pages:rules", _("Secure pages"), Permission.CHANGE_TARGETS, ("secure_pages:form",)),
]


def shown(request: AgentRequest) -> list[Shown]:
    """The tabs of this member, the open one marked: `tabs` in the context of a page that extends web/page.html."""
    match = request.resolver_match
    here = {match.view_name, match.namespace} if match else set()
    found = []
    for tab in TABS:
        if not request.member.may(tab.may):
            continue
        try:
            href = reverse(tab.page, args=[request.brand.slug])
        except NoReverseMatch:
            continue
        current = bool(here & {tab.page, *tab.others})
        found.append(Shown(href, tab.label, current, _count(tab, request.brand)))
    return found


def _count(tab: Tab, brand: Brand) -> int | None:
    return tab.rows().filter(brand=brand).count() if tab.rows else None
