"""The ledger of accounts: what was delivered and what became of it, day by day, and what was missed and read again.

Counted from the deliveries themselves, so that it can't say anything else than they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from .models import Account, Delivery, Gap

DAYS = 14
STATES = {
    "read": [Delivery.State.READ, Delivery.State.BLANKED],
    "waiting": [Delivery.State.WAITING],
    "unreadable": [Delivery.State.UNREADABLE],
    "discarded": [Delivery.State.DISCARDED],
}


@dataclass
class Line:
    """Deliveries of one day, or of one account: each is read, waits, can't be read, or was set aside for good."""

    day: date | None = None
    account: Account | None = None
    delivered: int = 0
    read: int = 0
    waiting: int = 0
    unreadable: int = 0
    discarded: int = 0
    recovered: int = 0  # of those delivered: missed at first

    def add(self, row: Mapping[str, Any]) -> None:
        for name in ("delivered", "recovered", *STATES):
            setattr(self, name, getattr(self, name) + row[name])


@dataclass
class Ledger:
    days: list[Line] = field(default_factory=list)
    accounts: list[Line] = field(default_factory=list)
    total: Line = field(default_factory=Line)


def ledger(accounts: Iterable[Account], zone: ZoneInfo, *, days: int = DAYS) -> Ledger:
    """The last days of these accounts of one brand, newest first, in days of this zone. Two queries; history is left out."""
    known = {account.pk: account for account in accounts}
    today = timezone.now().astimezone(zone).date()
    one = next(iter(known.values())) if len(known) == 1 else None
    by_day = {day: Line(day, one) for day in (today - timedelta(days=back) for back in range(days))}
    by_account = {pk: Line(account=account) for pk, account in known.items()}
    found = Ledger(list(by_day.values()), list(by_account.values()), Line(account=one))
    begins = datetime.combine(today - timedelta(days=days - 1), time(), zone)
    rows = (
        Delivery.objects.filter(account__in=list(known), received_at__gte=begins, is_history=False)
        .annotate(day=TruncDate("received_at", tzinfo=zone))
        .values("account_id", "day")
        .annotate(
            delivered=Count("pk"),
            recovered=Count("pk", filter=Q(recovered=True)),
            **{name: Count("pk", filter=Q(state__in=states)) for name, states in STATES.items()},
        )
    )
    for row in rows:
        for line in (by_day.get(row["day"]), by_account[row["account_id"]], found.total):
            if line:
                line.add(row)
    return found


def note_gap(account: Account, found: int, *, ended: bool) -> None:
    """While a gap is read again: how much it brought so far. Before the account's own fields are changed."""
    now = timezone.now()
    gap = (
        Gap.objects.filter(account=account, closed_at=None).order_by("-until").first()
        if account.gap
        else None
    )
    if gap is None:
        since = account.last_seen_at or account.connected_at
        gap = Gap(
            account=account, brand_id=account.brand_id, since=since, until=now, last_error=account.last_error
        )
    gap.found += found
    gap.closed_at = now if ended else None
    gap.save()
