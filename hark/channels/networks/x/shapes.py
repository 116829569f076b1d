"""Small parts of X's payloads, each checked: ids are strings of digits whatever they came as, times have a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from hark.channels.base import Unreadable

ID = re.compile(r"[0-9]{1,25}")
FIRST_SNOWFLAKE = (
    29_700_859_247  # ids above it hold their time: https://docs.x.com/resources/fundamentals/x-ids
)
SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
ESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # the only three that X escapes
JOINED = re.compile(r"(?:@\w{1,50}\s+)+")  # mentions that X puts before an answer


def decode(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        raise Unreadable(f"not JSON: {problem}") from problem


def encode(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (msgspec.EncodeError, OverflowError, RecursionError, UnicodeEncodeError, TypeError) as problem:
        raise Unreadable(f"can't be kept: {problem}") from problem


def record(value: object) -> dict[str, Any]:
    """The object, {} for anything else."""
    return value if isinstance(value, dict) else {}


def records(value: object) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def an_id(value: object) -> str:
    """An id as its digits, "" when there is none. Raises Unreadable for one of another shape."""
    if value is None or value == "":
        return ""
    found = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not ID.fullmatch(found):
        raise Unreadable(f"an id of another shape: {str(value)[:40]!r}")
    return found


def the_id(owner: dict[str, Any], name: str = "id") -> str:
    """An id that must be there; `…_str` is asked first, since numbers lose digits on their way through other hands."""
    found = an_id(owner.get(f"{name}_str")) or an_id(owner.get(name))
    if not found:
        raise Unreadable(f"no {name}")
    return found


def plain(value: object) -> str:
    """A text as people read it."""
    found = text(value)
    for escaped, sign in ESCAPED:
        found = found.replace(escaped, sign)
    return found


def instant(value: object, of_id: str = "") -> datetime:
    """A time in any of X's forms: ISO, “Wed Jun 13 17:08:02 +0000 2007”, milliseconds as text; else the id's own."""
    given = text(value)
    try:
        if given.isdigit() and len(given) < 16:
            return datetime.fromtimestamp(int(given) / 1000, UTC)
        if given[:4].isdigit():
            found = datetime.fromisoformat(given)
        elif given:
            found = parsedate_to_datetime(given)
        else:
            return _of_snowflake(of_id)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, OSError) as problem:
        raise Unreadable(f"a time of another shape: {given[:40]!r}") from problem


def _of_snowflake(an_id: str) -> datetime:
    if not an_id or int(an_id) < FIRST_SNOWFLAKE:
        raise Unreadable("no time")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=(int(an_id) >> 22) + SNOWFLAKE_EPOCH_MS)


def pair(one: str, other: str) -> str:
    """The conversation of two people, the same from both sides."""
    return "-".join(sorted((one, other), key=int))


def conversation(value: object) -> str:
    """`dm_conversation_id`: two ids, in the order that we use; the id of a group as it is."""
    found = text(value)
    one, dash, other = found.partition("-")
    if dash and ID.fullmatch(one) and ID.fullmatch(other):
        return pair(one, other)
    return an_id(found)


def without_joined(value: str) -> str:
    """The text without the mentions before it: what was typed."""
    return JOINED.sub("", value, count=1) if JOINED.match(value) else value
