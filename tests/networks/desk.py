"""The desk beside a stand-in: connecting by the network's own form, rounds of collecting, sending what is due."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from hark.brands.models import Brand
from hark.cases.models import Case
from hark.channels import actions, collectors, http, intake, oauth
from hark.channels.base import Batch
from hark.channels.models import Account
from hark.channels.registry import network_of
from hark.journeys import arrival, closing, move, reply
from hark.moves.models import Move
from hark.replies.models import Reply
from tests import looping


def connect(brand: Brand, channel: str, told: dict[str, Any], **settings: Any) -> Account:
    """As on the connect page."""
    form = network_of(channel).connect_form()(told)  # type: ignore[attr-defined]
    form.brand, form.account = brand, None
    assert form.is_valid(), form.errors
    account = actions.connect(brand, channel, form.connected())
    account.settings.update(settings)
    account.save()
    return account


async def _one_round(account: Account) -> list[Batch]:
    """Batches until a round has ended: that is when the time of the last poll moves."""
    found: list[Batch] = []
    before = account.cursor.get("polled_at")
    batches = collectors._batches(account.network, account.connection(), account.cursor)
    try:
        async for batch in batches:
            found.append(batch)
            if batch.cursor and batch.cursor.get("polled_at") != before:
                break
    finally:
        await batches.aclose()
    return found


def collects(account: Account, *, twice: bool = False) -> list[Batch]:
    """One round; what it brought is stored and taken in. `twice`: everything comes again, the other way round."""
    account.refresh_from_db()
    batches = looping.run(_one_round(account))
    for batch in [*batches, *reversed(batches)] if twice else batches:
        collectors.store(account.pk, batch)
    takes_in()
    account.refresh_from_db()
    return batches


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


def sends() -> bool:
    """What waits is due, leases of the dead have ended, and rate limits have passed: all is tried once. False: nothing was."""
    past, tried = timezone.now() - timedelta(seconds=1), False
    Reply.objects.filter(state__in=["queued", "unsure"]).update(due_at=past)
    Reply.objects.exclude(lease_until=None).update(lease_until=past)
    Account.objects.update(paused_until=None)
    http._waits.clear()
    while reply.deliver():
        tried = True
    return tried


def leaves() -> None:
    """Tried again until nothing waits any more, eight times at most."""
    for _ in range(8):
        if not sends():
            return


def until(fits: Callable[[], object], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not fits():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def answers(case: Case, member: Any, text: str, *, private: bool = False) -> Reply:
    case.refresh_from_db()
    [row] = reply.queue(case, by=member, private=private, text=text, seen_version=case.version)
    leaves()
    row.refresh_from_db()
    return row


def invites(case: Case, member: Any, text: str) -> Move:
    case.refresh_from_db()
    made = move.move_to_private(
        case, by=member, reason=Move.Reason.DETAILS, text=text, seen_version=case.version
    )
    leaves()
    return made


def closes_the_book(case: Case, member: Any) -> str:
    """Resolved, the last word in public, the book closed; what was said."""
    case.refresh_from_db()
    closing.resolve(case, by=member)
    case.refresh_from_db()
    line = closing.closing_line(case)
    closing.close_the_book(case, by=member, text=line, seen_version=case.version)
    leaves()
    case.refresh_from_db()
    return line


def opens_a_chat(brand: Brand) -> Account:
    """A private place of the brand's own, to which a link leads from networks that have none."""
    chat = {"name": brand.name, "origins": [f"https://{brand.slug}.example"]}
    return actions.connect(
        brand, "webchat", {"external_id": "chat-1", "handle": f"{brand.slug}.example", "settings": chat}
    )


def follows(site: Account, token: str, text: str) -> None:
    """The customer presses the link and writes in the brand's own chat, as its window stores it."""
    line = {
        "thread": "t1", "key": "k1", "at": datetime.now(UTC).isoformat(), "text": text,
        "author": {"id": "visitor:1", "name": "Rita"}, "handoff": token,
    }  # fmt: skip
    hears(site, json.dumps(line).encode())
