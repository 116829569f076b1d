"""Reviews of the Android Publisher API (v3) into messages. Times are seconds in a text; a title stands before a tab."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from hark.channels.base import Connection, Envelope, IncomingMessage, Skipped, Unreadable
from hark.channels.networks.reviews.site import Found, answer_of, items, reviewer, stamp, stars, titled
from hark.channels.shapes import JSON, answered, decoded, encoded, ident, inner, key, needed, text, unix

WHERE = ("appVersionName", "androidOsVersion", "device", "appVersionCode")  # what the reviewer used


def split(body: bytes) -> list[Envelope]:
    """Raises Skipped for an answer without a review."""
    found = answered(body)
    envelopes = {envelope.event_key: envelope for envelope in _found(found)}
    if not envelopes:
        raise Skipped(_what(found))
    return list(envelopes.values())


def _found(value: Any) -> Iterator[Envelope]:
    if not isinstance(value, dict):
        return
    if "reviewId" in value:
        yield found(value).envelope
    for one in items(value, "reviews"):
        yield from _found(one)


def found(review: JSON) -> Found:
    own, said, reply = (
        needed(review, "reviewId"),
        _part(review, "userComment"),
        _part(review, "developerComment"),
    )
    at = when(said.get("lastModified"))
    name = key(own, stamp(at), stamp(when(reply.get("lastModified"))) if reply else "")
    return Found(own, at, Envelope(name, encoded(review)))


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    review = decoded(raw)
    if not isinstance(review, dict):
        raise Unreadable("no review in it")
    if "reviewId" not in review:
        return []
    own = needed(review, "reviewId")
    said, reply = _part(review, "userComment"), _part(review, "developerComment")
    return [_review(own, said, text(review, "authorName"))] + (
        [_answer(own, reply, connection)] if reply else []
    )


def _review(own: str, said: JSON, name: str) -> IncomingMessage:
    title, tab, words = text(said, "text").partition("\t")
    at = when(said.get("lastModified"))
    return IncomingMessage(
        kind="created", external_id=own, at=at, thread=own, author=reviewer(own, name),
        text=titled(title, words) if tab else title.strip(), lang=text(said, "reviewerLanguage")[:16],
        version=stamp(at), rating=stars(said.get("starRating")),
        facts={"review": own, "context": {name: ident(said, name)[:80] for name in WHERE if said.get(name)}},
    )  # fmt: skip


def _answer(own: str, reply: JSON, connection: Connection) -> IncomingMessage:
    at = when(reply.get("lastModified"))
    return answer_of(connection, own, at, text(reply, "text"), stamp(at), {"review": own})


def when(value: Any) -> datetime:
    """{seconds: "1795510000", nanos: 0}."""
    if not isinstance(value, dict):
        raise Unreadable("no time")
    try:
        seconds, nanos = int(str(value["seconds"])), int(value.get("nanos") or 0)
    except (KeyError, TypeError, ValueError):
        raise Unreadable("not a time in seconds") from None
    return unix(seconds + nanos / 1e9)


def _part(review: JSON, name: str) -> JSON:
    """The newest comment of one side: the list holds one of each."""
    return next((inner(one, name) for one in items(review, "comments") if inner(one, name)), {})


def _what(found: Any) -> str:
    if not isinstance(found, dict):
        raise Unreadable("not what the API documents: no object")
    if isinstance(error := found.get("error"), dict):
        return f"an error: {error.get('message')}"[:200]
    if "tokenPagination" in found or "reviews" in found or not found:
        return "a list without reviews"
    return f"no review: {', '.join(sorted(map(str, found))[:6])}"[:200]
