"""python -m bench [F1 F3 …] [--quick]: measure, print, write bench/results/<goal>.json.

Each figure runs in a process and on an installation of its own. Exit code 1 when a figure misses its least
acceptable value, when counts don't agree, or when a measurement broke.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import importlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import report
from .goals import ASKED_FOR, GOALS
from .harness import Run
from .installation import remove

HERE = Path(__file__).resolve().parent
LONGEST_SECONDS = 1800  # one figure, where it says no other


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "goals", nargs="*", help=f"any of {', '.join(GOALS)} (default: all but {', '.join(ASKED_FOR)})"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="small sizes: proves that it runs and counts right, measures nothing",
    )
    parser.add_argument("--rounds", type=int, default=0, help="of each side (default 3; 1 with --quick)")
    parser.add_argument("--spare", type=int, default=6, help="void rounds that may be taken again")
    parser.add_argument(
        "--results", type=Path, help="where the JSON goes (default bench/results; nowhere with --quick)"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=N",
        help="a size of one figure, such as agents=200",
    )
    parser.add_argument(
        "--keep", type=Path, help="a folder for what was seeded: used again by the next run that names it"
    )
    asked = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a machine's habit; users start what was compiled once
    goals = [name.upper() for name in asked.goals] or [name for name in GOALS if name not in ASKED_FOR]
    if unknown := [name for name in goals if name not in GOALS]:
        parser.error(f"there is no figure {', '.join(unknown)}; there are {', '.join(GOALS)}")
    return measure(goals[0], asked) if len(goals) == 1 else measure_all(goals, asked)


def measure_all(goals: list[str], asked: Any) -> int:
    """Each in a process of its own, one after the other; what one has seeded is there for the next. Then the report."""
    options = [word for word in sys.argv[1:] if word not in asked.goals]
    with contextlib.ExitStack() as stack:
        if not asked.keep:
            kept = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="hark-bench-kept-", dir=_place()))
            )
            stack.callback(lambda: [remove(folder) for folder in kept.iterdir() if folder.is_dir()])
            options += ["--keep", str(kept)]
        codes = []
        for goal in goals:
            began = time.monotonic()
            codes.append(
                subprocess.run([sys.executable, "-m", "bench", goal, *options], check=False).returncode
            )
            print(f"{goal} took {time.monotonic() - began:.0f} s\n", flush=True)
    if not asked.quick and not asked.results:
        report.write()
    return max(codes)


def measure(goal: str, asked: Any) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGALRM, _too_long)
    options = dict(pair.split("=", 1) for pair in asked.set)
    module = importlib.import_module(f"bench.{GOALS[goal]}")
    signal.alarm(getattr(module, "LONGEST_SECONDS", LONGEST_SECONDS))
    print(f"{goal}: {module.GOAL.title}", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"hark-bench-{goal}-", dir=_place()) as made:
        folder = Path(made)
        folder.chmod(0o755)
        run = Run(
            folder,
            quick=asked.quick,
            rounds=asked.rounds or (1 if asked.quick else 3),
            spare=asked.spare,
            options=options,
            keep=asked.keep and asked.keep.absolute(),
        )
        with _alone(run.kept):
            result = module.measure(run)
    result.show()
    if asked.results or not asked.quick:
        result.write(asked.results or HERE / "results")
    return 1 if result.wrong or (result.met is False and not asked.quick) else 0


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two runs would stop each other's servers: the second one that names a folder with --keep is refused."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"another run uses {folder}")
        yield


def _place() -> str | None:
    """Below HARK_DATA where that is given, else among temporary files."""
    if not (data := os.environ.get("HARK_DATA")):
        return None
    folder = Path(data).absolute() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


def _too_long(*_: object) -> None:
    raise TimeoutError(f"not done after {LONGEST_SECONDS} s or more")


if __name__ == "__main__":
    sys.exit(main())
