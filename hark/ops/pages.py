"""Around every page: an id by which its lines in the log are found, how long it took, and how it ended."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bind_contextvars, bound_contextvars

from hark import counting


class PageMiddleware:
    """Sends the id back as X-Request-ID. A caller's own is not believed: it would stand in the log as if it were ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = secrets.token_hex(8)
        begun = time.perf_counter()
        request.begun_at = time.time()  # type: ignore[attr-defined]  # what the page shows is as old as this
        with bound_contextvars(request_id=request_id, page=""):
            response = self.get_response(request)
        page = request.resolver_match.view_name if request.resolver_match else "none"
        counting.PAGE_SECONDS.labels(page or "unnamed").observe(time.perf_counter() - begun)
        counting.PAGES.labels(f"{response.status_code // 100}xx").inc()
        response["X-Request-ID"] = request_id
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.resolver_match:
            bind_contextvars(page=request.resolver_match.view_name)
