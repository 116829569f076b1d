"""Structured logs: one line an event, JSON unless a person watches."""

import logging
import sys

import structlog

from hark.ops import lines


def configure(*, debug: bool) -> None:
    """Send the standard library's and our own log lines through structlog to stderr."""
    shared = lines.steps()
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
