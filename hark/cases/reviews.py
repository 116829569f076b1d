"""Stars: how the brand's places and apps are reviewed, and whether somebody answered. Definitions: docs/metrics.md#reviews."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count, Exists, OuterRef, Q

from hark.brands.models import Member
from hark.channels.models import Account

from .models import Case, Message


@dataclass(frozen=True)
class Reviewed:
    """One account's reviews. `average` is of 1 to 5; `unanswered` counts those below which no answer of ours stands."""

    account: Account
    count: int
    average: float
    low: int
    unanswered: int

    @property
    def stars(self) -> int:
        return round(self.average)


def by_place(member: Member, since: datetime) -> list[Reviewed]:
    """Accounts with reviews that the member may read, written or changed since then, by location; the worst first in each."""
    accounts = {account.pk: account for account in _reviewed(member)}
    answer = Message.objects.filter(
        thread=OuterRef("thread"), account_id_at=OuterRef("account_id_at"), outbound=True, deleted_at=None
    )
    visible = Case.objects.visible_to(member).filter(pk=OuterRef("case_id"))
    rows = (
        Message.objects.filter(
            Q(published_at__gte=since) | Q(edited_at__gte=since), Exists(visible), account_id_at__in=accounts,
            rating__isnull=False, outbound=False, deleted_at=None,
        )
        .annotate(answered=Exists(answer))
        .values("account_id_at")
        .annotate(
            count=Count("pk"), average=Avg("rating"), low=Count("pk", filter=Q(rating__lte=2)),
            unanswered=Count("pk", filter=Q(answered=False)),
        )
        .order_by()
    )  # fmt: skip
    found = [
        Reviewed(accounts[row["account_id_at"]], row["count"], row["average"], row["low"], row["unanswered"])
        for row in rows
    ]
    return sorted(found, key=lambda one: (str(one.account.location or ""), one.average, one.account.handle))


def _reviewed(member: Member) -> Iterable[Account]:
    """Accounts where people give stars."""
    mine = Account.objects.visible_to(member).of_people().select_related("location")
    return [account for account in mine if "review" in account.network.can.inbound]
