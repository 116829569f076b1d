"""Who burns the machine: ours by process tree, others by what is left. Linux alone (/proc)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

PROC = Path("/proc")


def machine_ticks() -> tuple[int, int]:
    """All ticks of all cores since boot, and those in which one was idle."""
    values = [int(value) for value in (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(values), values[3] + values[4]


def tree_ticks(roots: Iterable[int]) -> int:
    """Ticks used so far by these processes and all below them, those that ended included."""
    children: dict[int, list[int]] = {}
    used: dict[int, int] = {}
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.name))
        used[int(entry.name)] = sum(map(int, fields[11:15]))
    todo, seen = list(roots), set()
    while todo:
        pid = todo.pop()
        if pid not in seen:
            seen.add(pid)
            todo += children.get(pid, [])
    return sum(used.get(pid, 0) for pid in seen)


class Watch:
    """`with Watch(pids) as watch: …` then `watch.foreign`: the share of the machine that others used meanwhile, 0 to 1."""

    def __init__(self, own: Iterable[int]) -> None:
        self.own = [os.getpid(), *own]
        self.foreign = self.mine = 0.0

    def __enter__(self) -> Watch:
        self.began = (*machine_ticks(), tree_ticks(self.own))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        total, idle = machine_ticks()
        passed = max(1, total - self.began[0])
        busy = passed - (idle - self.began[1])
        self.mine = (tree_ticks(self.own) - self.began[2]) / passed
        self.foreign = max(0.0, busy / passed - self.mine)


def wait_for_quiet(seconds: float) -> None:
    """Until a second passes in which the machine is 85 % idle, at most so many seconds."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        before = machine_ticks()
        time.sleep(1)
        after = machine_ticks()
        if (after[1] - before[1]) / max(1, after[0] - before[0]) >= 0.85:
            return
