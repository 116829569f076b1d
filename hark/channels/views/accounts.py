"""Where the brand listens and speaks, and how that is going."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from hark.brands import settings_tabs
from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.channels import actions, health, oauth
from hark.channels.abilities import Connects, Embeds, Finding, Tests
from hark.channels.base import Network
from hark.channels.forms import LocationForm
from hark.channels.models import Account, Delivery
from hark.channels.registry import all_networks
from hark.journeys import relocation
from hark.web.problems import NotPossible

SECRET_NAMES = {
    "hook_secret": gettext_lazy("Secret that signs the webhook"),
    "identity_secret": gettext_lazy("Secret that proves who a visitor is"),
}
LOOK = (Permission.READ_TEAM_CASES, Permission.MANAGE_ACCOUNTS)


@dataclass(frozen=True)
class Row:
    account: Account
    health: health.Health

    @property
    def hears(self) -> str:
        return health.hears(self.account)

    @property
    def renews(self) -> bool:
        """Whether one press leads to the network's consent."""
        return oauth.declared(self.account) is not None

    @property
    def says(self) -> str:
        return health.says(self.account)


@require_safe
@member_may(*LOOK)
def accounts(request: AgentRequest) -> HttpResponse:
    """All accounts with their health in words. A constant number of queries."""
    now = timezone.now()
    found = Account.objects.visible_to(request.member).order_by("channel", "handle", "pk")
    rows = sorted((Row(account, health.health_of(account, now)) for account in found), key=_place)
    context = {
        "rows": rows,
        "advice": [row for row in rows if row.health.advice],
        "unreadable": _unreadable(request) if request.member.may(Permission.MANAGE_ACCOUNTS) else 0,
        "networks": connectable() if request.member.may(Permission.MANAGE_ACCOUNTS) else [],
        "tabs": settings_tabs.shown(request),
    }
    name = "channels/accounts.html#live" if request.htmx else "channels/accounts.html"
    return render(request, name, context)


@require_safe
@never_cache
@member_may(*LOOK)
def account(request: AgentRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Account.objects.visible_to(request.member), pk=pk)
    return show(request, found)


@require_POST
@never_cache
@member_may(Permission.MANAGE_ACCOUNTS)
def renew(request: AgentRequest, pk: int) -> HttpResponse:
    """Make new secrets and show them this once."""
    found = get_object_or_404(Account.objects.visible_to(request.member), pk=pk)
    try:
        fresh = actions.renew_secrets(found)
    except NotPossible as problem:
        messages.error(request, str(problem))
        return redirect("channels:account", request.brand.slug, pk)
    found.refresh_from_db()
    return show(request, found, [(SECRET_NAMES.get(name, name), secret) for name, secret in fresh.items()])


@require_POST
@member_may(Permission.MANAGE_ACCOUNTS)
def locate(request: AgentRequest, pk: int) -> HttpResponse:
    """Which place of business the account is of, and its cases with it."""
    found = get_object_or_404(Account.objects.visible_to(request.member), pk=pk)
    form = LocationForm(request.POST, member=request.member)
    if form.is_valid():
        count = relocation.relocate(found, form.cleaned_data["location"], by=request.member)
        along = ngettext("%d case went along.", "%d cases went along.", count) % count if count else ""
        messages.success(request, f"{_('Saved.')} {along}".strip())
    else:
        messages.error(request, _("There is no such location."))
    return redirect("channels:account", request.brand.slug, pk)


def _place(row: Row) -> tuple[bool, bool]:
    """Those that hear come first, then what was imported, then what was disconnected."""
    return row.account.disconnected_at is not None, not row.account.network.can.inbound_style


def connectable() -> list[Network]:
    return [network for network in all_networks() if isinstance(network, Connects)]


def show(
    request: AgentRequest,
    found: Account,
    fresh: list[tuple[Any, str]] | None = None,
    findings: list[Finding] | None = None,
) -> HttpResponse:
    """The account's page; with secrets made just now, or what its self-test found."""
    network, manages = found.network, request.member.may(Permission.MANAGE_ACCOUNTS)
    declared = oauth.declared(found)
    has_secrets = manages and any(actions.is_ours(found, name) for name in network.can.credential_fields)
    context = {
        "row": Row(found, health.health_of(found)),
        "can": network.can,
        "fresh": fresh,
        "findings": findings,
        "missed": found.gaps.order_by("-until").first(),
        "can_test": manages and isinstance(network, Tests) and not found.disconnected_at,
        "can_renew": manages and declared is not None and not found.disconnected_at,
        "spent": f"{found.spent_this_month / 1e6:.2f}" if found.spent_month else "",
        "hook_url": found.hook_url if network.can.signature and manages else "",
        "has_secrets": has_secrets and not found.disconnected_at,
        "snippet": network.snippet(found.connection(), found.hook_key) if manages and _embeds(found) else "",
        "place": LocationForm(member=request.member, initial={"location": found.location_id})
        if manages
        else None,
        "can_connect": manages and isinstance(network, Connects),
        "tabs": settings_tabs.shown(request),
    }
    return render(request, "channels/account.html", context)


def _embeds(account: Account) -> bool:
    return isinstance(account.network, Embeds) and not account.disconnected_at


def _unreadable(request: AgentRequest) -> int:
    return Delivery.objects.visible_to(request.member).unreadable().count()
