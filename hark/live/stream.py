"""`GET /live?…`: server-sent events that name topics and carry nothing. Raw ASGI: thousands of idle readers cost little.

Whoever reads must be allowed to: a gate, given the request, answers with the topics it may watch, by the names the page
uses for them. Access is checked again when the page fetches what changed.
"""

from __future__ import annotations

import asyncio
import functools
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import parse_qs

import structlog

from hark import counting

from . import bus, topics

log = structlog.get_logger(__name__)

Gate = Callable[[Mapping[str, Any]], Awaitable["Mapping[str, str] | None"]]
Check = Callable[[], Awaitable[bool]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

MERGE_SECONDS = 0.05  # a queue is told once in this time, however often it changes
KEEPALIVE_SECONDS = 20.0  # proxies close what is silent
RECHECK_ROUNDS = (
    3  # keepalives between two looks at whether a reader still may: a session that ended stops hearing
)
RETRY_SECONDS = 1.0
MOST_REMEMBERED = 20_000  # topics; a page older than the oldest looks at everything again
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Reader:
    """One open page: the topics it watches, by the names it gave them. Idle, it is these few fields and one task."""

    __slots__ = ("is_writing", "names", "pending", "send")

    def __init__(self, names: Mapping[str, str], send: Send) -> None:
        self.names = dict(names)  # topic → name of the event
        self.send = send
        self.pending: dict[str, None] = {}
        self.is_writing = False

    def hear(self, topic: str) -> None:
        """Write it soon. What comes while a slow reader is being written to waits, and goes out together."""
        self.pending[topic] = None
        if not self.is_writing:
            self.is_writing = True
            hub.run(self._write())

    async def _write(self) -> None:
        try:
            while self.pending:
                events = b"".join(event(self.names[topic]) for topic in self.pending)
                self.pending.clear()
                await self.write(events)
        finally:
            self.is_writing = False

    async def write(self, body: bytes) -> None:
        await self.send({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self) -> None:
        """The response is over; whoever waits for the disconnect hears of it."""
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})


class Hub:
    """All readers of this process, by topic; one connection to the bus, and one round of keepalives, for all of them."""

    def __init__(self) -> None:
        self.readers: dict[str, set[Reader]] = {}
        self.everybody: dict[Reader, Check] = {}
        self.resting: dict[str, bool] = {}  # told a moment ago → whether it changed since
        self.changed: OrderedDict[str, float] = OrderedDict()  # topic → when it last did, oldest first
        self.hears_from = math.inf  # seconds since 1970: no change after that was missed or is forgotten
        self.tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def join(self, reader: Reader, may_still: Check) -> None:
        self.everybody[reader] = may_still
        for topic in reader.names:
            self.readers.setdefault(topic, set()).add(reader)

    def missed(self, reader: Reader, since: float) -> list[str] | None:
        """Its topics that changed after that moment (seconds since 1970); None when nobody knows."""
        if not self.hears_from < since <= time.time():
            return None
        return [topic for topic in reader.names if self.changed.get(topic, 0.0) >= since]

    def leave(self, reader: Reader) -> None:
        self.everybody.pop(reader, None)
        for topic in reader.names:
            watching = self.readers.get(topic)
            if watching:
                watching.discard(reader)
                if not watching:
                    del self.readers[topic]

    def tell(self, topic: str) -> None:
        """At once; but a topic that many watch, and that changes all the time, once in a while."""
        self._note(topic)
        if topic in self.resting:
            self.resting[topic] = True
            return
        watching = self.readers.get(topic, ())
        if watching and topics.is_merged(topic):
            self.resting[topic] = False
            asyncio.get_running_loop().call_later(MERGE_SECONDS, self._rested, topic)
        for reader in watching:
            reader.hear(topic)

    def _note(self, topic: str) -> None:
        self.changed[topic] = time.time()
        self.changed.move_to_end(topic)
        if len(self.changed) > MOST_REMEMBERED:
            _, forgotten = self.changed.popitem(last=False)
            self.hears_from = max(self.hears_from, forgotten)

    def _rested(self, topic: str) -> None:
        if self.resting.pop(topic, False):
            self.tell(topic)

    def tell_everybody(self) -> None:
        """After a lost connection to the bus nobody knows what was missed: every page looks again."""
        self.hears_from = time.time()
        for reader in self.everybody:
            for topic in reader.names:
                reader.hear(topic)

    async def follow(self) -> None:
        while True:
            try:
                async for changed in bus.listen(self.tell_everybody):
                    for topic in changed:
                        self.tell(topic)
            except Exception as problem:
                log.warning("live.bus_lost", problem=str(problem))
            self.hears_from = math.inf
            await asyncio.sleep(RETRY_SECONDS)

    async def keep_alive(self) -> None:
        """Every reader hears something in each round, a few at a time; in some rounds it is asked whether it still may."""
        number = 0
        while True:
            number += 1
            present = list(self.everybody.items())
            pause = KEEPALIVE_SECONDS / max(1, len(present))
            for reader, may_still in present:
                await asyncio.sleep(pause)
                if reader not in self.everybody:
                    continue
                if number % RECHECK_ROUNDS == 0 and not await may_still():
                    self.run(reader.end())
                elif not reader.is_writing:
                    self.run(reader.write(b": still here\n\n"))
            if not present:
                await asyncio.sleep(KEEPALIVE_SECONDS)


hub = Hub()


@functools.cache
def event(name: str) -> bytes:
    return f"event: {name}\ndata: 1\n\n".encode()


async def start() -> None:
    hub.run(hub.follow())
    hub.run(hub.keep_alive())


async def stop() -> None:
    for reader in list(hub.everybody):
        await reader.end()
    for task in list(hub.tasks):
        task.cancel()
    await asyncio.gather(*hub.tasks, return_exceptions=True)
    hub.resting.clear()
    hub.hears_from = math.inf


async def serve(scope: Mapping[str, Any], receive: Any, send: Send, gate: Gate) -> None:
    """One reader, from request to disconnect."""
    watched = await gate(scope) if scope["method"] == "GET" else None
    if not watched:
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        return

    async def may_still() -> bool:
        return bool(await gate(scope))

    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    reader = Reader({topic: name for name, topic in watched.items()}, send)
    hub.join(reader, may_still)
    counting.STREAMS.inc()
    try:
        await reader.write(_greeting(reader, scope["query_string"]))
        while (await receive())["type"] != "http.disconnect":
            pass
    finally:
        hub.leave(reader)
        counting.STREAMS.dec()


def _greeting(reader: Reader, query: bytes) -> bytes:
    """`hello` has the page look at everything again; one that was made a moment ago hears of what has changed since."""
    try:
        since = float(parse_qs(query.decode("latin-1")).get("since", ["0"])[0])
    except ValueError:
        since = 0.0
    missed = hub.missed(reader, since)
    news = event("hello") if missed is None else b"".join(event(reader.names[topic]) for topic in missed)
    return b"retry: 2000\n\n" + news
