"""What every template may use: the brand and the member, where the page has them."""

from typing import Any

from django.http import HttpRequest


def brand(request: HttpRequest) -> dict[str, Any]:
    return {"brand": getattr(request, "brand", None), "member": getattr(request, "member", None)}
