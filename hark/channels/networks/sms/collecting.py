"""What no webhook brought: the provider's list of messages to our number, read again every few minutes.

Each becomes the form that its webhook would have been, under the same key: what was delivered before is a no-op.
The list can be narrowed by day only; it is newest first, so a page that ends before the last round is the last one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from hark.channels import polling
from hark.channels.base import Batch, Connection, Envelope, Unreadable
from hark.channels.shapes import JSON, instant, several, text

from . import api, reading

POLL_SECONDS, HISTORY_HOURS, PAGE, MOST_PAGES = 300.0, 24.0, 100, 100
OVERLAP = timedelta(minutes=10)


def poll(connection: Connection, cursor: Mapping[str, Any]) -> list[Batch]:
    """One round, oldest first. The cursor moves only when all of it was read."""
    every, began = polling.seconds(connection, "poll_seconds", POLL_SECONDS), polling.now()
    gap = polling.away(cursor.get("polled_at"), every)
    try:
        since = instant(text(dict(cursor), "polled_at")) - OVERLAP
    except Unreadable:
        since = began - timedelta(hours=polling.seconds(connection, "history_hours", HISTORY_HOURS))
    found = [_as_webhook(connection, one, at) for one, at in _since(connection, since)]
    page = Batch(tuple(reversed(found)), {"polled_at": began.isoformat()}, wait_seconds=every)
    return [Batch((), gap=gap), page] if gap else [page]


def made(message: Mapping[str, Any]) -> datetime:
    """When the provider took it (RFC 2822); one without a readable time counts as new."""
    try:
        at = parsedate_to_datetime(str(message.get("date_created")))
    except (ValueError, TypeError):
        return datetime.now(UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _since(connection: Connection, since: datetime) -> Iterator[tuple[JSON, datetime]]:
    query = {
        "To": connection.external_id,
        "DateSent>": since.astimezone(UTC).date().isoformat(),
        "PageSize": str(PAGE),
    }
    for _page in range(MOST_PAGES):
        said = api.call(connection, "GET", "/Messages", query=query)
        listed = several(said, "messages")
        for one in listed:
            if text(one, "direction") == "inbound" and text(one, "sid") and made(one) >= since:
                yield one, made(one)
        following = text(said, "next_page_uri")
        if not following or not listed or made(listed[-1]) < since:
            return
        query = dict(parse_qsl(urlsplit(following).query))


def _as_webhook(connection: Connection, message: JSON, at: datetime) -> Envelope:
    sid = text(message, "sid")
    fields = {
        "MessageSid": sid,
        "From": text(message, "from"),
        "To": text(message, "to"),
        "Body": text(message, "body"),
    }
    if str(message.get("num_media") or "0") != "0":
        said = api.call(connection, "GET", f"/Messages/{sid}/Media")
        for number, medium in enumerate(several(said, "media_list")):
            fields[f"MediaUrl{number}"] = f"{api.home(connection)}/Messages/{sid}/Media/{text(medium, 'sid')}"
            fields[f"MediaContentType{number}"] = text(medium, "content_type")
    [envelope] = reading.split(urlencode({**fields, reading.AT: at.isoformat()}).encode())
    return envelope
