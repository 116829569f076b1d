"""Structured logs: one line an event, JSON unless a person watches."""

import logging
import re
import sys
from typing import Any

import structlog

VALUES = re.compile(r"^(DETAIL|CONTEXT|LINE \d+|HINT|WHERE):.*\n?(?:^\s+\^.*\n?)?", re.MULTILINE)


def without_values(_logger: Any, _method: str, line: Any) -> Any:
    """PostgreSQL adds the offending row to an error: what a customer wrote has no place in a log."""
    for name in ("exception", "problem", "event"):
        if isinstance(line.get(name), str) and "\n" in line[name]:
            line[name] = VALUES.sub("", line[name])
    return line


def shared_steps() -> list[structlog.types.Processor]:
    """What happens to every line, the standard library's and our own."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_values,
    ]


def configure(*, debug: bool) -> None:
    """Send the standard library's and our own log lines through structlog to stderr."""
    shared = shared_steps()
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for noisy in ("httpx", "httpcore", "asyncio", "websockets", "procrastinate", "PIL", "markdown_it"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
