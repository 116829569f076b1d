"""Agents with the console open: each holds one live stream, and notes when an event's bytes come in."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlencode

import uvloop

Heard = Callable[[int, float], None]


class Agent(asyncio.Protocol):
    """One live stream. `heard(case, at)` is called for each event that names the agent's case, or the queue where it is 0."""

    def __init__(self, request: bytes, case: int, heard: Heard) -> None:
        self.request, self.case, self.heard = request, case, heard
        self.mark = b"event: case-%d\n" % case if case else b"event: queue\n"
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.events = 0
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        if not self.open.done():
            if b"event: hello" in data:
                self.open.set_result(None)
            elif not data.startswith(b"HTTP/1.1 200"):
                self.open.set_exception(RuntimeError(f"no live stream: {data[:80]!r}"))
            return
        self.events += data.count(b"event: ")
        if self.mark in data:
            self.heard(self.case, at)

    def connection_lost(self, problem: Exception | None) -> None:
        self.lost = True
        if not self.open.done():
            self.open.set_exception(RuntimeError(f"the live stream was refused: {problem}"))


def live(slug: str, case: int, cookie: str) -> bytes:
    """The request of an agent who watches the brand's queue and this case (0: the queue alone)."""
    query = urlencode({"brand": slug, "topics": f"queue,case-{case}" if case else "queue"})
    return f"GET /live?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()


async def connect(port: int, request: bytes, case: int, heard: Heard) -> Agent:
    """An agent, once the server has said hello."""
    loop = asyncio.get_running_loop()
    _, agent = await loop.create_connection(lambda: Agent(request, case, heard), "127.0.0.1", port)
    await asyncio.wait_for(agent.open, 60)
    return agent


async def connect_all(port: int, requests: Sequence[bytes], heard: Heard, at_once: int = 50) -> list[Agent]:
    """Agents who watch the queue, so many of them shaking hands at once."""
    turns = asyncio.Semaphore(at_once)

    async def one(request: bytes) -> Agent:
        async with turns:
            return await connect(port, request, 0, heard)

    return list(await asyncio.gather(*map(one, requests)))


@contextmanager
def audience(port: int, requests: Sequence[bytes]) -> Iterator[list[Agent]]:
    """Agents who listen in a thread of their own meanwhile."""
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    listening: list[Agent] = []
    try:
        connecting = connect_all(port, requests, lambda case, at: None)
        listening += asyncio.run_coroutine_threadsafe(connecting, loop).result(120)
        yield listening
    finally:
        loop.call_soon_threadsafe(lambda: [agent.transport.close() for agent in listening])
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


class Poster(asyncio.Protocol):
    """One kept connection on which posts are sent; `send` gives the moment at which the 200 was read."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[float] | None = None
        self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    async def send(self, request: bytes) -> float:
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)  # type: ignore[attr-defined]
        return await asyncio.wait_for(self.answer, 30)

    def data_received(self, data: bytes) -> None:
        self.refused += not data.startswith(b"HTTP/1.1 200")
        if self.answer and not self.answer.done():
            self.answer.set_result(time.perf_counter())

    def connection_lost(self, problem: Exception | None) -> None:
        if self.answer and not self.answer.done():
            self.answer.set_exception(ConnectionError("the hook hung up"))
