"""What every line of the log passes through, whoever wrote it."""

import re
from typing import Any

import structlog

VALUES = re.compile(r"^(DETAIL|CONTEXT|LINE \d+|HINT|WHERE):.*\n?(?:^\s+\^.*\n?)?", re.MULTILINE)


def without_values(_logger: Any, _method: str, line: Any) -> Any:
    """PostgreSQL adds the offending row to an error: what a customer wrote has no place in a log."""
    for name in ("exception", "problem", "event"):
        if isinstance(line.get(name), str) and "\n" in line[name]:
            line[name] = VALUES.sub("", line[name])
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
    ]
