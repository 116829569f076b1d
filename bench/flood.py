"""An open loop: requests go out at their times, whatever the answers take. And a closed one, for the peak of the same client."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .harness import percentile

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
REFUSALS = (b"429", b"503")
TICK_SECONDS = 0.002
ANSWER_SECONDS = 30


@dataclass
class Flood:
    """What came back. `late` are requests that could not go out: every connection was in use.

    `in_time` are the accepted ones that had their answer before the time was over.
    """

    accepted: int = 0
    in_time: int = 0
    refused: int = 0
    impolite: int = 0  # refused without Retry-After
    other: int = 0  # any other answer, or none
    late: int = 0
    sent: int = 0
    connections: int = 0
    seconds: float = 0.0
    accepted_ms: list[float] = field(default_factory=list)
    refused_ms: list[float] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        """Accepted while it went on."""
        return self.in_time / self.seconds

    def refusal_ms(self, share: float) -> float:
        """Of what was not accepted; what had no answer counts as the longest wait."""
        waited = [*self.refused_ms, *[ANSWER_SECONDS * 1000.0] * self.other]
        return percentile(waited, share) if waited else 0.0


class Client(asyncio.Protocol):
    """One connection with at most one request under way. `after` is called when it is free again."""

    def __init__(self, flood: Flood, after: Callable[[Client], None]) -> None:
        self.flood, self.after = flood, after
        self.buffer, self.sent_at = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.after(self)

    def send(self, request: bytes, due: float) -> None:
        """`due` is when it should have gone out: waiting for a connection counts."""
        self.sent_at = due
        self.flood.sent += 1
        self.transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or (length and len(body) < int(length[1])):
            return
        ms = (time.perf_counter() - self.sent_at) * 1000
        flood, status = self.flood, head[9:12]
        if status == b"200":
            flood.accepted += 1
            flood.accepted_ms.append(ms)
        elif status in REFUSALS:
            flood.refused += 1
            flood.refused_ms.append(ms)
            flood.impolite += b"\nretry-after:" not in head.lower()
        else:
            flood.other += 1
        self.buffer, self.sent_at = b"", 0.0
        self.after(self)

    def connection_lost(self, problem: Exception | None) -> None:
        if self.sent_at:
            self.flood.other += 1
            self.sent_at = 0.0


async def closed(port: int, requests: Iterator[bytes], seconds: float, connections: int) -> Flood:
    """Each connection asks again as soon as it was answered."""
    found, ends_at = Flood(), time.perf_counter() + seconds

    def again(client: Client) -> None:
        now = time.perf_counter()
        if now < ends_at:
            client.send(next(requests), now)

    clients = [await _connect(port, found, again) for _ in range(connections)]
    await asyncio.sleep(ends_at - time.perf_counter())
    return await _settled(found, clients, seconds)


async def flood(port: int, requests: Iterator[bytes], rate: float, seconds: float, connections: int) -> Flood:
    """`rate` requests a second. The connections stand before the time begins; the one that was used last goes first."""
    found = Flood()
    clients = [await _connect(port, found, lambda one: None) for _ in range(connections)]
    free = list(clients)
    for client in clients:
        client.after = free.append
    began, number = time.perf_counter(), 0
    while (now := time.perf_counter()) - began < seconds:
        while number < (now - began) * rate:
            due, number = began + number / rate, number + 1
            while free and free[-1].transport.is_closing():  # type: ignore[attr-defined]
                free.pop()  # rested for too long
            if free:
                free.pop().send(next(requests), due)
            else:
                found.late += 1
        await asyncio.sleep(TICK_SECONDS)
    return await _settled(found, clients, seconds)


async def _connect(port: int, found: Flood, after: Callable[[Client], None]) -> Client:
    loop = asyncio.get_running_loop()
    return (await loop.create_connection(lambda: Client(found, after), "127.0.0.1", port))[1]


async def _settled(found: Flood, clients: list[Client], seconds: float) -> Flood:
    """Once every request has its answer, or will have none."""
    found.seconds, found.connections, found.in_time = seconds, len(clients), found.accepted
    give_up_at = time.perf_counter() + ANSWER_SECONDS
    while any(client.sent_at for client in clients) and time.perf_counter() < give_up_at:
        await asyncio.sleep(0.01)
    found.other += sum(bool(client.sent_at) for client in clients)
    for client in clients:
        client.sent_at = 0.0
        client.transport.close()
    return found
