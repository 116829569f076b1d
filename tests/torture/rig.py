"""A product under load: the network outside delivers and remembers, agents answer, and at the end everything is compared."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import IsolationLevel

from .books import Findings, Journal, compare
from .product import LEASE_SECONDS, Product, product

DRAIN_SECONDS = 120
UNDER_WAY = """
    SELECT (SELECT count(*) FROM channels_delivery WHERE state = 0),
           (SELECT count(*) FROM replies_reply WHERE state IN ('queued', 'sending', 'unsure'))
"""
UNREAD = """
    SELECT (SELECT max(id) FROM practice_change) - coalesce((SELECT (cursor->>'after')::bigint FROM channels_account), 0)
"""


@contextmanager
def open_folder() -> Iterator[Path]:
    """A short path; as root, PostgreSQL runs as somebody else who must pass through."""
    folder = Path(tempfile.mkdtemp(prefix="hark-torture-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(folder: Path, **variables: str) -> Iterator[Product]:
    """Ternway's installation, started with these variables."""
    with product(folder, variables) as made:
        made.hark("db", "start")
        made.hark("migrate")
        made.helper("desk", "found", str(folder), wait=True)
        made.hark("db", "stop")  # it starts again with the variables of this rig
        made.start()
        yield made


@dataclass
class Load:
    """The witness and the desk; what they were promised."""

    on: Product
    seed: int

    def begins(self) -> None:
        told = json.loads((self.on.folder / "account.json").read_text())
        told |= {"port": self.on.port, "journal": str(self.path), "seed": self.seed}
        self.witness = self.on.helper("witness", json.dumps(told), outside=True)
        self.desk = self.on.helper("desk", "answer", str(self.on.folder), str(self.seed))

    def ends(self) -> None:
        """What is outstanding is delivered and sent; then the network's clock stands still."""
        self.on.until(self.on.is_whole, "everything lives again")
        time.sleep(1)  # it works for a while undisturbed
        self.witness.send_signal(signal.SIGTERM)
        assert self.witness.wait(120) == 0, self.on.said("witness")
        self.desk.send_signal(signal.SIGTERM)
        assert self.desk.wait(60) == 0, self.on.said("desk")
        self._drain()

    def goes_on(self, what: str) -> None:
        """Something new is acknowledged: the journal grows."""
        before = self._journal_bytes()
        self.on.until(lambda: self._journal_bytes() > before, what)

    @property
    def path(self) -> Path:
        return self.on.folder / "journal.ndjson"

    def _journal_bytes(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def journal(self) -> Journal:
        return Journal.read(self.path)

    @property
    def replies(self) -> list[str]:
        return (self.on.folder / "replies.txt").read_text().split()

    def compared(self) -> Findings:
        with self.on.books() as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ  # all at one moment
            return compare(connection, self.journal, self.replies)

    def _drain(self) -> None:
        running = self.on
        running.until(
            lambda: not any(self._ask(UNDER_WAY)), "all is read and sent", DRAIN_SECONDS + LEASE_SECONDS
        )
        with running.books() as connection:
            connection.execute("UPDATE practice_world SET is_live = false")
        running.until(lambda: not any(self._ask(UNREAD)), "the feed is read to its end", DRAIN_SECONDS)
        running.until(lambda: not any(self._ask(UNDER_WAY)), "all is read", DRAIN_SECONDS)

    def _ask(self, statement: str) -> tuple[int, ...]:
        with self.on.books() as connection:
            return tuple(connection.execute(statement).fetchone() or ())
