"""A server of somebody else's network over HTTP, as far as a sender meets it, with its own ledger and its own bad days.

It speaks the few calls of the AT Protocol by which Hark posts a reply. Unlike the real one it posts again under a key
that it knows: whoever asks twice has posted twice, and the ledger tells. `faults` of its calls go wrong, each kind as
often as the others; it notes every call that came before the time it had asked to wait was over.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import math
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

WAIT_SECONDS = 4  # what a 429 asks for
UNDER_WAY_SECONDS = (
    2.0  # one reply takes three calls, one of them perhaps unanswered: those under way at the 429 end
)
HEARD_SECONDS = 3.0  # from a 429 that is said to one that is written down, on a busy machine
LATENCY_SECONDS = (0.005, 0.12)
FAULTY = 0.5  # of the calls, while there are faults left
CHANGES_NOTHING = ("limit", "limit by reset", "error before", "reset before", "cut", "silence")
POSTS = (
    *CHANGES_NOTHING,
    "limit without a time",
    "error after",
    "reset after",
    "refused",
    "silence after",
    "cut after",
)
REASON = "This account may not answer here"


@dataclass
class Pds:
    """Every account is its own: its limit, its posts. Times are of the monotonic clock."""

    silence_seconds: float  # longer than any client waits
    chance: random.Random
    faults: int  # still to come
    given: Counter[str] = field(default_factory=Counter)
    posts: list[tuple[str, str]] = field(default_factory=list)  # account and record key, in order
    refused: set[str] = field(
        default_factory=set
    )  # record keys: again whenever they come, and nothing hides it
    early: list[str] = field(default_factory=list)
    closed: dict[str, tuple[float, float]] = field(default_factory=dict)  # account: said at, open again at
    calls: int = 0  # going on now
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begins(self, account: str, call: str) -> float:
        """Seconds until the account may be used again; notes whoever should have known."""
        with self.lock:
            now = time.monotonic()
            said, opens = self.closed.get(account, (0.0, 0.0))
            if now < opens and now > said + UNDER_WAY_SECONDS:
                self.early.append(
                    f"{call} of {account} came {opens - now:.2f} s too early, {now - said:.2f} s after the 429"
                )
            return max(0.0, opens - now)

    def takes_fault(self, call: str, key: str) -> str:
        """The kind of fault that this call gets, "" for none."""
        with self.lock:
            if key in self.refused:
                return "refused" if call == "createRecord" else ""
            if self.faults <= 0 or self.chance.random() > FAULTY:
                return ""
            self.faults -= 1
            kinds = POSTS if call == "createRecord" else CHANGES_NOTHING
            fewest = min(self.given[kind] for kind in kinds)
            kind = self.chance.choice([kind for kind in kinds if self.given[kind] == fewest])
            if call == "createRecord" and not self.given["refused"]:
                kind = "refused"  # one there is for sure, however few the faults
            self.given[kind] += 1
            if kind == "refused":
                self.refused.add(key)
            return kind

    def closes(self, account: str) -> None:
        with self.lock:
            now = time.monotonic()
            self.closed[account] = (now, now + WAIT_SECONDS)

    def accepts(self, account: str, key: str) -> None:
        with self.lock:
            self.posts.append((account, key))

    def has(self, account: str, key: str) -> bool:
        with self.lock:
            return (account, key) in self.posts

    def sender_died(self, heeded: Collection[str]) -> None:
        """A 429 that was said a moment ago and is not on record, as those of `heeded` accounts are, died with its reader."""
        with self.lock:
            for account, (said, _) in list(self.closed.items()):
                if account not in heeded and time.monotonic() - said < HEARD_SECONDS:
                    del self.closed[account]


class Door(http.server.BaseHTTPRequestHandler):
    """One call. The token names the account."""

    protocol_version = "HTTP/1.1"
    pds: Pds

    def do_GET(self) -> None:
        self._answer(parse_qs(urlsplit(self.path).query))

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}"))

    def _answer(self, asked: dict[str, Any]) -> None:
        call = urlsplit(self.path).path.rpartition(".")[2]
        key = "".join(asked.get("rkey", ""))  # a query has its values in lists
        account = self.headers["authorization"].removeprefix("Bearer ")
        self.pds.calls += 1
        try:
            time.sleep(self.pds.chance.uniform(*LATENCY_SECONDS))
            if wait := self.pds.begins(account, call):
                self._say(429, {"error": "RateLimitExceeded"}, {"Retry-After": str(math.ceil(wait))})
            else:
                self._carry_out(call, account, key, self.pds.takes_fault(call, key))
        finally:
            self.pds.calls -= 1

    def _carry_out(self, call: str, account: str, key: str, fault: str) -> None:
        if fault.startswith("limit"):
            self.pds.closes(account)
            reset = {"RateLimit-Reset": str(math.ceil(time.time() + WAIT_SECONDS))}
            heads = {"limit": {"Retry-After": str(WAIT_SECONDS)}, "limit by reset": reset}
            return self._say(429, {"error": "RateLimitExceeded"}, heads.get(fault, {}))
        if fault == "refused":
            return self._say(400, {"error": "InvalidRequest", "message": REASON})
        if call == "createRecord" and (not fault or fault.endswith("after")):
            self.pds.accepts(account, key)
        kind = fault.split(" ")[0]
        if kind == "error":
            return self._say(500, {"error": "InternalServerError"})
        if kind == "silence":
            time.sleep(self.pds.silence_seconds)
        if kind in ("silence", "reset"):
            return self._hang_up()
        status, answer = self._found(call, account, key)
        return self._say(status, answer, cut=kind == "cut")

    def _found(self, call: str, account: str, key: str) -> tuple[int, dict[str, Any]]:
        if call == "getPosts":
            return 200, {"posts": [{"viewer": {}}]}
        if call == "getRecord" and not self.pds.has(account, key):
            return 400, {"error": "RecordNotFound"}
        return 200, {"uri": f"at://{account}/app.bsky.feed.post/{key}", "cid": f"bafy{key}", "value": {}}

    def _say(
        self, status: int, answer: dict[str, Any], heads: dict[str, str] | None = None, cut: bool = False
    ) -> None:
        body = json.dumps(answer).encode()
        with contextlib.suppress(OSError):  # whoever asked may be dead
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(heads or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self._hang_up()

    def _hang_up(self) -> None:
        """A reset, not a goodbye."""
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def serving(pds: Pds) -> Iterator[str]:
    """Its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (Door,), {"pds": pds}))
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # connections of the dead
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
