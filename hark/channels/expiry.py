"""Mail to a brand's administrators before an account's permission ends, and when an account has stopped.

Once for each step (a week, three days, a day before, the end, and when it has stopped), all accounts of a brand in one
mail: what was told stands on the account and begins anew when it is connected anew.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from hark.brands.jobs import send_later
from hark.brands.models import Brand, Member
from hark.brands.permissions import Permission

from .health import health_of
from .models import Account

log = structlog.get_logger(__name__)

STEPS = {
    "ended": timedelta(0),
    "a day": timedelta(days=1),
    "three days": timedelta(days=3),
    "a week": timedelta(days=7),
}


def step_of(account: Account, now: datetime) -> str:
    """The step an account is at; "" while nothing has to be told."""
    if account.health == Account.Health.RECONNECT:
        return "stopped"
    ends = account.token_expires_at
    return next((name for name, ahead in STEPS.items() if ends and ends <= now + ahead), "")


def tell_due() -> int:
    """Tell every brand what is new; how many mails that made. Safe to run as often as one likes, and in two processes."""
    now, new = timezone.now(), defaultdict[Brand, list[Account]](list)
    accounts = Account.objects.connected().of_people().select_related("brand").order_by("channel", "handle")
    with transaction.atomic():
        for account in accounts:
            step = step_of(account, now)
            if step == account.told:
                continue
            taken = Account.objects.filter(pk=account.pk, told=account.told).update(told=step)
            if step and taken:
                new[account.brand].append(account)
        return sum(_tell(brand, found, now) for brand, found in new.items())


def _tell(brand: Brand, accounts: list[Account], now: datetime) -> int:
    members = [
        member
        for member in Member.objects.filter(brand=brand, left_at=None).select_related("user")
        if member.may(Permission.MANAGE_ACCOUNTS)
    ]
    lines = [
        {
            "advice": health_of(account, now).advice,
            "network": account.network.can.label,
            "link": _link(account),
        }
        for account in accounts
    ]
    subject = ngettext(
        "%(brand)s: an account needs you", "%(brand)s: %(count)d accounts need you", len(lines)
    )
    body = render_to_string("channels/expiry_mail.txt", {"brand": brand, "lines": lines})
    for member in members:
        send_later(
            to=member.user.email, subject=subject % {"brand": brand.name, "count": len(lines)}, body=body
        )
    log.info("expiry.told", brand=brand.pk, accounts=[account.pk for account in accounts], mails=len(members))
    return len(members)


def _link(account: Account) -> str:
    return settings.HARK_PUBLIC_URL + reverse("channels:account", args=[account.brand.slug, account.pk])
