"""Where things of the public side are: the account behind a key, our own origin, a stored file."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from hark.brands.models import Brand
from hark.channels.models import Account
from hark.channels.networks.webchat.adapter import Webchat

KEY_LIMIT = 64


def account_of(key: str) -> Account | None:
    """The connected chat with this public key."""
    if not 0 < len(key) <= KEY_LIMIT or "\0" in key:
        return None
    return (
        Account.objects.connected().filter(channel=Webchat.slug, hook_key=key).select_related("brand").first()
    )


def account_for(brand: Brand) -> Account | None:
    """The brand's chat where hand-offs land: the one that was connected first."""
    return (
        Account.objects.connected()
        .filter(channel=Webchat.slug, brand=brand)
        .select_related("brand")
        .order_by("pk")
        .first()
    )


def own_origin(request: HttpRequest) -> tuple[str, str]:
    """Our own origin, as the browser and as the administrator know it."""
    public = urlsplit(settings.HARK_PUBLIC_URL)
    return f"{request.scheme}://{request.get_host()}", f"{public.scheme}://{public.netloc}"


def stored_file(name: str) -> Path | None:
    """A file below the media folder, and nowhere else."""
    root = Path(settings.HARK_MEDIA).resolve()
    path = (root / name).resolve()
    return path if path.is_relative_to(root) and path.is_file() else None
