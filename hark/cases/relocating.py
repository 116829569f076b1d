"""A case is where the account is on which it began: when the account goes to another place, its cases go along."""

from __future__ import annotations

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from hark import bulk
from hark.brands.models import Member
from hark.channels.models import Account
from hark.live import bus, topics

from .actions import assign
from .keeping import json
from .models import Case, Event, Message
from .urgency import keep_hours


@transaction.atomic
def follow(account: Account, *, by: Member) -> list[int]:
    """Put every case that began on this account, closed ones too, into the account's place; which cases went there.

    Whoever works at other places hands back what is open: they could not look into anything else there.
    """
    said = Message.objects.filter(outbound=False)
    first = said.filter(case=OuterRef("pk")).order_by("published_at", "id").values("account_id_at")[:1]
    heard = said.filter(account_id_at=account.pk, case__isnull=False).values("case")
    rows = Case.objects.filter(brand=account.brand_id, pk__in=heard).annotate(began=Subquery(first))
    moved = list(
        rows.filter(began=account.pk).exclude(location=account.location).values_list("pk", flat=True)
    )
    Case.objects.filter(Q(pk__in=moved) | Q(merged_into__in=moved)).update(location=account.location)
    keep_hours(moved)
    running = list(
        Case.objects.filter(pk__in=moved).exclude(state=Case.State.CLOSED).values_list("pk", flat=True)
    )
    detail = json({"location": str(account.location or "")})
    bulk.insert(
        Event,
        ["brand_id", "case_id", "member_id", "kind", "detail"],
        [(account.brand_id, pk, by.pk, Event.Kind.LOCATED, detail) for pk in running],
    )
    _hand_back(account, running, by)
    bus.publish(topics.queue(account.brand_id), *(topics.case(pk) for pk in running))
    return moved


def _hand_back(account: Account, case_ids: list[int], by: Member) -> None:
    elsewhere = Member.objects.filter(brand=account.brand_id, locations__isnull=False)
    if account.location:
        elsewhere = elsewhere.exclude(locations=account.location)
    for case in Case.objects.open().filter(pk__in=case_ids, assignee__in=elsewhere.values("pk")):
        assign(
            case, None, by=by, why=_("%(account)s is of another location now.") % {"account": account.handle}
        )
