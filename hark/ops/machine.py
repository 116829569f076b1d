"""This machine's part of the installation: its processes, their memory and troubles, the disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hark.ops import environment
from hark.ops.errors import OpsError
from hark.ops.postgres import place
from hark.ops.postgres.processes import postmaster_pid

TAIL_BYTES = 200_000  # of each file of troubles


@dataclass(frozen=True)
class Process:
    """`memory_bytes`: its own share (Pss), what it shares divided by those who share it; 0 where nobody may know."""

    name: str
    pid: int
    memory_bytes: int


def processes(data: Path) -> list[Process]:
    """Who runs here by `processes.json`, and PostgreSQL where it is the embedded one."""
    try:
        named: dict[str, int] = json.loads((data / "processes.json").read_text())
    except (OSError, ValueError):
        named = {}
    found = [Process(name, pid, _memory(pid)) for name, pid in named.items() if _memory(pid)]
    if server := _postmaster(data):
        whole = sum(_memory(pid) for pid in [server, *_children(server)])
        found.append(Process("PostgreSQL", server, whole))
    return found


def troubles(data: Path, event: str = "") -> list[dict[str, Any]]:
    """Warnings and errors of this machine's processes, newest first; `event` picks one kind, "-event" all but that."""
    lines: list[dict[str, Any]] = []
    for path in (data / "log").glob("*.jsonl*"):
        lines += _lines(path)
    wanted = event.removeprefix("-")
    chosen = [line for line in lines if not event or (line.get("event") == wanted) != event.startswith("-")]
    return sorted(chosen, key=lambda line: str(line.get("timestamp", "")), reverse=True)


def free_bytes(data: Path) -> int:
    return shutil.disk_usage(data).free


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES))
            tail = file.read()
    except OSError:
        return
    for line in tail.splitlines():
        try:
            found = json.loads(line)
        except ValueError:  # cut off
            continue
        if isinstance(found, dict):
            yield found


def _memory(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0)


def _postmaster(data: Path) -> int | None:
    env = environment.read()
    if env.database_url or env.data != data:
        return None
    try:
        return postmaster_pid(place.find(env).home)
    except OpsError:
        return None


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
