"""Collecting an account: what is new since the last page, however long ago that was; the stream only rings the bell.

Notifications tell of mentions, quotes, likes and boosts; the account's own statuses show what was answered elsewhere;
statuses seen lately are read again, so that a deletion that nobody told us of is found.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from hark.channels import polling
from hark.channels.base import Batch, Connection, Envelope, Refused, TryLater, Unreadable
from hark.channels.shapes import JSON

from . import api, reading
from .streaming import Stream

POLL_SECONDS = 20.0  # the server allows 300 requests in five minutes
RECHECK_SECONDS = 600.0
HISTORY_HOURS = 24.0
PAGE = 40
MOST_ROOTS, MOST_WATCHED, MOST_RECHECKED = 500, 200, 30
TYPES = ("mention", "quote", "favourite", "reblog", "update")


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(16, thread_name_prefix="mastodon")


os.register_at_fork(after_in_child=_pool.cache_clear)


async def collect(connection: Connection, cursor: Mapping[str, Any]) -> AsyncIterator[Batch]:
    """Batches for ever. Raises TryLater and NeedsReconnect; asked again, it goes on where the last batch ended."""
    follower = Follower(connection, cursor)
    stream = Stream(connection, follower.server)
    following = asyncio.create_task(stream.follow()) if stream.url else None

    async def rest() -> None:
        stream.nudge.clear()
        with contextlib.suppress(TimeoutError):
            if not stream.found:
                await asyncio.wait_for(stream.nudge.wait(), follower.every)

    loop = asyncio.get_running_loop()
    try:
        while True:
            found, stream.found = stream.found, []
            batches = follower.poll(found)
            while (batch := await loop.run_in_executor(_pool(), next, batches, None)) is not None:
                yield batch
            await rest()
    finally:
        if following:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following


class Follower:
    """One account being followed. Settings: poll_seconds, recheck_seconds, history_hours."""

    def __init__(self, connection: Connection, cursor: Mapping[str, Any]) -> None:
        self.connection, self.server = connection, api.server(connection)
        self.own = str(connection.credentials.get("id") or "")
        self.every = polling.seconds(connection, "poll_seconds", POLL_SECONDS)
        self.recheck = polling.seconds(connection, "recheck_seconds", RECHECK_SECONDS)
        self.history = timedelta(hours=polling.seconds(connection, "history_hours", HISTORY_HOURS))
        self.places = {name: str(cursor.get(name) or "") for name in ("notifications", "statuses")}
        self.polled_at = cursor.get("polled_at")
        roots = cursor.get("roots")
        self.roots: dict[str, str] = dict(roots) if isinstance(roots, dict) else {}
        self.watched = dict.fromkeys(polling.names(cursor.get("watched"), MOST_WATCHED))
        self._checked = time.monotonic()

    def poll(self, streamed: list[Envelope]) -> Iterator[Batch]:
        """One round. Pages come oldest first, each with the place it ends at: what is stored is never ahead of what was read."""
        gap = polling.away(self.polled_at, self.every)
        if streamed:
            yield self._batch(streamed, gap)
        listing = {"types[]": list(TYPES)}
        yield from self._pages("notifications", "/api/v1/notifications", gap, listing)
        yield from self._pages(
            "statuses", f"/api/v1/accounts/{self.own}/statuses", gap, {"exclude_reblogs": "true"}
        )
        if time.monotonic() - self._checked >= self.recheck:
            self._checked = time.monotonic()
            yield self._batch([*self._held_back(), *self._read_again()], gap)
        self.polled_at = polling.now().isoformat()
        yield self._batch([])

    def _pages(self, name: str, path: str, gap: str, params: dict[str, Any]) -> Iterator[Batch]:
        first = not self.places[name]
        page: dict[str, str] = {} if first else {"min_id": self.places[name]}
        while True:
            items, headers = self.server.page(path, limit=PAGE, **params, **page)
            if not items:
                return
            found = [envelope for item in reversed(items) if (envelope := self._envelope(item))]
            newest = api.page_link(headers, "prev")
            if first and not self.places[name]:
                self.places[name] = next(iter(newest.values()), "") or str(items[0].get("id") or "")
            if not first:
                self.places[name] = next(iter(newest.values()), "") or str(items[0].get("id") or "")
            yield self._batch(found, gap)
            page = api.page_link(headers, "next") if first else {"min_id": self.places[name]}
            if first and (not page or self._is_old(items[-1])):
                return

    def _is_old(self, item: JSON) -> bool:
        try:
            return datetime.fromisoformat(str(item.get("created_at"))) < polling.now() - self.history
        except (ValueError, TypeError):
            return True

    def _envelope(self, item: JSON) -> Envelope | None:
        """The item with the root of its thread; None for one in which nobody says anything."""
        try:
            status = reading.status_of(item)
            if status is None or (not self.polled_at and self._is_old(item)):
                return None
            self._watch(str(status.get("id")))
            return reading.wrapped(item, self._root(status))
        except Unreadable:
            return None

    def _root(self, status: JSON) -> str:
        """The first status of the thread, as far as this server has it."""
        own, parent = str(status.get("id")), str(status.get("in_reply_to_id") or "")
        if not parent:
            root = own
        elif parent in self.roots:
            root = self.roots[parent]
        else:
            try:
                above = self.server.get(f"/api/v1/statuses/{own}/context").get("ancestors")
            except Refused:
                above = None
            root = str(above[0].get("id") or parent) if isinstance(above, list) and above else parent
            self.roots[parent] = root
        self.roots[own] = root
        for old in list(self.roots)[:-MOST_ROOTS]:
            del self.roots[old]
        return root

    def _watch(self, status_id: str) -> None:
        self.watched.pop(status_id, None)
        self.watched[status_id] = None
        for old in list(self.watched)[:-MOST_WATCHED]:
            del self.watched[old]

    def _held_back(self) -> list[Envelope]:
        """What strangers wrote and the account's notification policy keeps from it; [] where the server has none."""
        try:
            found, _headers = self.server.page("/api/v1/notifications/requests", limit=PAGE)
        except (Refused, TryLater):
            return []
        return [envelope for item in found if (envelope := self._envelope(item))]

    def _read_again(self) -> list[Envelope]:
        """The newest statuses once more, a few each time: gone ones as deletions, changed ones as they are now."""
        found: list[Envelope] = []
        for status_id in list(self.watched)[-MOST_RECHECKED:]:
            try:
                status = self.server.get(f"/api/v1/statuses/{status_id}")
            except Refused as problem:
                if problem.code == "gone":
                    found.append(reading.deletion(status_id, polling.now()))
                    del self.watched[status_id]
                continue
            if status.get("edited_at") and reading.status_of(status):
                found.append(reading.wrapped(status, self._root(status)))
        return found

    def _batch(self, found: list[Envelope], gap: str = "") -> Batch:
        cursor = {
            **self.places, "polled_at": self.polled_at, "roots": dict(self.roots), "watched": list(self.watched),
        }  # fmt: skip
        return Batch(tuple({one.event_key: one for one in found}.values()), cursor, gap)


def filtered(server: api.Server) -> str:
    """A warning when the account's notification policy holds strangers back; "" when it does not, or can't be read."""
    try:
        policy = server.get("/api/v2/notifications/policy")
    except Refused:
        return ""
    if any(value in ("filter", "drop") for value in policy.values()):
        return _("This account filters strangers: their posts reach Hark late, and some not at all.")
    return ""
