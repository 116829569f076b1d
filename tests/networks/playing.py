"""What the stand-ins share: a small HTTP server whose answers can go wrong as a test tells it.

A stand-in is not the network: it is written from the network's documentation, and read back by somebody else's client.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """One request, understood as JSON or as a form."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        if self.headers.get("content-type", "").startswith("application/json"):
            return json.loads(self.raw or b"{}")
        found = parse_qs(self.raw.decode(), keep_blank_values=True)
        return {name.removesuffix("[]"): v if name.endswith("[]") else v[0] for name, v in found.items()}

    def one(self, name: str, usual: str = "") -> str:
        return self.query.get(name, [usual])[0]


@dataclass
class Said:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class No(Exception):
    """A refusal, as the network would write it."""

    def __init__(self, status: int, body: Any, **headers: str) -> None:
        self.said = Said(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


BEFORE = {"429", "429 bare", "401", "503 before", "403"}  # nothing is done
AFTER = {"503 after", "drop", "garbled", "truncated", "empty"}  # it is done, and the answer is lost


class StandIn:
    """`fails(method, path part, how, times)`: the next requests of that kind go wrong. `asked` is every request."""

    def __init__(self) -> None:
        self.faults: list[list[Any]] = []
        self.asked: list[Asked] = []
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do(self) -> None:
                parts = urlsplit(self.path)
                raw = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, parts.path, parse_qs(parts.query), headers, raw)
                with outer.lock:
                    outer.asked.append(asked)
                    self.say(*outer.outcome(asked))

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do  # noqa: N815

            def say(self, said: Said | None, cut: bool = False) -> None:
                if said is None:
                    self.close_connection = True
                    return
                raw = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
                self.send_response(said.status)
                headers = {
                    "content-type": "application/json",
                    **said.headers,
                    "content-length": str(len(raw)),
                }
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw[: len(raw) // 2] if cut else raw)
                self.close_connection = cut

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def fails(self, method: str, path: str, how: str, times: int = 1) -> None:
        assert how in BEFORE | AFTER, how
        self.faults.append([method, path, how, times])

    def outcome(self, asked: Asked) -> tuple[Said | None, bool]:
        how = self._fault(asked)
        if how in BEFORE:
            return self.refusal(how), False
        try:
            said = self.answer(asked)
        except No as no:
            said = no.said
        except (KeyError, IndexError):
            said = Said(404, {"error": "Not found"})
        match how:
            case "503 after":
                return Said(503, b"upstream timed out", {"content-type": "text/html"}), False
            case "drop":
                return None, False
            case "garbled":
                return Said(200, b'{"id": '), False
            case "truncated":
                return said, True
            case "empty":
                return Said(200, b""), False
        return said, False

    def _fault(self, asked: Asked) -> str:
        for fault in self.faults:
            if fault[0] == asked.method and fault[1] in asked.path and fault[3] > 0:
                fault[3] -= 1
                return str(fault[2])
        return ""

    def refusal(self, how: str) -> Said:
        """A refusal as this network writes it; its own class knows better."""
        status = int(how[:3])
        return Said(status, {"error": how}, {"retry-after": "7"} if how == "429" else {})

    def answer(self, asked: Asked) -> Said:
        raise NotImplementedError

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@contextmanager
def playing(stand_in: StandIn) -> Iterator[StandIn]:
    try:
        yield stand_in
    finally:
        stand_in.close()
