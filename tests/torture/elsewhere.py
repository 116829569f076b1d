"""A network of our own, in which every address leads to a listener that notes who knocked and at which address.

As root it is a Linux network namespace where all of IPv4 and IPv6 is local: the private ranges, the metadata address and
the public internet alike. Without root there is loopback alone, on ports that are free.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

R = TypeVar("R")
CLONE_NEWNET = 0x40000000
PORTS = (22, 80, 443, 2375, 5432, 6379, 8000, 8080, 8443, 9200, 11211)
EVERYWHERE = ["link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"]


@dataclass
class Elsewhere:
    """`knocks`: the addresses (without IPv6's dressing of IPv4) and ports that were connected to."""

    thread: ThreadPoolExecutor
    is_whole: bool
    ports: tuple[int, ...]
    knocks: list[tuple[str, int]] = field(default_factory=list)
    answer: Callable[[bytes], bytes] = lambda request: b""

    def run(self, work: Callable[[], R]) -> R:
        """Do it there."""
        return self.thread.submit(work).result()

    def taken(self) -> list[tuple[str, int]]:
        found, self.knocks[:] = list(self.knocks), []
        return found

    def listen(self, port: int) -> int:
        listening = socket.socket(socket.AF_INET6)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listening.bind(("::" if self.is_whole else "::ffff:127.0.0.1", port))
        listening.listen(64)
        threading.Thread(target=self._hear, args=(listening,), daemon=True).start()
        return int(listening.getsockname()[1])

    def _hear(self, listening: socket.socket) -> None:
        while True:
            knock, _ = listening.accept()
            address, port = knock.getsockname()[:2]
            self.knocks.append((address.removeprefix("::ffff:"), port))
            knock.settimeout(5)
            with contextlib.suppress(OSError), knock:
                request = knock.recv(65536)
                if request[:1].isalpha():  # HTTP; a TLS greeting gets nothing
                    knock.sendall(self.answer(request))


@contextlib.contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """The namespace ends with its last thread."""
    thread = ThreadPoolExecutor(1)
    found = Elsewhere(thread, thread.submit(_leave).result(), PORTS)
    try:
        ports = [found.run(lambda port=port: found.listen(port if found.is_whole else 0)) for port in PORTS]
        found.ports = tuple(ports)
        yield found
    finally:
        thread.shutdown()


def _leave() -> bool:
    """Put this thread, and those it begins, into a network of their own. False where that is not allowed."""
    if os.geteuid() or ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        return False
    return all(not subprocess.run(["ip", *words.split()], check=False).returncode for words in EVERYWHERE)
