"""Is that PostgreSQL alive? Looks at process ids with a doubt that PostgreSQL itself can't afford."""

import os
from pathlib import Path

PROC = Path("/proc")
WORKING = ("startup", "walwriter")  # one of them lives while a server recovers or serves


def postmaster_pid(home: Path) -> int | None:
    """The id of the living server of this cluster, or None. A zombie is dead; so is a number that was reused."""
    try:
        pid = int((home / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    if not PROC.joinpath("self").exists():
        return pid if _answers(pid) else None
    if _is_zombie(pid) or not _answers(pid):
        return None
    return pid if _works_in(pid, home) is not False else None


def is_ready(home: Path) -> bool:
    """Whether the server takes connections (the eighth line of its pid file says so)."""
    try:
        lines = (home / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def is_headless(home: Path) -> bool:
    """A server that neither serves nor recovers, and won't end by itself: the process that recovered it has died.

    PostgreSQL 18 rests so when its disk refuses fsync while it starts again after a crash. For a moment every server that
    starts or stops looks like this.
    """
    pid = postmaster_pid(home)
    try:
        children = (PROC / f"{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return False
    titles = [title for child in children if (title := _title(child)).startswith("postgres: ")]
    return bool(titles) and not any(work in title for title in titles for work in WORKING)


def is_deserted(home: Path) -> bool:
    """True only when surely no process works in this cluster: every one of PostgreSQL's stands in its home."""
    if not PROC.joinpath("self").exists():
        return False
    pids = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    owner = home.stat().st_uid
    return all(_works_in(pid, home) is False or not _belongs_to(pid, owner) for pid in pids)


def _title(pid: str) -> str:
    try:
        return (PROC / pid / "cmdline").read_text(errors="replace")
    except OSError:
        return ""


def _works_in(pid: int, home: Path) -> bool | None:
    """None: we may not know."""
    try:
        return (PROC / str(pid) / "cwd").readlink() == home.resolve()
    except FileNotFoundError:
        return False  # gone, or a zombie
    except PermissionError:
        return None
    except OSError:
        return False


def _belongs_to(pid: int, owner: int) -> bool:
    try:
        return (PROC / str(pid)).stat().st_uid == owner
    except OSError:
        return False


def _is_zombie(pid: int) -> bool:
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
