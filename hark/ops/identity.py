"""Under which name a process counts and writes down its troubles: its kind and a number, free again when it ends."""

from __future__ import annotations

import fcntl
import logging
import logging.handlers
from itertools import count
from pathlib import Path
from typing import Any, TextIO

import structlog

from hark.ops import lines
from hark.ops.environment import Environment

LOG_BYTES = 512 * 1024  # of each process, twice: the present file and the one before
_held: list[TextIO] = []  # locks, for as long as the process lives


def begin(env: Environment, kind: str) -> str:
    """Take the first free name ("web-1"); count under it, and keep warnings and errors in `$HARK_DATA/log`."""
    from hark import counting

    folder = env.data / "log"
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    name = next(f"{kind}-{number}" for number in count(1) if _take(folder / f".{kind}-{number}.lock"))
    counting.begin(name)
    logging.getLogger().addHandler(_troubles(folder / f"{name}.jsonl", name))
    return name


def _take(path: Path) -> bool:
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    _held.append(file)
    return True


class Troubles(logging.handlers.RotatingFileHandler):
    """Warnings and worse, counted and written down: what the operations page shows, also while the database is away."""

    def emit(self, record: logging.LogRecord) -> None:
        from hark import counting

        counting.LOG_LINES.labels(record.levelname.lower()).inc()
        super().emit(record)


def _troubles(path: Path, name: str) -> logging.Handler:
    def named(_logger: Any, _method: str, line: Any) -> Any:
        return {"process": name, **line}

    handler = Troubles(path, maxBytes=LOG_BYTES, backupCount=1, delay=True, encoding="utf-8")
    handler.setLevel(logging.WARNING)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                named,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=lines.steps(),
        )
    )
    return handler
