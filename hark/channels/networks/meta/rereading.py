"""Reading again what webhooks may have missed: Meta keeps none of them, drops what failed for 36 hours, and unsubscribes us.

One round reads recent posts' comments and the newest conversations back to where the last complete round began, and subscribes the
app again where it is no longer. Limits: the 50 newest posts with 100 comments each, 25 conversations with 20 messages each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from hark.channels import polling
from hark.channels.base import Batch, Connection, Envelope

from . import envelopes, graph
from .failures import reading
from .sending import SKEW
from .shapes import ident, moment, part, parts, text

REST_SECONDS, HISTORY, CHECKED_EVERY = 300.0, timedelta(hours=24), timedelta(hours=1)
MESSAGES = "updated_time,messages.limit(20){id,message,from,to,created_time}"

Comments = Callable[[Connection], Iterable[Mapping[str, Any]]]


def round_of(
    connection: Connection,
    cursor: Mapping[str, Any],
    comments: Comments,
    platform: str,
    hears: str,
    fields: str,
) -> list[Batch]:
    """One round. Raises TryLater, NeedsReconnect or Refused; the cursor moves only when all of it was read."""
    began = datetime.now(UTC)
    since = _moment(cursor, "since", began - HISTORY) - SKEW
    checked = _moment(cursor, "checked", began - CHECKED_EVERY)
    with reading():
        if began - checked >= CHECKED_EVERY:
            _subscribe(connection, hears, fields)
            checked = began
        found: list[Envelope] = []
        for one in comments(connection):
            if moment(one.get("created_time") or one.get("timestamp")) >= since:
                found += envelopes.split(msgspec.json.encode(one))
        said = graph.get(
            connection,
            graph.path(connection.external_id, "conversations"),
            platform=platform,
            fields=MESSAGES,
            limit=25,
        )
        for thread in parts(said, "data"):
            for message in parts(part(thread, "messages"), "data"):
                if moment(message.get("created_time")) >= since:
                    found += envelopes.split(_as_webhook(connection, platform, message))
    after = {"since": began.isoformat(), "checked": checked.isoformat()}
    rest = float(connection.settings.get("poll_seconds") or REST_SECONDS)
    gap = polling.away(cursor.get("since"), rest)
    page = Batch(tuple(found), after, wait_seconds=rest)
    return [Batch((), gap=gap), page] if gap else [page]


def _moment(cursor: Mapping[str, Any], name: str, usual: datetime) -> datetime:
    given = cursor.get(name)
    return moment(given) if isinstance(given, str) else usual


def _subscribe(connection: Connection, of: str, fields: str) -> None:
    path = graph.path(of, "subscribed_apps")
    if not parts(graph.get(connection, path), "data"):
        graph.post(connection, path, {"subscribed_fields": fields})


def _as_webhook(connection: Connection, platform: str, message: Mapping[str, Any]) -> bytes:
    """A message of a conversation in the shape in which its webhook would have brought it."""
    sender = ident(part(message, "from").get("id"))
    to = [ident(one.get("id")) for one in parts(part(message, "to"), "data")]
    at = int(moment(message.get("created_time")).timestamp() * 1000)
    said = {"mid": ident(message.get("id")), "text": text(message.get("message"))}
    event = {
        "sender": {"id": sender},
        "recipient": {"id": to[0] if to else connection.external_id},
        "timestamp": at,
        "message": {**said, **({"is_echo": True} if sender == connection.external_id else {})},
    }
    entry = {"id": connection.external_id, "time": at, "messaging": [event]}
    return msgspec.json.encode(
        {"object": "instagram" if platform == "instagram" else "page", "entry": [entry]}
    )
