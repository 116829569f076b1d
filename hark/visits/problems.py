"""Errors of the chat's interface as the window reads them: application/problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

TITLES = {
    401: "session ended",
    403: "not allowed",
    404: "not found",
    409: "taken",
    410: "gone",
    413: "too large",
    422: "unreadable",
    429: "too many requests",
}


class Problem(Exception):
    """Why a request was refused: an HTTP status and a sentence."""

    def __init__(self, status: int, detail: str, *, retry_seconds: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.retry_seconds = retry_seconds

    def response(self) -> JsonResponse:
        answer = JsonResponse(
            {"type": "about:blank", "title": TITLES[self.status], "status": self.status, "detail": str(self)},
            status=self.status,
            content_type="application/problem+json",
        )
        if self.retry_seconds is not None:
            answer["Retry-After"] = str(self.retry_seconds)
        return answer


def answers_with_problems(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For views that carry a token instead of a cookie: no CSRF check, refusals as problem+json, never cached."""

    @csrf_exempt
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer = view(request, *args, **kwargs)
        except Problem as problem:
            answer = problem.response()
        answer["Cache-Control"] = "no-store"
        return answer

    return inner
