"""The short way in: a hook that lies there in one piece is answered by its connection, no ASGI request is made of it.

With an ASGI request an event took 85 µs of the web process, without it takes 70 (F1 of docs/performance.md); and whoever is
turned away must cost little, or those who are take the processor from those who get in (F12). What is not plain - in pieces,
in chunks, several at once, with a wish about the connection - takes the usual way, to the same edge.
"""

from __future__ import annotations

import asyncio
import functools
import re
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from . import edge
from .base import HookAnswer, HookRequest

PLAIN = re.compile(  # RFC 9112 §3 and §5, and nothing that may be read in two ways
    rb"POST (/hooks/([\w-]+)(?:\?[!-\"$-~]*)?) HTTP/1\.1\r\n"
    rb"((?:[!#$%&'*+.^`|~\w-]+:[^\x00-\x08\x0a-\x1f\x7f]*\r\n)+)\r\n"
)
UNUSUAL = frozenset({"transfer-encoding", "content-encoding", "expect", "upgrade"})
HOOK, LENGTH = b"POST /hooks/", re.compile(rb"\r\ncontent-length: *(\d+) *(?:\r\n|$)", re.IGNORECASE)


class Doorman(HttpToolsProtocol):
    """uvicorn's connection, with a look at what it received."""

    is_amid = False  # of a request that goes the usual way: its first bytes were read, and not its last
    inside: asyncio.Task[None] | None = None  # a hook that was let in
    held = b""  # what came meanwhile
    is_last = False
    answered_at = 0.0  # on the loop's clock

    def data_received(self, data: bytes) -> None:
        if self.inside:
            self.held += data
            self.flow.pause_reading()
        elif not self._rests():
            super().data_received(data)
        elif edge.edge.is_full and is_whole(data):
            edge.edge.turn_away()
            self._answer(TURNED_AWAY)
        elif hook := plain(data):
            edge.edge.inside += 1
            self.inside = self.loop.create_task(self._let_in(*hook))
            self.tasks.add(self.inside)
        else:
            super().data_received(data)

    def on_message_begin(self) -> None:
        self.is_amid = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self.is_amid = False
        super().on_message_complete()

    def _rests(self) -> bool:
        """Whether all that came was answered, and the answers were taken."""
        is_answered = self.cycle is None or self.cycle.response_complete
        return is_answered and not self.is_amid and not self.flow.write_paused

    async def _let_in(self, key: str, asked: HookRequest) -> None:
        answer = await edge.take_in(key, asked)
        if self.inside:
            self.tasks.discard(self.inside)
        self.inside = None
        given = b"".join(b"%b: %b\r\n" % header for header in self.server_state.default_headers)
        self._answer(as_http(answer) % given)
        if self.held and not self.transport.is_closing():
            held, self.held = self.held, b""
            self.flow.resume_reading()
            self.data_received(held)

    def _answer(self, answer: bytes) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(answer)
        if self.is_last:
            self.transport.close()
        self.answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_handler()

    def timeout_keep_alive_handler(self) -> None:
        """Whoever was answered here since has its time from then on: a timer for each would cost as much as the rest."""
        since = self.loop.time() if self.inside else self.answered_at
        left = since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            self.timeout_keep_alive_task = self.loop.call_later(0.001, self._leave, self.answered_at)

    def _leave(self, last: float) -> None:
        """What came while the loop was busy was read by now: it is answered, not hung up on."""
        if self.inside or self.answered_at > last:
            self.timeout_keep_alive_handler()
        else:
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """Whoever is inside has its answer first."""
        self.is_last = True
        if not self.inside:
            super().shutdown()


def is_whole(data: bytes) -> bool:
    """Whether these bytes are one request to a hook to its end: enough to say no, for less than reading it costs."""
    head, end, body = data.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    is_said_once = b"\r\ntransfer-encoding:" not in head.lower()  # else a proxy may see another end
    return bool(data.startswith(HOOK) and end and length and int(length[1]) == len(body) and is_said_once)


def plain(data: bytes) -> tuple[str, HookRequest] | None:
    """The key of the hook and what is asked of it, where these bytes are one plain request to its end."""
    found = PLAIN.match(data)
    if found is None:
        return None
    body = data[found.end() :]
    fields = [line.partition(":") for line in found[3].decode("latin-1").split("\r\n")[:-1]]
    headers = {name.lower(): value.strip(" \t") for name, _, value in fields}
    if (
        len(headers) < len(fields)  # one of them twice
        or headers.get("content-length") != str(len(body))
        or headers.get("connection", "keep-alive").lower() != "keep-alive"
        or not UNUSUAL.isdisjoint(headers)
    ):
        return None
    return found[2].decode(), edge.hook_request("POST", found[1].decode(), headers.items(), body)


@functools.lru_cache(64)
def as_http(answer: HookAnswer) -> bytes:
    """The answer as it is sent, with a gap (%b) for the server's own headers."""
    line = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n".encode()
    headers = b"".join(b"%b: %b\r\n" % header for header in edge.headers(answer))
    return b"%b%%b%b\r\n%b" % (line, headers, answer.body.replace(b"%", b"%%"))


TURNED_AWAY = as_http(edge.BUSY) % b""
