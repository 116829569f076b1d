"""What a machine does to Hark: a full disk, a disk that fails, a restarted database, a stopped process, a wrong clock.

Each verb makes one fault, ends it, and gives the proof that it bit; it raises nothing when Hark suffers: that is seen later.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .product import PROCESSES, Product
from .telling import count

DISK = "400m"  # holds the database; what the filler takes is memory
STOP_SECONDS = count("STOP_SECONDS", 3)
FULL_SECONDS, WRONG_SECONDS = 2.0, 3.0
HOUR = 3600


@contextmanager
def small_disk(at: Path) -> Iterator[str]:
    """A tmpfs of its own at that place; gives why there is none, where mounting isn't allowed."""
    at.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(at)], capture_output=True
    )
    at.chmod(0o755)
    try:
        yield "mounting a small disk isn't allowed here (it takes root)" if made.returncode else ""
    finally:
        if not made.returncode:
            subprocess.run(["umount", "-l", str(at)], check=True)


def preloads(folder: Path) -> dict[str, str]:
    """Variables that put bad_machine.c before Hark's processes; none where it can't be compiled."""
    compiler = shutil.which("cc")
    if not compiler:
        return {}
    shim, source = folder / "bad_machine.so", Path(__file__).with_name("bad_machine.c")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", str(shim), str(source), "-ldl"], check=True
    )
    (folder / "clock").write_bytes(struct.pack("l", 0))
    (folder / "fsync.log").touch()
    (folder / "fsync.log").chmod(0o666)  # PostgreSQL runs as somebody else
    return {
        "LD_PRELOAD": str(shim),
        "HARK_TORTURE_FSYNC": str(folder / "fsync"),
        "HARK_TORTURE_CLOCK": str(folder / "clock"),
    }


@dataclass
class Machine:
    """The one that this product runs on."""

    under: Product
    chance: random.Random
    victim: str = ""  # of the last stop

    @property
    def faults(self) -> dict[str, Callable[[], bool]]:
        return {
            "full disk": self.disk_is_full,
            "fsync": self.fsync_fails,
            "database restart": self.database_restarts,
            "stopped process": self.process_stops,
            "clock": self.clock_jumps,
        }

    def disk_is_full(self) -> bool:
        filler = self.under.installation.data / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"x" * 2**20):
                pass
        free = os.statvfs(filler).f_bavail
        time.sleep(FULL_SECONDS)
        filler.unlink()
        return free == 0

    def fsync_fails(self) -> bool:
        switch, log = self.under.folder / "fsync", self.under.folder / "fsync.log"
        before = log.stat().st_size
        switch.touch()
        give_up_at = time.monotonic() + 10
        while log.stat().st_size == before and time.monotonic() < give_up_at:
            time.sleep(0.05)
        time.sleep(self.chance.uniform(0, 1))  # it can't start again either
        switch.unlink()
        return log.stat().st_size > before

    def database_restarts(self) -> bool:
        before = self.under.pid_of("postgres")
        os.kill(
            before or 0, self.chance.choice([signal.SIGINT, signal.SIGQUIT])
        )  # fast; immediate, as in a crash
        self.under.until(
            lambda: self.under.pid_of("postgres") not in (None, before), "PostgreSQL is another one"
        )
        return True

    def process_stops(self) -> bool:
        name = self.chance.choice([*PROCESSES, "postgres", "supervisor"])
        self.victim, pid = name, self._living(name)
        pids = [pid, *children(pid)] if name == "postgres" else [pid]
        for one in pids:
            os.kill(one, signal.SIGSTOP)
        time.sleep(STOP_SECONDS)
        stopped = state(pid) == "T"
        for one in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)
        return stopped

    def clock_jumps(self) -> bool:
        jump = self.chance.choice([HOUR, -HOUR])
        self.set_clock(jump)
        time.sleep(WRONG_SECONDS)
        with self.under.books() as connection:
            [seconds] = connection.execute("SELECT extract(epoch FROM clock_timestamp())").fetchone() or [0]
        self.set_clock(0)
        return abs(float(seconds) - time.time() - jump) < 60

    def _living(self, name: str) -> int:
        """Its process; never 0 or -1, which would be all of ours."""
        self.under.until(lambda: self.under.pid_of(name) is not None, f"{name} lives")
        pid = self.under.pid_of(name)
        assert pid, f"{name} died a moment ago"
        return pid

    def set_clock(self, seconds: int) -> None:
        """Hark's is that much ahead of everybody's."""
        with (self.under.folder / "clock").open("r+b") as file:
            file.write(struct.pack("l", seconds))


def children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def state(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""
