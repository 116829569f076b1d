"""Collecting an account: polls every few seconds, sooner when the stream says so; batch after batch, for ever."""

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

from hark.channels.base import Batch, Connection, Envelope

from . import feeds
from .chats import Chats
from .failures import reading
from .progress import Progress, now
from .sessions import Session
from .streaming import REFRESH_SECONDS, Stream

POLL_SECONDS = 15.0
RECHECK_SECONDS = 600.0
HISTORY_HOURS = (
    24.0  # how far the first reading goes back: older posts were answered elsewhere, or never will be
)
AWAY_SECONDS = (
    120.0  # without a poll for longer than this, people are told that something is being read again
)
INDEXING_SECONDS = 1.0  # the stream is ahead of the AppView by about this much
BATCH = 500
CURSOR_SECONDS = 60.0  # how often the time of the last poll is stored when nothing else happens


@cache
def _pool() -> ThreadPoolExecutor:
    """Threads for the calls; a server that hangs holds one of its own and nobody else's."""
    return ThreadPoolExecutor(64, thread_name_prefix="bluesky")


os.register_at_fork(after_in_child=_pool.cache_clear)


async def collect(connection: Connection, cursor: Mapping[str, Any]) -> AsyncIterator[Batch]:
    """Batches for ever. Raises TryLater (rate limit, network away) and NeedsReconnect; asked again, it goes on."""
    follower = Follower(connection, Progress(cursor))
    if gap := follower.away():
        yield Batch((), gap=gap)
    loop = asyncio.get_running_loop()
    stream = follower.stream()
    following = asyncio.create_task(stream.follow()) if stream else None
    try:
        while True:
            for batch in await loop.run_in_executor(_pool(), lambda: list(follower.poll())):
                yield batch
            await follower.rest(stream)
            if stream and (found := stream.taken()):
                yield follower.batch(found)
    finally:
        if following:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following


class Follower:
    """One account being followed. Settings: poll_seconds, recheck_seconds, history_hours, jetstream."""

    def __init__(self, connection: Connection, progress: Progress) -> None:
        self.connection, self.progress = connection, progress
        self.session = Session(connection)
        self.chats = Chats(self.session, progress)
        self.poll_seconds = self._number("poll_seconds", POLL_SECONDS, least=0.1)
        self.recheck_seconds = self._number("recheck_seconds", RECHECK_SECONDS, least=0.5)
        self.pause_seconds = 0.0
        self._checked = time.monotonic()
        self._own_checked = float("-inf")
        self._renewed: dict[str, Any] | None = None
        self._place: dict[str, Any] = {}
        self._placed = float("-inf")

    def _number(self, name: str, usual: float, least: float) -> float:
        try:
            return max(least, float(self.connection.settings.get(name) or usual))
        except (TypeError, ValueError):
            return usual

    def away(self) -> str:
        """Since when nothing was read, in words; "" when it was just now, or never before."""
        last = self.progress.polled_at
        if last is None or now() - last < timedelta(seconds=max(AWAY_SECONDS, 4 * self.poll_seconds)):
            return ""
        return _("since %(time)s UTC") % {"time": last.strftime("%d %b %H:%M")}

    def stream(self) -> Stream | None:
        base = str(self.connection.settings.get("jetstream") or "")
        refresh = self._number("stream_refresh_seconds", REFRESH_SECONDS, least=0.2)
        return Stream(base, self.session.did, self.progress, refresh) if base else None

    def poll(self) -> Iterator[Batch]:
        """One round of reading, in batches; the last one says that all is caught up."""
        gap = self.away()
        since = self._first_since()
        with reading():
            found, self.pause_seconds = feeds.notifications(self.session, self.progress, since)
        found += self._own(since)
        yield from self._chunks(found, gap)
        if self.session.reads_messages:
            yield from self._chat(gap)
        if time.monotonic() - self._checked >= self.recheck_seconds:
            with reading():
                again = feeds.recheck(self.session, self.progress)
            self._checked, self.progress.checked_at = time.monotonic(), now()
            yield from self._chunks(again, gap)
        self.progress.polled_at = now()
        yield self.batch([])

    def _first_since(self) -> datetime | None:
        """How far back a first reading goes; None when this is not the first."""
        if self.progress.polled_at:
            return None
        return now() - timedelta(hours=self._number("history_hours", HISTORY_HOURS, least=0))

    def _own(self, since: datetime | None) -> list[Envelope]:
        """The brand's own posts, every other round: somebody may answer in another app."""
        if time.monotonic() - self._own_checked < 1.5 * self.poll_seconds:
            return []
        with reading():
            found = feeds.own_posts(self.session, self.progress, since)
        self._own_checked = time.monotonic()
        return found

    def _chat(self, gap: str) -> Iterator[Batch]:
        if not self.progress.chat_begun:
            with reading():
                since = now() - timedelta(hours=self._number("history_hours", HISTORY_HOURS, least=0))
                found = self.chats.first_reading(since)
            yield from self._chunks(found, gap)
        more = True
        while more:
            with reading():
                found, more = self.chats.news()
            yield from self._chunks(found, gap)

    def _chunks(self, found: list[Envelope], gap: str) -> Iterator[Batch]:
        """The cursor moves with the last chunk only: what is read twice is a no-op, what is skipped is lost."""
        for start in range(0, len(found), BATCH):
            last = start + BATCH >= len(found)
            yield self.batch(found[start : start + BATCH], gap, move=last)

    def batch(self, found: list[Envelope], gap: str = "", *, move: bool = True) -> Batch:
        """Envelopes with the cursor, which is left out where it would say nothing new."""
        cursor = self.progress.store() if move else None
        if cursor is not None:
            place = {**cursor, "polled_at": None}
            if not found and place == self._place and time.monotonic() - self._placed < CURSOR_SECONDS:
                cursor = None
            else:
                self._place, self._placed = place, time.monotonic()
        renewed = self.session.credentials()
        changed = renewed if renewed != self._renewed else None
        self._renewed = renewed
        return Batch(tuple(found), cursor, gap, changed)

    async def rest(self, stream: Stream | None) -> None:
        """Until the next round: the usual time, longer when the server's allowance runs out, less when nudged."""
        if self.pause_seconds > self.poll_seconds or stream is None:
            await asyncio.sleep(max(self.poll_seconds, self.pause_seconds))
            return
        stream.nudge.clear()
        if not stream.found:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stream.nudge.wait(), self.poll_seconds)
                await asyncio.sleep(min(INDEXING_SECONDS, self.poll_seconds))
                self._own_checked = float("-inf")
        if stream.check_all:
            stream.check_all, self._checked = False, float("-inf")
