"""Too much at once is said at the door: the connection answers 503 before a request is made of the bytes.

Whoever is turned away must cost little, or those who are take the processor from those who get in: as an ASGI request a
refusal costs 85 µs, like an event; here some 25 (F12 of docs/performance.md). Hooks alone, and only such that lie there in
one piece; all else takes the usual way, where the same limit holds.
"""

from __future__ import annotations

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .edge import BUSY, edge

HOOK = b"POST /hooks/"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+) *(?:\r\n|$)", re.IGNORECASE)
TURNED_AWAY = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nretry-after: 1\r\n\r\n%b" % (len(BUSY.body), BUSY.body)
)


class Doorman(HttpToolsProtocol):
    """uvicorn's connection, with a look at the crowd inside before it reads."""

    is_amid = False  # of a request: its first bytes were read, and not its last
    turned_away_at = 0.0  # on the loop's clock

    def data_received(self, data: bytes) -> None:
        if (
            data.startswith(HOOK)
            and not self.is_amid
            and self._rests()
            and is_whole(data)
            and not edge.lets_in()
        ):
            self._turn_away()
        else:
            super().data_received(data)

    def on_message_begin(self) -> None:
        self.is_amid = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self.is_amid = False
        super().on_message_complete()

    def _rests(self) -> bool:
        """Whether the last request was answered to its end."""
        return self.cycle is None or self.cycle.response_complete

    def _turn_away(self) -> None:
        self.transport.write(TURNED_AWAY)
        self.turned_away_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_handler()

    def timeout_keep_alive_handler(self) -> None:
        """Whoever was turned away since has its time from then on: a timer for each would cost as much as the rest."""
        left = self.turned_away_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()


def is_whole(data: bytes) -> bool:
    """Whether these bytes are one request to its end, its length said: not a part of one, not two, not in chunks."""
    head, end, body = data.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    return bool(end and length and int(length[1]) == len(body))
