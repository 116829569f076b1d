"""Finds the member for every address below `/b/<brand>/`: the one place where somebody gets into a brand."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from .models import Member


class MemberMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.user.is_authenticated:
            timezone.activate(zoneinfo.ZoneInfo(request.user.time_zone))
        else:
            timezone.deactivate()
        if not request.path.startswith("/b/") or "brand" not in kwargs:
            return None
        slug = kwargs.pop("brand")
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        seats = list(  # all of this user's, since the page's menu leads to the others
            Member.objects.active()
            .filter(user=request.user)
            .select_related("brand")
            .annotate(at_locations=Exists(Member.locations.through.objects.filter(member=OuterRef("pk"))))
            .order_by("brand__name")
        )
        member = next((seat for seat in seats if seat.brand.slug == slug), None)
        if member is None:
            raise Http404  # as for a brand that does not exist
        member.user = request.user
        member.is_local = member.at_locations  # type: ignore[attr-defined]  # no page asks again
        request.seats = seats  # type: ignore[attr-defined]
        request.member = member  # type: ignore[attr-defined]
        request.brand = member.brand  # type: ignore[attr-defined]
        return None
