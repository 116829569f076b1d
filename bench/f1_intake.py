"""F1, signed webhook intake: verified, deduplicated and committed before the 200, one event a request.

A: a raw ASGI application on the same server that does nothing. B: Hark, everything running, so that what comes in
is made into cases meanwhile. Both get the same requests, signed ahead, over 32 connections. Beside them, C: Hark
with its worker stopped, which tells what the taking in costs the edge.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .harness import Goal, Result, Run, alternate, median
from .installation import ROOT, Desk, Installation, free_port, installed
from .posts import BODY_BYTES, bodies
from .slow_client import send_all

GOAL = Goal("F1", "signed webhook intake ÷ the same server doing nothing", "×", aim=0.40, least=0.25)
CONNECTIONS = 32


def measure(run: Run) -> Result:
    count = run.size(40_000, 300, "requests")
    with installed(run.folder) as hark, doing_nothing() as (idle_port, idle_pid):
        [desk] = hark.desks()
        numbers = iter(range(1000))
        accepted = [0]
        wrong: list[str] = []

        def idle() -> dict[str, float]:
            return load(run.folder, desk, idle_port, bodies(count, f"i{next(numbers):03}x"))

        def whole() -> dict[str, float]:
            found = load(run.folder, desk, hark.port, bodies(count, f"w{next(numbers):03}x"))
            check(found)
            return found

        def edge_alone() -> dict[str, float]:
            with paused(hark, "worker"):
                found = load(run.folder, desk, hark.port, bodies(count, f"e{next(numbers):03}x"))
            check(found)
            return found

        def check(found: dict[str, float]) -> None:
            accepted[0] += int(found["ok"])
            stored = hark.one("SELECT count(*) FROM channels_delivery")
            if stored != accepted[0]:
                wrong.append(f"{accepted[0]} answers of 200, {stored} deliveries in the database")
            hark.drain()

        run.say("warming up …")
        idle()
        check(load(run.folder, desk, hark.port, bodies(count // 4, f"h{next(numbers):03}x")))
        rounds = alternate(
            run,
            lambda: [*hark.pids(), idle_pid],
            {"doing nothing": idle, "Hark": whole, "Hark, worker paused": edge_alone},
        )
        cases, unread = hark.one("SELECT count(*) FROM cases_message"), hark.waiting()
        if cases != accepted[0] or unread:
            wrong.append(f"{accepted[0]} accepted, {cases} became messages, {unread} still wait")
    rates = {side: median(one["per_s"] for one in rounds.values(side)) for side in rounds.sides}
    return Result(
        GOAL,
        rates["Hark"] / rates["doing nothing"],
        {
            "Hark, events/s": rates["Hark"],
            "doing nothing, requests/s": rates["doing nothing"],
            "with the worker paused, events/s": rates["Hark, worker paused"],
            "with the worker paused, ratio": rates["Hark, worker paused"] / rates["doing nothing"],
            "p50 ms": median(one["p50_ms"] for one in rounds.values("Hark")),
            "p99 ms": median(one["p99_ms"] for one in rounds.values("Hark")),
            "requests a round": count,
            "connections": CONNECTIONS,
            "body bytes": BODY_BYTES,
            "accepted and counted": accepted[0],
            "client": "wrk" if shutil.which("wrk") else "asyncio (wrk is not installed: figures are lower)",
        },
        rounds,
        tuple(wrong),
        bars=rates,
        bars_title="Events taken in a second",
        bars_unit="/s",
    )


def load(
    folder: Path, desk: Desk, port: int, sent: Iterable[bytes], connections: int = CONNECTIONS
) -> dict[str, float]:
    """Send these bodies, all of one length, signed ahead: seconds, per_s, ok, p50_ms, p99_ms."""
    return fire(signed_ahead(folder, desk, port, sent), port, connections)


def signed_ahead(folder: Path, desk: Desk, port: int, sent: Iterable[bytes]) -> tuple[Path, int, int]:
    """A file of whole requests, the length of one, and how many there are."""
    path, size, count = folder / "requests", 0, 0
    with path.open("wb") as file:
        for body in sent:
            request = signed(desk, port, body)
            size, count = len(request), count + 1
            file.write(request)
    return path, size, count


def fire(ready: tuple[Path, int, int], port: int, connections: int) -> dict[str, float]:
    """Raises when one was not answered with 200."""
    client = _wrk if shutil.which("wrk") else send_all
    found = client(ready[0], port, *ready[1:], connections)
    if found["broken"] or found["refused"] or found["answers"] != ready[2]:
        raise RuntimeError(f"not every request was answered with 200: {found}")
    return {
        "seconds": found["seconds"],
        "per_s": found["answers"] / found["seconds"],
        "ok": found["answers"],
        "p50_ms": found["p50_ms"],
        "p99_ms": found["p99_ms"],
    }


def signed(desk: Desk, port: int, body: bytes) -> bytes:
    """The whole HTTP request of a body."""
    signature = hmac.digest(desk.secret.encode(), body, hashlib.sha256).hex()
    head = (
        f"POST /hooks/{desk.hook_key} HTTP/1.1\r\nHost: 127.0.0.1:{port:05}\r\nContent-Type: application/json\r\n"
        f"X-Hark-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _wrk(path: Path, port: int, size: int, count: int, connections: int) -> dict[str, Any]:
    script = Path(__file__).with_name("signed.lua")
    words = [
        "wrk",
        "-t1",
        f"-c{connections}",
        "-d120s",
        "--timeout",
        "30s",
        "-s",
        str(script),
        f"http://127.0.0.1:{port}/",
    ]
    words += ["--", str(path), str(size), str(count), str(connections)]
    told = subprocess.run(words, check=True, capture_output=True, text=True, timeout=180).stdout
    return dict(json.loads(told.strip().splitlines()[-1]))


@contextlib.contextmanager
def paused(hark: Installation, name: str) -> Iterator[None]:
    """One process of the installation stands still meanwhile."""
    pid = json.loads((hark.folder / "processes.json").read_bytes())[name]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def doing_nothing() -> Iterator[tuple[int, int]]:
    """The port and process id of a server set up like Hark's own (hark/ops/processes.py) that does nothing."""
    port = free_port()
    words = [
        sys.executable,
        "-m",
        "uvicorn",
        "bench.idle:application",
        "--port",
        str(port),
        "--loop",
        "uvloop",
    ]
    words += ["--http", "httptools", "--no-access-log", "--log-level", "error", "--no-server-header"]
    words += ["--no-proxy-headers", "--lifespan", "off", "--backlog", "2048"]
    with subprocess.Popen(words, cwd=ROOT) as server:
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield port, server.pid
        finally:
            server.terminate()
