"""Agents with the console open: each holds one live stream, and notes when an event's bytes come in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlencode

Heard = Callable[[int, float], None]


class Agent(asyncio.Protocol):
    """One live stream. `heard(case, at)` is called for each event that names the agent's case."""

    def __init__(self, request: bytes, case: int, heard: Heard) -> None:
        self.request, self.case, self.heard = request, case, heard
        self.mark = b"event: case-%d\n" % case
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


async def connect(port: int, slug: str, case: int, cookie: str, heard: Heard) -> Agent:
    """An agent who watches the brand's queue and this case, once Hark has said hello."""
    query = urlencode({"brand": slug, "topics": f"queue,case-{case}"})
    request = f"GET /live?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    _, agent = await loop.create_connection(lambda: Agent(request, case, heard), "127.0.0.1", port)
    await asyncio.wait_for(agent.open, 30)
    return agent


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
