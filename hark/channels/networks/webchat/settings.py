"""What a brand set for its chat, read from an account's settings with sound defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

DEFAULT_COLOUR = "#14635d"  # the deep teal of the house
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
LIGHT, DARK = "#ffffff", "#10201f"


@dataclass(frozen=True)
class ChatSettings:
    """`origins` are the sites that may show the window: "https://shop.example", or "https://*.shop.example"."""

    origins: tuple[str, ...]
    identity_required: bool  # an identified visitor must come with a proof
    colour: str
    greeting: str
    audience: str  # what `aud` of a signed identity must be; empty: the site need not say

    @property
    def on_colour(self) -> str:
        """White or near-black, whichever reads better on the colour."""
        return LIGHT if contrast(self.colour, LIGHT) >= contrast(self.colour, DARK) else DARK

    def allows(self, origin: str) -> bool:
        """True when this site may show the window."""
        return any(_matches(origin, allowed) for allowed in self.origins)


def read(settings: Mapping[str, Any]) -> ChatSettings:
    origins = settings.get("origins")
    return ChatSettings(
        origins=tuple(str(one) for one in origins) if isinstance(origins, list) else (),
        identity_required=bool(settings.get("identity_required", False)),
        colour=colour if COLOUR.fullmatch(colour := str(settings.get("colour"))) else DEFAULT_COLOUR,
        greeting=str(settings.get("greeting") or _("Hello! How can we help?")),
        audience=str(settings.get("audience") or ""),
    )


def origin_of(address: str) -> str:
    """Scheme, host and port of an address, in lower case, as a browser writes an origin. Raises ValueError."""
    parts = urlsplit(address.strip())
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise ValueError(address)
    if not all(char.isalnum() or char in "-._*:" for char in host) or "*" in host.removeprefix("*."):
        raise ValueError(address)
    if host.startswith("*.") and "." not in host[2:]:
        raise ValueError(address)  # "*.com" would be everybody
    if not host.isascii():
        host = host.encode("idna").decode()
    if ":" in host:
        host = f"[{host}]"
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port and parts.port != usual else "")


def _matches(origin: str, allowed: str) -> bool:
    if "//*." not in allowed:
        return origin == allowed
    scheme, _star, domain = allowed.partition("//*")  # "https:", ".shop.example"
    return (
        origin.startswith(f"{scheme}//")
        and origin.endswith(domain)
        and len(origin) > len(scheme) + 2 + len(domain)
    )


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2.2 defines it, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
