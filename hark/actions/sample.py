"""A system of somebody's own that refunds, for demos and as a pattern: it checks who calls, and pays a key once.

Standard library only; its book is a file, one line a payment, so that a restart forgets nothing.
"""

from __future__ import annotations

import hmac
import json
import threading
import time
from decimal import Decimal, InvalidOperation
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .calling import sign

TOLERANCE_SECONDS = 300
MOST_BYTES = 64 * 1024


class Book:
    """What was paid, by key."""

    def __init__(self, path: Path) -> None:
        self.path, self.lock = path, threading.Lock()
        lines = path.read_text().splitlines() if path.exists() else []
        self.paid: dict[str, dict[str, str]] = {entry["key"]: entry for entry in map(json.loads, lines)}

    def pay(self, key: str, amount: Decimal) -> dict[str, str]:
        """The payment of this key: made now, or the one that was made before."""
        with self.lock:
            if key not in self.paid:
                entry = {"key": key, "amount": f"{amount:.2f}", "reference": f"R-{30_000 + len(self.paid)}"}
                with self.path.open("a") as file:
                    file.write(json.dumps(entry) + "\n")
                self.paid[key] = entry
            return self.paid[key]


def server(port: int, secret: str, book: Path, most: Decimal = Decimal(1000)) -> ThreadingHTTPServer:
    """A server on the loopback that refunds up to `most`; not running yet. `server.book` is what was paid."""
    kept = Book(book)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 < length <= MOST_BYTES:
                return self.answer(413, "Too long.")
            body = self.rfile.read(length)
            if not self.is_hark(body):
                return self.answer(401, "This call is not signed by Hark.")
            try:
                wish = json.loads(body)
                amount = Decimal(str(wish["values"]["amount"]))
            except (ValueError, KeyError, TypeError, InvalidOperation):
                return self.answer(422, "Say how much.")
            if not 0 < amount <= most:
                return self.answer(422, f"This shop refunds at most {most}.")
            entry = kept.pay(str(wish["key"]), amount)
            return self.answer(
                200, f"{entry['amount']} refunded, receipt {entry['reference']}", entry["reference"]
            )

        def is_hark(self, body: bytes) -> bool:
            key, at = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "0")
            fresh = at.isdecimal() and abs(time.time() - int(at)) < TOLERANCE_SECONDS
            given = self.headers.get("webhook-signature", "")
            return fresh and hmac.compare_digest(given.encode(), sign(secret, key, int(at), body).encode())

        def answer(self, status: int, text: str, reference: str = "") -> None:
            content = json.dumps({"text": text, "reference": reference}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            """Silent: the book says what happened."""

    found = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    found.book = kept  # type: ignore[attr-defined]
    return found
