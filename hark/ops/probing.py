"""The probe: a signed message at the real door, and a live stream that waits until a screen would hear of it.

It belongs to a brand without members, which no list and no page knows (`Brand.objects` leaves it out), and is written by the
brand itself: so it takes every step of a customer's message but opens no case, whose history could never be taken back.
What it leaves in the tables is taken away after every turn.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import msgspec
import structlog
from django.conf import settings
from django.core import signing
from django.db import transaction

from hark.brands.models import PROBE, Brand
from hark.cases.models import Message, Thread
from hark.channels import signatures
from hark.channels.models import Account, Delivery
from hark.live import topics
from hark.ops.models import Probe

log = structlog.get_logger(__name__)

SALT = "hark.ops.probe"
PATIENCE_SECONDS = 10.0  # without an answer for so long, it has failed
TICKET_SECONDS = 120
NETWORK = "practice"  # whose hook is signed, and which calls nobody


def work() -> int:
    """Send the probe whose turn it is, unless another process has; 0, for there is never a second one to send."""
    now = time.time()
    turn = datetime.fromtimestamp(now - now % settings.HARK_PROBE_SECONDS, UTC)
    probe, mine = Probe.objects.get_or_create(at=turn)
    if mine:
        send(probe)
    return 0


def send(probe: Probe) -> None:
    """Post, wait, write down how long it took or what went wrong, and take away what it made. Never raises httpx errors."""
    account = _account()
    try:
        probe.seconds = _post_and_wait(account)
    except (httpx.HTTPError, Lost) as problem:
        probe.failure = (str(problem) or type(problem).__name__)[:200]
        log.warning("probe.failed", problem=probe.failure)
    probe.save(update_fields=["seconds", "failure"])
    sweep(account)


class Lost(Exception):
    """The message was taken in or not, but no screen heard of it in time."""


def _post_and_wait(account: Account) -> float:
    ticket = signing.dumps(account.brand_id, salt=SALT)
    body = _event()
    signature = signatures.sign(account.credentials["hook_secret"], body)
    with (
        httpx.Client(base_url=settings.HARK_PROBE_URL, timeout=PATIENCE_SECONDS, trust_env=False) as client,
        client.stream("GET", "/live", params={"probe": ticket}) as screen,
    ):
        if screen.status_code != 200:
            raise Lost(f"the live stream answered {screen.status_code}")
        lines = screen.iter_lines()
        _await(lines, "event: hello", time.monotonic() + PATIENCE_SECONDS)
        begun = time.monotonic()
        answer = client.post(
            f"/hooks/{account.hook_key}", content=body, headers={"x-hark-signature": signature}
        )
        if answer.status_code != 200:
            raise Lost(f"the door answered {answer.status_code}: {answer.text[:80]}")
        _await(lines, "event: screen", begun + PATIENCE_SECONDS)
        return time.monotonic() - begun


def _await(lines: Any, wanted: str, until: float) -> None:
    for line in lines:
        if line == wanted:
            return
        if time.monotonic() > until:
            break
    raise Lost(f"no screen heard of it within {PATIENCE_SECONDS:.0f} s")


def _event() -> bytes:
    name = f"probe-{secrets.token_hex(8)}"
    author = {"id": PROBE, "handle": PROBE}
    at = datetime.now(UTC).isoformat()
    return msgspec.json.encode(
        {"key": name, "id": name, "at": at, "text": "Is anybody there?", "author": author}
    )


@transaction.atomic
def _account() -> Account:
    """The probe's own door, made on first use."""
    brand, _ = Brand.everything.get_or_create(slug=PROBE, defaults={"name": "Probe"})
    account = Account.objects.filter(brand=brand, channel=NETWORK, external_id=PROBE).first()
    if account is None:
        account = Account(brand=brand, channel=NETWORK, external_id=PROBE, handle=PROBE)
        account.seal({"hook_secret": secrets.token_urlsafe(32)})
        account.save()
    return account


@transaction.atomic
def sweep(account: Account) -> None:
    """Take away what probes have left, found by indexes alone."""
    Message.objects.filter(thread__account=account).delete()
    Thread.objects.filter(account=account).delete()
    Delivery.objects.filter(account=account).exclude(state=Delivery.State.WAITING).delete()


async def gate(scope: Mapping[str, Any]) -> Mapping[str, str] | None:
    """The gate for `GET /live?probe=<ticket>` (hark/live/stream.py): the probe's own queue, as "screen"."""
    ticket = parse_qs(scope["query_string"].decode("latin-1")).get("probe", [""])[0]
    try:
        brand_id: int = signing.loads(ticket, salt=SALT, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        return None
    return {"screen": topics.queue(brand_id)}
