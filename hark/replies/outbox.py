"""The outbox: rows claimed by lease. The row is the only truth; no two senders hold one row at a time.

queued → sending → sent | refused | held | queued again (try later) | unsure → asked → sent or queued again.
A sender that dies leaves a row in `sending` with a lease that runs out: it counts as unsure, since it may be out there.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from hark.channels.models import Account

from .models import Reply

LEASE = timedelta(seconds=settings.HARK_LEASE_SECONDS)  # longer than any network call's time-out


def claim(most: int = 10) -> list[Reply]:
    """Replies that are due, leased to this sender. A later part waits until the earlier one is out.

    `state` of a claimed row is `sending` when it was never tried (or surely not published) and `unsure` when it may be
    out there: then the network is asked first.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = list(
            foremost()
            .select_for_update(skip_locked=True, of=("self",))
            .filter(
                Q(state=Reply.State.QUEUED, due_at__lte=now)
                | Q(state=Reply.State.HELD, due_at__lte=now) & ~Q(account__health=Account.Health.RECONNECT)
                | Q(state=Reply.State.UNSURE, due_at__lte=now, lease_until=None)
                | Q(state__in=[Reply.State.SENDING, Reply.State.UNSURE], lease_until__lte=now),
            )
            .filter(Q(account__paused_until=None) | Q(account__paused_until__lte=now))
            .select_related("account", "case", "answers", "author__user", "thread")
            .order_by("due_at", "id")[:most]
        )
        for row in rows:
            surely_new = row.state in (Reply.State.QUEUED, Reply.State.HELD)
            row.state = Reply.State.SENDING if surely_new else Reply.State.UNSURE
            row.lease_until = now + LEASE
            row.attempts += 1
            row.save(update_fields=["state", "lease_until", "attempts"])
    return rows


def settle(
    reply: Reply, state: Reply.State, *, failure: str = "", code: str = "", wait_seconds: float = 0.0
) -> bool:
    """End the lease with this outcome; False when somebody else has settled the row meanwhile."""
    return bool(
        Reply.objects.filter(pk=reply.pk, lease_until=reply.lease_until).update(
            state=state,
            failure=failure[:2000].replace("\0", ""),
            failure_code=code[:40],
            lease_until=None,
            due_at=timezone.now() + timedelta(seconds=wait_seconds),
        )
    )


def next_due_seconds() -> float | None:
    """Seconds until something can be claimed, for all that is known; None when nothing is under way.

    A part behind one that was refused, and what a network has asked to wait with, keep no sender awake.
    """
    when = (
        foremost()
        .filter(state__in=[Reply.State.QUEUED, Reply.State.SENDING, Reply.State.UNSURE])
        .annotate(when=Greatest(Coalesce("lease_until", "due_at"), "account__paused_until"))
        .order_by("when")
        .values_list("when", flat=True)
        .first()
    )
    return None if when is None else max(0.0, (when - timezone.now()).total_seconds())


def foremost() -> models.QuerySet[Reply]:
    """All but the parts whose earlier parts are not out yet: those wait for them."""
    earlier = Reply.objects.filter(batch=OuterRef("batch"), position__lt=OuterRef("position")).exclude(
        state=Reply.State.SENT
    )
    return Reply.objects.filter(~Exists(earlier))
