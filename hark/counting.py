"""What the processes of this machine count, for `/metrics` and the operations page.

Every process keeps its numbers in files of its own below `$HARK_DATA/metrics` (memory maps of prometheus-client), under a
name that the next process of its kind takes over: a counter goes on where it stood, and the number of files stays small.
To count costs a microsecond; count once a batch where there are batches.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from prometheus_client import Counter, Gauge, Histogram, Metric, values
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

_name = f"alone-{os.getpid()}"  # a command, a test: its files go when it ends


def folder() -> Path:
    return Path(settings.HARK_DATA) / "metrics"


class Allocated(MmapedDict):
    """A file whose room on the disk is taken at once: writing to a map that the disk has no room for is a SIGBUS.

    On a full disk the numbers are kept in memory, for this life of the process, and nobody else sees them.
    """

    ROOM = 2**18  # bytes, for some 1,500 numbers

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if not read_mode and sys.platform == "linux":
            try:
                with Path(filename).open("ab") as file:
                    os.posix_fallocate(file.fileno(), 0, self.ROOM)
            except OSError:
                Path(filename).unlink(missing_ok=True)
                memory = os.memfd_create("hark-metrics")
                os.truncate(memory, self.ROOM)
                filename = f"/proc/self/fd/{memory}"
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]


folder().mkdir(parents=True, exist_ok=True)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder())  # where prometheus-client looks
values.MmapedDict = Allocated  # type: ignore[attr-defined]
values.ValueClass = values.MultiProcessValue(lambda: _name)  # type: ignore[no-untyped-call]


@atexit.register
def _tidy() -> None:
    """Away with the files of commands that have ended, ours among them."""
    for file in folder().glob("*_alone-*.db"):
        pid = int(file.stem.rpartition("-")[2])
        if pid == os.getpid() or not Path(f"/proc/{pid}").exists():
            file.unlink(missing_ok=True)


EVENTS_STORED = Counter("hark_events_stored", "Events that the edge has committed", registry=None)
HOOKS_REFUSED = Counter(
    "hark_hooks_refused", "Requests at hooks that were not taken in", ["status"], registry=None
)
MESSAGES = Counter("hark_messages_arrived", "Messages that arrival has put into threads", registry=None)
CASES = Counter("hark_cases_made", "Cases that arrival has opened", registry=None)
SET_ASIDE = Counter("hark_deliveries_set_aside", "Deliveries that could not be read", registry=None)
REPLIES = Counter("hark_replies", "Replies that left the outbox, by outcome", ["outcome"], registry=None)
COACH = Counter(
    "hark_coach_holds",
    "Drafts that the coach held, or that somebody sent all the same",
    ["check", "outcome"],
    registry=None,
)
PAGES = Counter("hark_pages", "Pages served, by kind of status", ["status"], registry=None)
PAGE_SECONDS = Histogram(
    "hark_page_seconds",
    "How long a page took on the server",
    ["page"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=None,
)
SLOW_QUERIES = Counter("hark_slow_queries", "Queries that took longer than HARK_SLOW_QUERY_MS", registry=None)
LOG_LINES = Counter("hark_log_lines", "Warnings and errors in the log", ["level"], registry=None)
STREAMS = Gauge("hark_live_connections", "Open live streams", multiprocess_mode="livesum", registry=None)


def begin(name: str) -> None:
    """Count from here on under this name, which no other living process of the machine may have."""
    global _name
    _tidy()
    for file in folder().glob(f"*_{name}.db"):
        if not _is_sound(file):  # torn by a power cut: the counter begins anew, which Prometheus understands
            file.unlink()
    _name = name
    STREAMS.set(0)


def _is_sound(file: Path) -> bool:
    """Whether prometheus-client can go on with this file: its first number says how much of it is used."""
    try:
        with file.open("rb") as opened:
            used = int.from_bytes(opened.read(4), sys.byteorder, signed=True)
        MmapedDict.read_all_values_from_file(str(file))  # type: ignore[no-untyped-call]
    except Exception:  # whatever garbage leads to
        return False
    return 0 <= used <= file.stat().st_size


def total(metric: str, **labels: str) -> float:
    """One counter, summed over the processes of this machine and the labels that are not named."""
    return sum(
        sample.value
        for found in collect()
        for sample in found.samples
        if sample.name == metric and labels.items() <= sample.labels.items()
    )


def collect() -> Iterable[Metric]:
    """Every counter of this machine, summed over its processes."""
    files = [str(file) for file in folder().glob("*.db") if "_alone-" not in file.name or _name in file.name]
    found: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
    return found
