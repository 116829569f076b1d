"""Credentials sealed at rest: Fernet (AES-128-CBC + HMAC-SHA256), newest key first, old keys still open.

Rotation: `hark keys rotate` adds a key, seals every account anew, then drops the old key.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Sealed(Exception):
    """The credentials can't be opened with any key that is here."""


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.HARK_CREDENTIAL_KEYS])


def seal(values: Mapping[str, Any]) -> bytes:
    return _keys().encrypt(msgspec.json.encode(dict(values)))


def open_sealed(sealed: bytes) -> dict[str, Any]:
    """The credentials as they were sealed; {} when there are none. Raises Sealed when no key opens them."""
    if not sealed:
        return {}
    try:
        return msgspec.json.decode(_keys().decrypt(sealed), type=dict[str, Any])
    except InvalidToken:
        raise Sealed(
            "no key here opens these credentials; restore the keys folder or connect the account anew"
        ) from None


def reseal(sealed: bytes) -> bytes:
    """The same credentials under the newest key."""
    return _keys().rotate(sealed) if sealed else b""
