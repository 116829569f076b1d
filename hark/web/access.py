"""The two kinds of access that need no brand. Those of members, and these again, stand in `hark.brands.access`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

View = Callable[..., Any]


def signed_in(view: View) -> View:
    """The view is for whoever has signed in, brand or not, and shows only what is theirs."""
    inner = login_required(view)
    inner.access = "signed in"  # type: ignore[attr-defined]
    return inner


def public(view: View) -> View:
    """The view is for everybody, and says nothing about any brand that is not meant for everybody."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = view(request, *args, **kwargs)
        return response

    inner.access = "public"  # type: ignore[attr-defined]
    return inner
