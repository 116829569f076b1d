"""Memory as the kernel shares it out: Pss, in which a page used by n processes counts 1/n for each. Linux alone."""

from __future__ import annotations

import re
import resource

from .cpu import PROC

PSS = re.compile(r"^Pss:\s+(\d+)", re.MULTILINE)


def pss_kib(pid: int) -> int:
    found = PSS.search((PROC / str(pid) / "smaps_rollup").read_text())
    return int(found[1]) if found else 0


def tree(root: int) -> list[int]:
    """This process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = [], [root]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def tree_mib(root: int) -> float:
    """Pss of a process and all below it, in MiB. What ends meanwhile counts for nothing."""
    total = 0
    for pid in tree(root):
        try:
            total += pss_kib(pid)
        except OSError:
            continue
    return total / 1024


def allow_files(wanted: int) -> int:
    """How many files this process and what it starts may have open: as many as wanted, or what the system grants."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return wanted
        except (OSError, ValueError):
            wanted = hard
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)
