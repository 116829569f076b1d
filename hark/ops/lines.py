"""What every line of the log passes through, whoever wrote it."""

import re
from typing import Any

import structlog

VALUES = re.compile(r"^(DETAIL|CONTEXT|LINE \d+|HINT|WHERE):.*\n?(?:^\s+\^.*\n?)?", re.MULTILINE)

KEYS = re.compile(r"(/(?:s|c|in|invitation)/)[\w-]{16,}")


def without_values(_logger: Any, _method: str, line: Any) -> Any:
    """PostgreSQL adds the offending row to an error: what a customer wrote has no place in a log."""
    for name in ("exception", "problem", "event"):
        if isinstance(line.get(name), str) and "\n" in line[name]:
            line[name] = VALUES.sub("", line[name])
    return line


def without_keys(_logger: Any, _method: str, line: Any) -> Any:
    """An address that lets somebody in (a page of a customer, a hand-off, an invitation) is no reading for a log."""
    for name, value in line.items():
        if isinstance(value, str) and "/" in value:
            line[name] = KEYS.sub(r"\1…", value)
    return line


def steps() -> list[structlog.types.Processor]:
    """What happens to every line, the standard library's and our own."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_values,
        without_keys,
    ]
