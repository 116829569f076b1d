"""Asking a network again and again: a plain round of requests, run in a thread, batch after batch for ever."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from .base import Batch, Connection

AWAY_SECONDS = 120.0  # without a round for longer than this, people are told what is being read again


@cache
def _pool() -> ThreadPoolExecutor:
    """Threads for the calls; a server that hangs holds one of its own and nobody else's."""
    return ThreadPoolExecutor(64, thread_name_prefix="polling")


os.register_at_fork(after_in_child=_pool.cache_clear)


async def rounds(
    poll: Callable[[], Iterator[Batch]], rest: Callable[[], Awaitable[None]]
) -> AsyncIterator[Batch]:
    """Batches for ever. Each is stored before the next is asked for, so a cursor never runs ahead of its events."""
    loop = asyncio.get_running_loop()
    while True:
        batches = poll()
        while (batch := await loop.run_in_executor(_pool(), next, batches, None)) is not None:
            yield batch
        await rest()


def seconds(connection: Connection, name: str, usual: float, least: float = 0.05) -> float:
    """A setting of the account in seconds; what is no number counts as the usual."""
    try:
        return max(least, float(connection.settings.get(name) or usual))
    except (TypeError, ValueError):
        return usual


def now() -> datetime:
    return datetime.now(UTC)


def away(polled_at: object, every: float) -> str:
    """Since when nothing was read, in words; "" when it was just now, or never before."""
    try:
        last = datetime.fromisoformat(str(polled_at))
    except ValueError:
        return ""
    if now() - last < timedelta(seconds=max(AWAY_SECONDS, 4 * every)):
        return ""
    return _("since %(time)s UTC") % {"time": last.strftime("%d %b %H:%M")}


def names(value: Any, most: int) -> list[str]:
    """Ids out of a stored cursor, the newest `most`."""
    return [str(one) for one in value][-most:] if isinstance(value, list) else []
