"""What every page of a brand knows: the crises that last."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .models import Incident


def crises(request: HttpRequest) -> dict[str, Any]:
    """`open_crises`, asked for only by a page that shows them."""
    member = getattr(request, "member", None)
    if member is None:
        return {}
    return {"open_crises": SimpleLazyObject(lambda: list(Incident.objects.visible_to(member).open()))}
