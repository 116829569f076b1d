"""The edge's writer commits whatever piled up while its last commit was under way, and a millisecond longer.

A statement over many rows costs little more than one over a single row: one writer with large batches beats several
with small ones, and the millisecond halves what an event costs when many come. Ten need not wait for more, so that
half of the senders are heard while the others' events are being committed. A thread of its own was slower: it and the
loop waited for each other's turn at the interpreter.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog
from django.db import connection

from hark import counting

from . import intake
from .base import Envelope

log = structlog.get_logger(__name__)

Row = tuple[int, int, Envelope, int, str]  # brand, account, event, state, problem

BATCH = 2_000  # rows a commit, and the rest of the last request: a round trip takes turns of a busy loop
TOLD_AT_ONCE = 100  # requests answered in one turn: 2,000 at once kept refusals waiting for 0.2 s
LINGER_SECONDS = 0.001
COMPANY = 10  # requests worth a statement: so many need not wait for more
QUEUE_LIMIT = 20_000  # events waiting for a commit
QUEUE_BYTES = 64 * 2**20
SAY_SECONDS = 1.0  # the log names what was stored once in this time
APPEND = f"""
    WITH stored AS ({intake.APPEND_SQL.replace("%s", "%b")} RETURNING id)
    SELECT ids, pg_notify('{intake.WAKE}', '') FROM (SELECT array_agg(id) AS ids FROM stored) AS new WHERE ids IS NOT NULL
"""  # noqa: S608  (names of ours)


@dataclass(slots=True)
class Parcel:
    """The events of one request, never split over two commits, and the promise that they are stored."""

    rows: list[Row]
    size: int
    stored: asyncio.Future[None]

    def settle(self, problem: Exception | None) -> None:
        if self.stored.done():  # its request was given up
            return
        if problem is None:
            self.stored.set_result(None)
        else:
            self.stored.set_exception(problem)


@dataclass
class Writer:
    """The bounded queue of this process, and what empties it."""

    waiting: deque[Parcel] = field(default_factory=deque)
    rows: int = 0
    size: int = 0
    closing: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    company: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    telling: asyncio.Task[None] | None = None  # those whose events were committed last
    unsaid: list[int] = field(default_factory=list)  # deliveries that the log has yet to name

    def start(self) -> None:
        self.task = asyncio.create_task(self._write())

    async def stop(self) -> None:
        """Commit what has been accepted, then rest; ten seconds at most."""
        self.closing = True
        self.wake.set()
        if self.task:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.task, 10)
        self._say()

    def has_room(self, rows: int, size: int) -> bool:
        return not self.closing and self.rows + rows <= QUEUE_LIMIT and self.size + size <= QUEUE_BYTES

    async def store(self, rows: list[Row], size: int) -> None:
        """Returns once the rows are durable. Raises psycopg.Error when they are not."""
        parcel = Parcel(rows, size, asyncio.get_running_loop().create_future())
        self.rows += len(rows)
        self.size += size
        self.waiting.append(parcel)
        self.wake.set()
        if len(self.waiting) >= COMPANY:
            self.company.set()
        await parcel.stored

    async def _write(self) -> None:
        pen = Pen()
        while not (self.closing and not self.waiting):
            if not self.waiting:
                self.wake.clear()
                await self.wake.wait()
                continue
            await self._gather()
            parcels = self._take()
            problems = await pen.write([parcel.rows for parcel in parcels])
            self._note(pen)
            told = list(zip(parcels, problems, strict=True))
            self._tell(told[:TOLD_AT_ONCE])
            if more := told[TOLD_AT_ONCE:]:
                await self._has_told()
                self.telling = asyncio.create_task(self._go_on_telling(more))
        await self._has_told()
        await pen.close()

    def _tell(self, told: list[tuple[Parcel, Exception | None]]) -> None:
        for parcel, problem in told:
            self.rows -= len(parcel.rows)
            self.size -= parcel.size
            parcel.settle(problem)

    async def _go_on_telling(self, told: list[tuple[Parcel, Exception | None]]) -> None:
        """A few in each turn of the loop, while the next are being committed: whoever comes meanwhile is not kept waiting."""
        for first in range(0, len(told), TOLD_AT_ONCE):
            await asyncio.sleep(0)
            self._tell(told[first : first + TOLD_AT_ONCE])

    async def _has_told(self) -> None:
        if self.telling:
            await self.telling
            self.telling = None

    async def _gather(self) -> None:
        """Wait for company, a millisecond at most."""
        if len(self.waiting) < COMPANY:
            self.company.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.company.wait(), LINGER_SECONDS)

    def _note(self, pen: Pen) -> None:
        """Count what is new. One line a second names it: `grep` for a delivery finds every stop of its way."""
        if not pen.stored:
            return
        counting.EVENTS_STORED.inc(len(pen.stored))
        if not self.unsaid:
            asyncio.get_running_loop().call_later(SAY_SECONDS, self._say)
        self.unsaid += pen.stored
        pen.stored = []

    def _say(self) -> None:
        if self.unsaid:
            log.info("edge.stored", deliveries=self.unsaid)
            self.unsaid = []

    def _take(self) -> list[Parcel]:
        """As many parcels as fill a statement."""
        taken: list[Parcel] = []
        rows = 0
        while self.waiting and rows < BATCH:
            parcel = self.waiting.popleft()
            rows += len(parcel.rows)
            taken.append(parcel)
        return taken


class Pen:
    """One connection, opened when it is needed, and what was stored with it."""

    def __init__(self) -> None:
        self.database: psycopg.AsyncConnection[Any] | None = None
        self.stored: list[int] = []  # ids of new deliveries; the writer takes them between two commits

    async def write(self, parcels: list[list[Row]]) -> list[Exception | None]:
        """Commit all parcels at once; for each None, or why it is not stored."""
        try:
            self.stored += await commit(await self._connected(), [row for rows in parcels for row in rows])
        except psycopg.DataError as problem:
            if len(parcels) == 1:
                log.warning("edge.refused_by_database", problem=str(problem))
                return [problem]
            # One of them holds what the database refuses: the others must not suffer for it.
            return [found for rows in parcels for found in await self.write([rows])]
        except (psycopg.Error, OSError) as problem:
            log.warning("edge.not_stored", problem=str(problem))
            await self.close()
            return [psycopg.OperationalError(str(problem))] * len(parcels)
        return [None] * len(parcels)

    async def close(self) -> None:
        if self.database is not None:
            await self.database.close()
            self.database = None

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self.database is None or self.database.closed:
            parameters = connection.get_connection_params()
            for ours in ("cursor_factory", "context"):
                parameters.pop(ours, None)
            self.database = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
        return self.database


async def commit(database: psycopg.AsyncConnection[Any], rows: list[Row]) -> list[int]:
    """The ids of what is new, which is durable when this returns: one statement, one transaction, one round trip.

    In one order for all writers, so that two of them can't wait for each other.
    """
    rows.sort(key=lambda row: (row[1], row[2].event_key))
    cursor = await database.execute(APPEND, [False, False, *intake.rows(rows)], prepare=True)
    found = await cursor.fetchone()
    return list(found[0]) if found else []
