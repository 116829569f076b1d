"""One round at a review site: what is new or changed, newest first, until a page holds nothing new.

Now and then the list is read as far as it is known: a review that is missing, and that the site does not find by its name
either, twice in a row, was taken down. A list that is suddenly empty says nothing: sites empty it when they suspend a place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from hark.channels import polling
from hark.channels.base import Batch, Connection, Envelope, Unreadable
from hark.channels.shapes import instant

from .site import Found, Site, gone, stamp

HISTORY_HOURS = 24.0 * 30
RECHECK_SECONDS = 6 * 3600.0
MOST_KNOWN, MOST_ASKED, MISSES = 400, 50, 2


def poll(site: Site, connection: Connection, cursor: Mapping[str, Any]) -> Iterator[Batch]:
    every = polling.seconds(connection, "poll_seconds", site.poll_seconds)
    gap = polling.away(cursor.get("polled_at"), every)
    if gap:
        yield Batch((), gap=gap)
    reader = Reader(site, connection, cursor)
    for envelopes in reader.news():
        yield Batch(envelopes, gap=gap)
    yield Batch(reader.missing(), reader.place(), wait_seconds=every)


class Reader:
    def __init__(self, site: Site, connection: Connection, cursor: Mapping[str, Any]) -> None:
        self.site, self.now = site, polling.now()
        self.known: dict[str, str] = _texts(cursor.get("known"))
        self.misses: dict[str, int] = _counts(cursor.get("missing"))
        self.more = str(cursor.get("more") or "")  # where the last round was cut off
        history = timedelta(hours=polling.seconds(connection, "history_hours", HISTORY_HOURS))
        self.since = _moment(cursor.get("since"), self.now - history)
        self.checked_at = _moment(cursor.get("checked_at"), self.now)
        recheck = timedelta(seconds=polling.seconds(connection, "recheck_seconds", RECHECK_SECONDS))
        self.sweeps = bool(self.misses) or self.now - self.checked_at >= recheck
        self.seen: set[str] = set()

    def news(self) -> Iterator[tuple[Envelope, ...]]:
        """Page by page, so that what was read is stored however the round ends."""
        left, rest = self.site.most_pages, self.more
        self.more = ""
        for start in dict.fromkeys(("", rest)):
            pages = self.site.pages(start)
            for found, following in pages:
                left -= 1
                fresh = [
                    one for one in found if one.at >= self.since and self.known.get(one.review) != mark(one)
                ]
                self.seen.update(one.review for one in found)
                yield tuple({one.envelope.event_key: one.envelope for one in fresh}.values())
                self.known.update({one.review: mark(one) for one in fresh})
                if self._is_enough(found, fresh, start):
                    break
                if left <= 0 and following:
                    self.more = following
                    return

    def _is_enough(self, found: list[Found], fresh: list[Found], start: str) -> bool:
        if self.sweeps and not start:
            return set(self.known) <= self.seen
        return bool(found) and not fresh

    def missing(self) -> tuple[Envelope, ...]:
        """Reviews that are no longer there, after the list was read as far as it is known."""
        if not self.sweeps or self.more:
            return ()
        self.checked_at = self.now
        if not self.site.lists_all or not self.seen:
            return ()
        away, before, self.misses = [one for one in self.known if one not in self.seen], self.misses, {}
        found = []
        for review in away[:MOST_ASKED]:
            if self.site.is_there(review):
                continue
            if before.get(review, 0) + 1 < MISSES:
                self.misses[review] = before.get(review, 0) + 1
                continue
            found.append(gone(review, self.now))
            del self.known[review]
        return tuple(found)

    def place(self) -> dict[str, Any]:
        newest = sorted(self.known.items(), key=lambda one: one[1], reverse=True)[:MOST_KNOWN]
        return {
            "known": dict(newest), "missing": self.misses, "more": self.more, "since": self.since.isoformat(),
            "checked_at": self.checked_at.isoformat(), "polled_at": polling.now().isoformat(),
        }  # fmt: skip


def mark(one: Found) -> str:
    """When it was changed, and what it is now: another one means that there is something to read."""
    return f"{stamp(one.at)} {hashlib.sha256(one.envelope.event_key.encode()).hexdigest()[:12]}"


def _texts(value: Any) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}


def _counts(value: Any) -> dict[str, int]:
    return {str(k): v for k, v in value.items() if isinstance(v, int)} if isinstance(value, dict) else {}


def _moment(value: Any, otherwise: datetime) -> datetime:
    try:
        return instant(str(value))
    except Unreadable:
        return otherwise
