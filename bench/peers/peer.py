"""What the figures ask of a peer, and what all peers share: a server process, tickets counted, pages timed."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ..installation import end_with_parent, free_port
from ..load import Loaded, closed_loop
from ..posts import planted
from .cluster import Cluster

FILES = Path(__file__).resolve().parent / "files"
WORKERS = 4
START_SECONDS = 60
Say = Callable[[str], None]


class NotHere(Exception):
    """It can't be installed on this machine, or not by this user."""


def cache() -> Path:
    """Where what was installed is kept between runs: HARK_BENCH_CACHE, else below HARK_DATA, else the user's cache."""
    named = os.environ.get("HARK_BENCH_CACHE")
    data = os.environ.get("HARK_DATA")
    folder = (
        Path(named)
        if named
        else Path(data).absolute() / "bench-peers"
        if data
        else Path.home() / ".cache" / "hark-bench"
    )
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass
class Peer(ABC):
    cluster: Cluster
    port: int = 0
    pid: int = 0

    name: ClassVar[str]
    database: ClassVar[str]
    table: ClassVar[str]  # of tickets

    @abstractmethod
    def prepare(self, say: Say, tickets: int, *, index: bool = False) -> None:
        """Install where it is missing, make the database, seed up to so many tickets. Raises NotHere."""

    @abstractmethod
    def command(self) -> tuple[list[str], Mapping[str, str]]:
        """What serves it on `port`, and with which variables."""

    @abstractmethod
    def create_request(self, number: int, client: int) -> tuple[str, bytes, dict[str, str]]:
        """The address, body and headers by which this client makes one ticket."""

    @abstractmethod
    def rows(self, times: int) -> list[float]:
        """Milliseconds of each list of 25 open tickets, newest first."""

    @abstractmethod
    def search(self, words: str, times: int) -> tuple[list[float], int]:
        """Milliseconds of each search, and how many tickets it says there are."""

    @abstractmethod
    def version(self) -> str: ...

    def install(self, folder: Path) -> None:  # noqa: B027  (most can't)
        """Once more, to time it, where that can be done beside what is there."""

    @contextlib.contextmanager
    def timing(self, step: str) -> Iterator[None]:
        """Note how long a step of the way from nothing to the first page takes, when it is taken."""
        began = time.monotonic()
        yield
        path = cache() / "took.json"
        known: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(known | {f"{self.name}: {step}": round(time.monotonic() - began, 1)}))

    def took(self) -> dict[str, float]:
        """Seconds by step, as they were when the step was taken last. Without "install" where others installed it."""
        path, start = cache() / "took.json", f"{self.name}: "
        known: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
        return {
            name.removeprefix(start): seconds for name, seconds in known.items() if name.startswith(start)
        }

    def count(self) -> int:
        return int(self.cluster.one(self.database, f"SELECT count(*) FROM {self.table}"))

    def create(self, clients: int, seconds: float) -> Loaded:
        """Tickets made by that many clients; raises where an answer and a row in the table don't match."""
        before = self.count()
        done = closed_loop(self.port, self.create_request, clients, seconds=seconds)
        there = self.count() - before
        if there != done.ok or done.failed:
            raise RuntimeError(
                f"{self.name}: {done.ok} answers, {done.failed} failed, {there} tickets in the table"
            )
        return done

    @contextlib.contextmanager
    def serving(self) -> Iterator[Peer]:
        self.port = free_port()
        words, variables = self.command()
        with (self.cluster.folder / f"{self.database}.log").open("ab") as log:
            server = subprocess.Popen(
                words, env=os.environ | dict(variables), stdout=log, stderr=log, preexec_fn=end_with_parent
            )
        self.pid = server.pid
        try:
            with self.timing("start"):
                self._wait_for(server)
                self.first_page()
            self.rows(3 * WORKERS)
            yield self
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()

    def _wait_for(self, server: subprocess.Popen[bytes]) -> None:
        give_up_at = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            if server.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(
                    f"{self.name} didn't start: see {self.database}.log in {self.cluster.folder}"
                )
            time.sleep(0.1)

    def first_page(self) -> None:
        """Until it has answered once."""
        self.rows(1)

    def copy_texts(self) -> None:
        """The texts of posts.py as a table, so that every system is seeded with the same words."""
        with self.cluster.connect(self.database) as connection, connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bench_said")
            cursor.execute("CREATE TABLE bench_said (i int PRIMARY KEY, title text, text text)")
            with cursor.copy("COPY bench_said FROM STDIN") as sink:
                for number, text in enumerate(planted(10_000)):
                    sink.write_row((number, " ".join(text.split()[:7]), text))
