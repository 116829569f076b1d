"""`GET /live?…`: server-sent events that name topics and carry nothing. Raw ASGI: thousands of idle readers cost little.

Whoever reads must be allowed to: a gate, given the request, answers with the topics it may watch, by the names the page
uses for them. Access is checked again when the page fetches what changed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from hark import counting

from . import bus, topics

log = structlog.get_logger(__name__)

Gate = Callable[[Mapping[str, Any]], Awaitable["Mapping[str, str] | None"]]

MERGE_SECONDS = 0.05  # events of a queue within this time become one
KEEPALIVE_SECONDS = 20.0  # proxies close what is silent
RECHECK_SECONDS = 60.0  # a session that ended stops hearing
RETRY_SECONDS = 1.0
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Reader:
    """One open page: the topics it watches, by the names it gave them."""

    __slots__ = ("names", "pending", "urgent", "wake")

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)  # topic → name of the event
        self.pending: dict[str, None] = {}
        self.wake = asyncio.Event()
        self.urgent = asyncio.Event()  # something that waits for no merging

    def hear(self, topic: str) -> None:
        self.pending[topic] = None
        self.wake.set()
        if not topics.is_merged(topic):
            self.urgent.set()

    def take(self) -> bytes:
        events = b"".join(event(self.names[topic]) for topic in self.pending if topic in self.names)
        self.pending.clear()
        self.wake.clear()
        self.urgent.clear()
        return events


class Hub:
    """All readers of this process, by topic; one connection to the bus for all of them."""

    def __init__(self) -> None:
        self.readers: dict[str, set[Reader]] = {}
        self.everybody: set[Reader] = set()
        self.task: asyncio.Task[None] | None = None
        self.closing = False

    def join(self, reader: Reader) -> None:
        self.everybody.add(reader)
        for topic in reader.names:
            self.readers.setdefault(topic, set()).add(reader)

    def leave(self, reader: Reader) -> None:
        self.everybody.discard(reader)
        for topic in reader.names:
            watching = self.readers.get(topic)
            if watching:
                watching.discard(reader)
                if not watching:
                    del self.readers[topic]

    def tell(self, changed: list[str]) -> None:
        for topic in changed:
            for reader in self.readers.get(topic, ()):
                reader.hear(topic)

    def tell_everybody(self) -> None:
        """After a lost connection to the bus nobody knows what was missed: every page looks again."""
        for reader in self.everybody:
            for topic in reader.names:
                reader.hear(topic)

    async def follow(self) -> None:
        while not self.closing:
            try:
                async for changed in bus.listen(self.tell_everybody):
                    self.tell(changed)
            except asyncio.CancelledError:
                raise
            except Exception as problem:
                log.warning("live.bus_lost", problem=str(problem))
            await asyncio.sleep(RETRY_SECONDS)


hub = Hub()


def event(name: str) -> bytes:
    return f"event: {name}\ndata: 1\n\n".encode()


async def start() -> None:
    hub.closing = False
    hub.task = asyncio.create_task(hub.follow())


async def stop() -> None:
    hub.closing = True
    for reader in list(hub.everybody):
        reader.wake.set()
    if hub.task:
        hub.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hub.task


async def serve(scope: Mapping[str, Any], receive: Any, send: Any, gate: Gate) -> None:
    """One reader, from request to disconnect."""
    watched = await gate(scope) if scope["method"] == "GET" else None
    if not watched:
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    reader = Reader({topic: name for name, topic in watched.items()})
    hub.join(reader)
    counting.STREAMS.inc()
    gone = asyncio.create_task(_disconnected(receive, reader))
    try:
        await send(
            {"type": "http.response.body", "body": b"retry: 2000\n" + event("hello"), "more_body": True}
        )
        await _write(scope, send, gate, reader, gone)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        hub.leave(reader)
        counting.STREAMS.dec()
        gone.cancel()


async def _write(
    scope: Mapping[str, Any], send: Any, gate: Gate, reader: Reader, gone: asyncio.Task[None]
) -> None:
    loop = asyncio.get_running_loop()
    checked = loop.time()
    while not gone.done() and not hub.closing:
        try:
            async with asyncio.timeout(KEEPALIVE_SECONDS):
                await reader.wake.wait()
        except TimeoutError:
            await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
        if loop.time() - checked > RECHECK_SECONDS:
            if not await gate(scope):
                return
            checked = loop.time()
        if gone.done():
            return
        if events := reader.take():
            await send({"type": "http.response.body", "body": events, "more_body": True})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(MERGE_SECONDS):
                    await reader.urgent.wait()


async def _disconnected(receive: Any, reader: Reader) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    reader.wake.set()
