"""What every template may use: the brand and the member, where the page has them."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject


def brand(request: HttpRequest) -> dict[str, Any]:
    return {
        "brand": getattr(request, "brand", None),
        "member": getattr(request, "member", None),
        "sign_on": SimpleLazyObject(sign_on),
    }


def sign_on() -> dict[str, str]:
    """Name and address of the staff's single sign-on; {} without one."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    if not apps:
        return {}
    return {"name": apps[0]["name"], "url": reverse("openid_connect_login", args=[apps[0]["provider_id"]])}
