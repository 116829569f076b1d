"""What was delivered, read, not readable and recovered: of all accounts, and of one."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from hark.brands import settings_tabs
from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.channels.abilities import Collects, Counts, Polls
from hark.channels.ledger import ledger
from hark.channels.models import Account, Gap, Recount

from .accounts import LOOK

SHOWN = 20  # gaps, and recounts


@require_safe
@member_may(*LOOK)
def whole(request: AgentRequest) -> HttpResponse:
    return _page(
        request, list(Account.objects.visible_to(request.member).order_by("channel", "handle", "pk"))
    )


@require_safe
@member_may(*LOOK)
def of_account(request: AgentRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.member), pk=pk)
    return _page(request, [account], account)


def _page(request: AgentRequest, accounts: list[Account], one: Account | None = None) -> HttpResponse:
    heard = [account for account in accounts if account.network.can.inbound_style]
    network = one.network if one else None
    context = {
        "account": one,
        "ledger": ledger(heard, ZoneInfo(request.brand.time_zone)),
        "gaps": Gap.objects.filter(account__in=heard).select_related("account").order_by("-until")[:SHOWN],
        "recounts": Recount.objects.filter(account__in=heard)
        .select_related("account")
        .order_by("-at")[:SHOWN],
        "can_reread": network is None or isinstance(network, Collects | Polls),
        "can_count": network is None or isinstance(network, Counts),
        "may_open": request.member.may(Permission.MANAGE_ACCOUNTS),
        "tabs": settings_tabs.shown(request),
    }
    return render(request, "channels/ledger.html", context)
