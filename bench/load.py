"""A closed loop of HTTP clients on the standard library: enough for pages and for peers, too slow for the edge (signed.lua)."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Request = tuple[str, bytes | None, dict[str, str]]  # path, body, headers


@dataclass
class Loaded:
    ok: int = 0
    failed: int = 0
    seconds: float = 0.0
    ms: list[float] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        return self.ok / self.seconds


def closed_loop(
    port: int,
    request: Callable[[int, int], Request],
    clients: int,
    *,
    seconds: float = 3600,
    times: int = 10**9,
) -> Loaded:
    """Each client asks, waits, asks again. `request` is given a number, unique in this process, and which client asks."""
    done, lock, left = Loaded(), threading.Lock(), itertools.count()
    began = time.perf_counter()

    def client(which: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() - began < seconds and next(left) < times:
            path, body, headers = request(next(NUMBERS), which)
            asked = time.perf_counter()
            try:
                connection.request("POST" if body is not None else "GET", path, body, headers)
                answer = connection.getresponse()
                answer.read()
                good = answer.status in (200, 201)
            except (OSError, http.client.HTTPException):
                connection.close()
                good = False
            with lock:
                done.ok, done.failed = done.ok + good, done.failed + (not good)
                done.ms.append((time.perf_counter() - asked) * 1000)
        connection.close()

    threads = [threading.Thread(target=client, args=(which,)) for which in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.seconds = time.perf_counter() - began
    return done


NUMBERS = itertools.count(int(time.time()) % 10**8 * 1000)


def timed(
    port: int, path: str, headers: dict[str, str], times: int, check: Callable[[bytes], bool]
) -> list[float]:
    """Milliseconds of each GET, one after the other on a kept connection. Raises when an answer isn't what it should be."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for _ in range(times):
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        took.append((time.perf_counter() - began) * 1000)
        if answer.status != 200 or not check(text):
            raise RuntimeError(f"{path[:80]}: status {answer.status}, {len(text)} bytes: {text[:200]!r}")
    connection.close()
    return took
