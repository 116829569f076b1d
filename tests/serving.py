"""Hark itself for a browser: pages, hooks and live topics on a free port, and a worker beside it, on the test's database."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from django.conf import settings
from django.db import connection
from django.test import override_settings

from hark.actions import calling
from hark.channels.doorman import Doorman
from hark.journeys import arrival, reply

START_SECONDS = 20


def free_socket() -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", 0))
    return listening


@contextmanager
def hark() -> Iterator[str]:
    """The address of a running Hark; what arrives is taken in and what is due is sent, as by `hark up`."""
    from hark.config.asgi import application

    listening = free_socket()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            http=Doorman,
            lifespan="on",
            log_config=None,
            log_level="warning",
            ws="none",
            timeout_graceful_shutdown=1,
        )
    )
    stopping = threading.Event()
    web = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    worker = threading.Thread(target=work, args=(stopping,), daemon=True)
    trusted = [*settings.CSRF_TRUSTED_ORIGINS, address]
    with override_settings(HARK_PUBLIC_URL=address, CSRF_TRUSTED_ORIGINS=trusted):
        web.start()
        worker.start()
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            assert web.is_alive(), "the server did not start"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        try:
            yield address
        finally:
            stopping.set()
            server.should_exit = True
            web.join(10)
            worker.join(10)
            end_connections()


def work(stopping: threading.Event) -> None:
    try:
        while not stopping.is_set():
            if not arrival.work() and not reply.deliver() and not calling.work():
                stopping.wait(0.1)
    finally:
        connection.close()


def end_connections() -> None:
    """Those of the server's threads, so that the test's tables can be emptied and its database dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@contextmanager
def site(html: str, policy: str = "") -> Iterator[str]:
    """Somebody else's site: one page at every path, under its own Content-Security-Policy."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = html.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
