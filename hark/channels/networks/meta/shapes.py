"""Values out of Meta's payloads: ids are strings or numbers, times are seconds or milliseconds, anything may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from hark.channels.base import Author, IncomingMedia, IncomingMessage, Unreadable

MOST_ID = 512  # characters of an id that can be kept
MILLISECONDS_FROM = 10**11  # a larger number of seconds would be the year 5138
KINDS = {"image": "image", "video": "video", "audio": "audio", "file": "file", "sticker": "image"}

Found = list[IncomingMessage] | str  # messages, or why there is none


def decoded(raw: bytes) -> dict[str, Any]:
    """The JSON object in a delivery. Raises Unreadable."""
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        raise Unreadable(f"not JSON: {problem}") from None
    if not isinstance(found, dict):
        raise Unreadable("not a JSON object")
    return found


def part(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object inside another one; {} when it is missing. Raises Unreadable when it is something else."""
    found = holder.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Unreadable(f"“{name}” is not an object")
    return found


def parts(holder: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects; [] when it is missing. Raises Unreadable."""
    found = holder.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Unreadable(f"“{name}” is not a list of objects")
    return found


def ident(value: Any) -> str:
    """An id as a string: they come as strings and as numbers beyond 53 bits. "" when there is none. Raises Unreadable."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unreadable("an id that is neither text nor a whole number")
    found = str(value)
    if len(found) > MOST_ID:
        raise Unreadable("an id that is too long to be one")
    return found


def needed(value: Any, what: str) -> str:
    """An id that must be there. Raises Unreadable."""
    found = ident(value).replace("\0", "")
    if not found.strip():
        raise Unreadable(f"no {what}")
    return found


def text(value: Any) -> str:
    """Text without the NUL that no PostgreSQL can hold; "" when it is missing. Raises Unreadable."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable("a text that is none")
    return value.replace("\0", "")


def link(value: Any) -> str:
    """A web address, "" when it is none."""
    return value[:4000] if isinstance(value, str) and value.startswith(("https://", "http://")) else ""


def moment(value: Any) -> datetime:
    """A moment in UTC out of seconds, milliseconds (numbers or digits) or ISO 8601. Raises Unreadable."""
    try:
        if isinstance(value, str) and not value.isdigit():
            found = datetime.fromisoformat(value)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise Unreadable("no time")
        number = float(value)
        return datetime.fromtimestamp(number / 1000 if number > MILLISECONDS_FROM else number, UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(f"not a time: {str(value)[:60]!r}") from None


def when(*values: Any) -> datetime:
    """The first of these times that is given. Raises Unreadable when none is."""
    return moment(next((value for value in values if value is not None), None))


def author(who: str, name: Any, of: str, label: str, handle: str = "") -> Author:
    """Who said it. Without permission the network names nobody: then it is somebody known by this one message alone."""
    if not who:
        return Author(f"unknown:{of}"[:MOST_ID], "", text(name)[:200] or label)
    return Author(who, handle[:200], text(name)[:200])


def medium(kind: Any, url: Any, content_type: Any = "") -> tuple[IncomingMedia, ...]:
    """A file with an address, nothing without one."""
    address = link(url)
    shown: Any = KINDS.get(kind if isinstance(kind, str) else "", "file")
    return (IncomingMedia(shown, address, "", text(content_type)[:100]),) if address else ()
