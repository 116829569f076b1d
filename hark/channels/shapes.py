"""JSON of networks, taken as it comes: what is missing is empty, what has another type makes the payload unreadable."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from .base import Skipped, Unreadable

MOST_ID = 512  # characters of an id that can be kept
JSON = dict[str, Any]


def decoded(raw: bytes) -> Any:
    """The JSON in a delivery, without NUL characters, which no PostgreSQL text can hold. Raises Unreadable."""
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        raise Unreadable(f"not JSON: {problem}") from None
    return _without_nul(found) if b"\\u0000" in raw else found


def answered(body: bytes) -> Any:
    """The JSON in an answer of an API. Raises Skipped for one with nothing in it, or a page for people; Unreadable."""
    if not body.strip() or body.lstrip()[:1] == b"<":
        raise Skipped("a page for people, not an answer of the API" if body.strip() else "an empty answer")
    return decoded(body)


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", "")
        case list():
            return [_without_nul(item) for item in value]
        case dict():
            return {_without_nul(key): _without_nul(item) for key, item in value.items()}
        case _:
            return value


def encoded(value: Any) -> bytes:
    """JSON in one order only, so that the same item is the same bytes. Raises Unreadable for what is no JSON."""
    try:
        return msgspec.json.encode(value, order="deterministic")
    except (TypeError, ValueError, RecursionError, UnicodeError) as problem:
        raise Unreadable(f"can't be written as JSON: {problem}") from None


def text(found: JSON, name: str) -> str:
    """A text, "" when it is missing."""
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"“{name}” is not a text")
    return value


def ident(found: JSON, name: str) -> str:
    """An id, as text: networks give them as text or as numbers. "" when it is missing."""
    value = found.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > MOST_ID:
        raise Unreadable(f"“{name}” is not an id")
    return str(value)


def needed(found: JSON, name: str) -> str:
    """An id that must be there."""
    value = ident(found, name)
    if not value.strip():
        raise Unreadable(f"no “{name}”")
    return value


def inner(found: JSON, name: str) -> JSON:
    """An object, {} when it is missing."""
    value = found.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable(f"“{name}” is not an object")
    return value


def several(found: JSON, name: str) -> list[JSON]:
    """Objects in a list; what is no object in it is left out."""
    value = found.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable(f"“{name}” is not a list")
    return [part for part in value if isinstance(part, dict)]


def number(found: JSON, name: str) -> int | None:
    value = found.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def instant(said: str) -> datetime:
    """A moment in UTC out of ISO 8601. Raises Unreadable."""
    try:
        at = datetime.fromisoformat(said)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"not a time: {said[:60]!r}") from None


def unix(value: object) -> datetime:
    """A moment in UTC out of seconds since 1970. Raises Unreadable."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable("not a time in seconds")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(f"not a time: {value!r}"[:80]) from None


def key(*parts: str) -> str:
    """An event's identity out of its parts. Raises Unreadable when it can't be kept."""
    joined = " ".join(part for part in parts if part)
    if not joined.strip() or len(joined) > MOST_ID:
        raise Unreadable(f"no identity: {joined[:60]!r}")
    return joined


def address(found: JSON, name: str) -> str:
    """A web address, "" when it is missing or none."""
    value = found.get(name)
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""
