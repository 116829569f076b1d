"""A stored letter: one line of JSON that says where it lay, then the letter, byte for byte as the server gave it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

import msgspec

from hark.channels.base import Envelope, Unreadable

from . import letters


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """`at`: when the server took it in (INTERNALDATE), for a Date header is whatever its writer likes."""

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    sent: bool = False  # lay in the folder of sent mail
    size: int = 0  # bytes on the server; more than are here when it was cut


def pack(place: Place, letter: bytes) -> Envelope:
    return _envelope(msgspec.json.encode(place) + b"\n" + letter)


def unpack(raw: bytes) -> tuple[Place, bytes]:
    """Raises Unreadable."""
    head, _newline, letter = raw.partition(b"\n")
    try:
        place = msgspec.json.decode(head, type=Place)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise Unreadable(str(problem)) from None
    if not letter.strip():
        raise Unreadable("an empty letter")
    return place, letter


def split(body: bytes) -> list[Envelope]:
    unpack(body)
    return [_envelope(body)]


def _envelope(raw: bytes) -> Envelope:
    """The key is of the letter, not of the copy: the same letter in two folders, or under new UIDs, is one event.

    The Message-ID alone would not do: broken senders use one for all their letters.
    """
    _place, letter = unpack(raw)
    head, _gap, body = letter.replace(b"\r\n", b"\n").partition(b"\n\n")
    parsed = letters.parse(head + b"\n\n")
    said = "\n".join(parsed.header(name) for name in ("from", "date", "subject"))
    digest = hashlib.sha256(said.encode("utf-8", "replace") + b"\0" + body.strip()).hexdigest()[:32]
    name = parsed.message_id[:400].replace("\0", "")
    return Envelope(f"mail {name} {digest}", raw)
