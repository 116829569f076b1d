"""A small real HTTP server that plays a network: it keeps a ledger, fails when told to, and pushes webhooks.

A stand-in is a subclass with routes:

    class Telegram(StandIn):
        @route("POST", r"/bot(?P<token>[^/]+)/sendMessage")
        def send_message(self, call): return Say({"ok": True, ...})

Faults are ordered by a test: `network.fails("reset after", on="sendMessage")`.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import httpx

FAULTS = (
    "429", "429 bare", "500 before", "500 after", "reset before", "reset after", "slow", "malformed", "truncated", "empty",
)  # fmt: skip
DONE_ANYWAY = ("500 after", "reset after", "malformed", "truncated", "empty", "slow")


@dataclass(frozen=True)
class Say:
    """An answer: an object as JSON, bytes as they are."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One request as it came; `named` are the groups of the route."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.raw or b"{}")
        assert isinstance(found, dict)
        return found

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw.decode(), keep_blank_values=True))

    @property
    def bearer(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass
class Fault:
    kind: str
    on: str
    left: int
    seconds: float


Route = Callable[[Any, Call], Say]


def route(method: str, pattern: str) -> Callable[[Route], Route]:
    def mark(verb: Route) -> Route:
        verb.__dict__["route"] = (method, re.compile(pattern + r"\Z"))
        return verb

    return mark


class StandIn:
    """Serve with `with X() as network:`; `network.url` is its address. One lock: routes run one at a time."""

    limit_headers: ClassVar[Callable[[float], Mapping[str, str]]] = staticmethod(
        lambda seconds: {"retry-after": str(int(seconds))}
    )

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.lock = threading.RLock()
        self._routes = [
            (*verb.__dict__["route"], getattr(self, name))
            for kind in reversed(type(self).__mro__)
            for name, verb in vars(kind).items()
            if callable(verb) and "route" in getattr(verb, "__dict__", {})
        ]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> Any:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fails(self, kind: str, on: str = "", times: int = 1, seconds: float = 60) -> None:
        """The next calls whose “METHOD /path” contains `on` go wrong. “after”: what was asked is done, the answer is lost."""
        assert kind in FAULTS, kind
        self.faults.append(Fault(kind, on, times, seconds))

    def asked(self, on: str) -> list[Call]:
        """The ledger: calls whose “METHOD /path” contains this."""
        return [call for call in self.calls if on in f"{call.method} {call.path}"]

    @contextmanager
    def away(self) -> Iterator[None]:
        """An outage: every call is cut off."""
        fault = Fault("reset before", "", 1_000_000, 0)
        self.faults.insert(0, fault)
        try:
            yield
        finally:
            self.faults.remove(fault)

    def push(self, hook: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Deliver a webhook; the status it was answered with."""
        sent = {"content-type": "application/json", **headers}
        return httpx.post(hook, content=body, headers=sent, timeout=10).status_code

    def refuses(self, call: Call) -> Say | None:
        """What every call is told before its route: who may call at all. None: go on."""

    def _fault(self, call: Call) -> Fault | None:
        for fault in self.faults:
            if fault.on in f"{call.method} {call.path}" and fault.left > 0:
                fault.left -= 1
                return fault
        return None

    def _answer(self, call: Call) -> Say:
        for method, pattern, verb in self._routes:
            found = pattern.fullmatch(call.path)
            if found and method == call.method:
                named = Call(call.method, call.path, call.query, call.headers, call.raw, found.groupdict())
                return self.refuses(named) or verb(named)
        return Say({"title": "Not Found"}, 404)

    def _handler(stand_in) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_call(self) -> None:
                parts = urlsplit(self.path)
                raw = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(self.command, parts.path, dict(parse_qsl(parts.query)), headers, raw)
                with stand_in.lock:
                    stand_in.calls.append(call)
                    fault = stand_in._fault(call)
                    done = fault is None or fault.kind in DONE_ANYWAY
                    said = stand_in._answer(call) if done else Say()
                self.tell(said, fault)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_one_call  # noqa: N815  named by the base class

            def tell(self, said: Say, fault: Fault | None) -> None:
                kind = fault.kind if fault else ""
                if kind.startswith("reset"):
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    self.close_connection = True
                    return
                if fault and kind == "slow":
                    time.sleep(fault.seconds)
                if fault and kind == "429":
                    said = Say({"title": "Too Many Requests"}, 429, stand_in.limit_headers(fault.seconds))
                elif kind == "429 bare":
                    said = Say(b"slow down", 429)
                elif kind.startswith("500"):
                    said = Say(b"<h1>Internal error</h1>", 500)
                body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
                if said.body is None or kind == "empty":
                    body = b""
                if kind == "malformed":
                    body = b'{"data": [[' + body[:10]
                with self.quietly():
                    self.send_response(said.status)
                    for name, value in {"content-type": "application/json", **said.headers}.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body[: len(body) // 2] if kind == "truncated" else body)
                if kind == "truncated":
                    self.connection.close()
                    self.close_connection = True

            @contextmanager
            def quietly(self) -> Iterator[None]:
                """A caller that has gone is no trouble of ours."""
                try:
                    yield
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None: ...

        return Handler
