"""What tests of networks share: an account connected to a stand-in, collected and worked in the test's own thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from hark.channels import collectors, http, intake, oauth
from hark.channels.base import Batch
from hark.channels.models import Account
from hark.journeys import arrival, reply
from hark.replies.models import Reply


def polls(account: Account) -> list[Batch]:
    """One round of asking, stored batch by batch as the collectors do, then taken in."""
    account.refresh_from_db()
    found = []
    for batch in account.network.poll(oauth.connection(account), account.cursor):
        collectors.store(account.pk, batch)
        found.append(batch)
    takes_in()
    return found


def hears(account: Account, body: bytes) -> None:
    """A webhook's body, as the edge stores it once it is believed."""
    intake.append(account, account.network.split(body))
    takes_in()


def takes_in() -> None:
    while arrival.work():
        pass


def sends() -> None:
    """What waits is due, leases of the dead have ended, and rate limits have passed: all of it is tried once."""
    past = timezone.now() - timedelta(seconds=1)
    Reply.objects.filter(state__in=["queued", "unsure"]).update(due_at=past)
    Reply.objects.exclude(lease_until=None).update(lease_until=past)
    Account.objects.update(paused_until=None)
    http._waits.clear()
    while reply.deliver():
        pass


def until(fits: Callable[[], object], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not fits():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)
