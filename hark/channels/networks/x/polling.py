"""One round of asking: mentions, which hold answers too, and direct messages. Webhooks may be lost; this is not.

Mentions are asked for since the last id that was read completely. A gap is read page by page, newest first; where it was
cut off it goes on, and only when the whole of it is there does the mark move. Direct messages know no “since”, and
each one read is charged: few are asked for at first, more only while none of them is known.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import Batch, Connection, Refused

from . import api, prices, splitting
from .shapes import decode, instant, records, text

POLL_SECONDS = 60.0
MESSAGES_SECONDS = 120.0  # between two looks at messages; the limit is 15 in 15 minutes
HISTORY_HOURS = 24.0
AWAY_SECONDS = 600.0  # without a round for longer than this, people are told that something is read again
PAGE = 100
FEW, MOST = 5, 100  # messages asked for at first, then
MOST_PAGES = 32  # of messages in a round: 30 days are kept


def poll(connection: Connection, cursor: Mapping[str, Any]) -> Iterator[Batch]:
    """Batches of one round; the cursor of each is what is known once it is stored. Raises TryLater, NeedsReconnect, Refused."""
    prices.allow_reading(connection)
    line, known = api.line(connection), dict(cursor)
    gap = _gap(known)
    yield from _mentions(line, known, gap)
    if time.time() - _number(known.get("messages_at")) >= _seconds(
        connection, "messages_seconds", MESSAGES_SECONDS
    ):
        yield from _messages(line, known, gap)
    known["at"] = time.time()
    yield Batch((), dict(known), wait_seconds=_seconds(connection, "poll_seconds", POLL_SECONDS))


def _gap(known: Mapping[str, Any]) -> str:
    at = _number(known.get("at"))
    if not at or time.time() - at < AWAY_SECONDS:
        return ""
    return _("since %(time)s UTC") % {"time": datetime.fromtimestamp(at, UTC).strftime("%d %b %H:%M")}


def _mentions(line: http.Line, known: dict[str, Any], gap: str) -> Iterator[Batch]:
    """Pages from the newest back to the mark. `page` and `newest` say where a reading was cut off."""
    more = True
    while more:
        asked = {
            "max_results": PAGE,
            "tweet.fields": api.POST_FIELDS,
            "expansions": api.POST_EXPANSIONS,
            "user.fields": api.USER_FIELDS,
            "media.fields": api.MEDIA_FIELDS,
            **({"since_id": known["mentions"]} if known.get("mentions") else {"start_time": _start(known)}),
            **({"pagination_token": known["page"]} if known.get("page") else {}),
        }
        try:
            with line.reading("mentions") as call:
                answer = call("GET", f"/2/users/{line.account.external_id}/mentions", params=asked)
                found, meta = _events(answer.raw)
        except Refused:
            if not known.pop("page", ""):
                raise
            continue  # the page can no longer be turned to: from the newest again
        known["newest"] = known.get("newest") or text(meta.get("newest_id"))
        known["page"] = text(meta.get("next_token"))
        more = bool(known["page"])
        if not more:
            known["mentions"] = known.pop("newest") or known.get("mentions", "")
            del known["page"]
        yield Batch(tuple(reversed(found)), dict(known), gap, cost_micros=prices.MENTION_READ * len(found))


def _start(known: dict[str, Any]) -> str:
    """How far back a first reading goes; kept, so that all of its pages agree."""
    if not known.get("start"):
        start = datetime.now(UTC) - timedelta(hours=HISTORY_HOURS)
        known["start"] = start.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(known["start"])


def _messages(line: http.Line, known: dict[str, Any], gap: str) -> Iterator[Batch]:
    """Messages since the last one that is known, at first those of the last day. The mark moves with the oldest page."""
    last, newest = str(known.get("message") or ""), ""
    since = datetime.now(UTC) - timedelta(hours=HISTORY_HOURS)
    page, size = "", FEW
    for _page in range(MOST_PAGES):
        with line.reading("messages") as call:
            asked = {
                "max_results": size,
                "dm_event.fields": api.MESSAGE_FIELDS,
                "expansions": api.MESSAGE_EXPANSIONS,
                "user.fields": api.USER_FIELDS,
                "media.fields": api.MEDIA_FIELDS,
                "event_types": "MessageCreate",
                **({"pagination_token": page} if page else {}),
            }
            answer = call("GET", "/2/dm_events", params=asked)
            found, meta = _events(answer.raw)
            ids = [text(item.get("id")) for item in records(decode(answer.raw).get("data"))]
            old = [
                instant(i.get("created_at"), text(i.get("id")))
                for i in records(decode(answer.raw).get("data"))
            ]
        newest = newest or next(iter(ids), "")
        page = text(meta.get("next_token"))
        reached = not page or (_reaches(ids, last) if last else any(at < since for at in old))
        if reached:
            known["message"], known["messages_at"] = newest or last, time.time()
        cost = prices.MESSAGE_READ * len(found)
        yield Batch(tuple(reversed(found)), dict(known) if reached else None, gap, cost_micros=cost)
        if reached:
            return
        size = MOST


def _reaches(ids: list[str], last: str) -> bool:
    return any(one.isdigit() and int(one) <= int(last) for one in ids)


def _events(raw: bytes) -> tuple[list[Any], dict[str, Any]]:
    """The envelopes in an answer, and what it says of its pages."""
    body = decode(raw)
    meta = body["meta"] if isinstance(body.get("meta"), dict) else {}
    return (splitting.split(raw) if body.get("data") else []), meta


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _seconds(connection: Connection, name: str, usual: float) -> float:
    return _number(connection.settings.get(name)) or usual
