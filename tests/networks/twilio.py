"""A STAND-IN for Twilio's REST API, written by us from its documentation: it is not Twilio, and agrees with us by birth.

It knows one account and one number, keeps what is sent, and fails as it is told to by `next`.
"""

from __future__ import annotations

import base64
import json
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Twilio:
    """`sent`: the form of each message taken. `next`: (status, body, headers) of the next answers; status 0 hangs up,
    and a first element "after" does so only once the message was taken."""

    sid, token, number = "AC01", "the auth token", "+351210000000"

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.next: list[tuple[Any, ...]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                outer.answer(self, {name: values[0] for name, values in parse_qs(body).items()})

            def do_GET(self) -> None:
                outer.answer(self, None)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}"

    def __enter__(self) -> Twilio:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: BaseHTTPRequestHandler, form: dict[str, str] | None) -> None:
        given = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        fault = self.next.pop(0) if self.next else None
        if fault and fault[0] != "after":
            return self._say(request, *fault)
        if given != f"{self.sid}:{self.token}":
            return self._say(request, 401, {"code": 20003, "message": "Authenticate", "status": 401})
        if form is not None:
            sid = f"SM{len(self.sent) + 1:032x}"
            self.sent.append({**form, "sid": sid, "date_created": formatdate()})
            return self._say(request, *(fault[1:] if fault else (201, {"sid": sid, "status": "queued"})))
        query = parse_qs(urlsplit(request.path).query)
        if "IncomingPhoneNumbers" in request.path:
            found = [{"phone_number": self.number}] if query.get("PhoneNumber") == [self.number] else []
            return self._say(request, 200, {"incoming_phone_numbers": found})
        listed = [{**one, "body": one["Body"]} for one in self.sent if [one["To"]] == query.get("To")]
        return self._say(request, 200, {"messages": listed})

    def _say(
        self, request: BaseHTTPRequestHandler, status: int, body: Any = None, headers: Any = None
    ) -> None:
        if not status:
            request.connection.close()
            return
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        request.send_response(status)
        for name, value in (headers or {}).items():
            request.send_header(name, value)
        request.send_header("content-length", str(len(raw)))
        request.end_headers()
        request.wfile.write(raw)
