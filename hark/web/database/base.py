"""Django's PostgreSQL backend, with an eye on slow queries: those go to the log, without their parameters."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db.backends.postgresql import base

from hark import counting

log = structlog.get_logger(__name__)
MOST_CHARACTERS = 2000


def watch(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run it, and note what took longer than HARK_SLOW_QUERY_MS: parameters hold what people wrote, so they stay out."""
    begun = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        milliseconds = (time.perf_counter() - begun) * 1000
        if 0 < settings.HARK_SLOW_QUERY_MS <= milliseconds:
            counting.SLOW_QUERIES.inc()
            words = " ".join(sql.split()) if isinstance(sql, str) else type(sql).__name__
            log.warning("slow_query", ms=round(milliseconds), sql=words[:MOST_CHARACTERS])


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.execute_wrappers.append(watch)
