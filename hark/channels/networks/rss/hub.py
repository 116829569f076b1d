"""WebSub: the hub of a feed is asked to push it here, proves that it means us, and signs what it sends (W3C, 2018)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from hark.channels import http, polling, signatures
from hark.channels.base import Connection, HookAnswer, HookRequest

LEASE_SECONDS = 864_000.0
LONGEST_LEASE = 90 * 86_400.0


def handshake(connection: Connection, request: HookRequest) -> HookAnswer | None:
    """The hub's challenge, when it is for the topic that we asked for; 404 for any other."""
    asked = request.query
    if asked.get("hub.mode") == "denied":
        return HookAnswer(200)  # the next round of asking goes on without it
    topic = str(connection.settings.get("topic") or "")
    said = signatures.websub_challenge(
        [topic] if topic else [], asked.get("hub.mode", ""), asked.get("hub.topic", ""), asked.get("hub.challenge", "")
    )  # fmt: skip
    return (
        HookAnswer(404)
        if said is None or asked.get("hub.mode") == "unsubscribe"
        else HookAnswer(200, said.encode())
    )


def subscribe(line: http.Line, cursor: Mapping[str, Any]) -> float:
    """Until when (Unix time) the hub has taken the subscription; 0 where there is none. Raises a Failure.

    Asked for again when half of the lease is over, so that a hub that is away for days loses nothing.
    """
    connection = line.account
    hub, topic = str(connection.settings.get("hub") or ""), str(connection.settings.get("topic") or "")
    secret = str(connection.credentials.get("hook_secret") or "")
    until = cursor.get("lease_until")
    if not (hub and topic and secret and connection.hook_url.startswith(("https://", "http://"))):
        return 0.0
    if (
        isinstance(until, int | float)
        and until - time.time() > LEASE_SECONDS / 2
        and cursor.get("hub") == hub
    ):
        return float(until)
    form = {
        "hub.mode": "subscribe", "hub.topic": topic, "hub.callback": connection.hook_url,
        "hub.lease_seconds": str(int(LEASE_SECONDS)), "hub.secret": secret,
    }  # fmt: skip
    with line.reading("subscribe") as call:  # asking twice is harmless
        call("POST", hub, data=form)
    return time.time() + min(polling.seconds(connection, "lease_seconds", LEASE_SECONDS), LONGEST_LEASE)
