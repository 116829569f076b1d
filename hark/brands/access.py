"""Who may open a page. Every view carries one of these; a test walks the URL table and fails on one that doesn't."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from hark.web.access import View, public, signed_in

from .models import Brand, Member, User
from .permissions import Permission

__all__ = [
    "AgentRequest",
    "View",
    "any_member",
    "member_may",
    "operators",
    "operators_only",
    "public",
    "signed_in",
]


class AgentRequest(HttpRequest):
    """A request of a member inside their brand."""

    user: User
    member: Member
    brand: Brand
    htmx: HtmxDetails


def member_may(*permissions: Permission) -> Callable[[View], View]:
    """The view is for members of the brand in its address with one of these rights; 404 for strangers, 403 for others.

    `MemberMiddleware` has found the member by then and taken `brand` out of the arguments.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: AgentRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not any(request.member.may(permission) for permission in permissions):
                raise PermissionDenied
            response: HttpResponse = view(request, *args, **kwargs)
            return response

        inner.access = permissions  # type: ignore[attr-defined]
        return inner

    return decorate


def any_member(view: View) -> View:
    """The view is for every member of the brand in its address."""
    return member_may(*Permission)(view)


def operators(view: View) -> View:
    """The view is for operators of the installation: 404 for everybody else, since it says what no brand may know."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not operators_only(request):
            raise Http404
        response: HttpResponse = view(request, *args, **kwargs)
        return response

    signed = signed_in(inner)
    signed.access = "operators"  # type: ignore[attr-defined]
    return signed


def operators_only(request: HttpRequest) -> bool:
    """Django's admin is for operators of the installation alone."""
    return bool(request.user.is_active and request.user.is_staff and request.user.is_superuser)
