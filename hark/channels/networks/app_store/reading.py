"""Customer reviews of the App Store Connect API (JSON:API) into messages: `data` holds reviews, `included` the answers.

An edited review keeps its id; whether its date moves is not documented, so what it says is part of what it is, and when it
was read (`seen`) orders two versions of one date.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from hark.channels.base import Connection, Envelope, IncomingMessage, Skipped, Unreadable
from hark.channels.networks.reviews import site
from hark.channels.networks.reviews.site import Found, answer_of, items, reviewer, stamp, stars, titled
from hark.channels.shapes import JSON, answered, decoded, encoded, ident, inner, instant, key, needed, text

REVIEWS, ANSWERS = "customerReviews", "customerReviewResponses"
SAID = ("rating", "title", "body", "reviewerNickname", "createdDate", "territory")


def split(body: bytes) -> list[Envelope]:
    """Raises Skipped for an answer without a review."""
    told = answered(body)
    envelopes = {envelope.event_key: envelope for envelope in _envelopes(told)}
    if not envelopes:
        raise Skipped(_what(told))
    return list(envelopes.values())


def _envelopes(told: Any) -> Iterator[Envelope]:
    if not isinstance(told, dict):
        return
    if gone := site.again(told):
        yield gone
    elif isinstance(told.get("review"), dict):
        yield _kept(inner(told, "review"), inner(told, "answer"), text(told, "seen")).envelope
    else:
        yield from (one.envelope for one in found(told, ""))


def found(told: JSON, seen: str) -> list[Found]:
    """The reviews of an answer, each with the brand's own that belongs to it."""
    data = told.get("data")
    reviews = items(told, "data") if isinstance(data, list) else [data] if isinstance(data, dict) else []
    answers = {ident(one, "id"): one for one in items(told, "included") if one.get("type") == ANSWERS}
    kept = []
    for one in reviews:
        if one.get("type") != REVIEWS:
            continue
        related = inner(inner(inner(one, "relationships"), "response"), "data")
        try:
            kept.append(_kept(one, answers.get(ident(related, "id"), {}), seen))
        except Unreadable:
            if len(reviews) == 1:
                raise
    return kept


def _kept(review: JSON, answer: JSON, seen: str) -> Found:
    own, said, told = needed(review, "id"), inner(review, "attributes"), inner(answer, "attributes")
    at = instant(text(said, "createdDate"))
    digest = hashlib.sha256(encoded([said.get(name) for name in SAID])).hexdigest()[:16]
    name = key(own, digest, *(text(told, name)[:60] for name in ("lastModifiedDate", "state")))
    raw = {"review": review, "answer": answer, "seen": seen} if answer else {"review": review, "seen": seen}
    return Found(own, at, Envelope(name, encoded(raw)))


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    told = decoded(raw)
    if not isinstance(told, dict):
        raise Unreadable("no review in it")
    if "gone" in told:
        return site.taken_down(told)
    if not isinstance(told.get("review"), dict):
        return []
    review, answer = inner(told, "review"), inner(told, "answer")
    own = needed(review, "id")
    return [_review(own, inner(review, "attributes"), text(told, "seen"))] + (
        [_answer(own, answer, connection)] if answer else []
    )


def _review(own: str, said: JSON, seen: str) -> IncomingMessage:
    at = instant(text(said, "createdDate"))
    return IncomingMessage(
        kind="created", external_id=own, at=at, thread=own, author=reviewer(own, text(said, "reviewerNickname")),
        text=titled(text(said, "title"), text(said, "body")), version=f"{stamp(at)} {seen[:40]}".strip(),
        rating=stars(said.get("rating")), facts={"review": own, "territory": text(said, "territory")[:8]},
    )  # fmt: skip


def _answer(own: str, answer: JSON, connection: Connection) -> IncomingMessage:
    at, told = answered_at(answer), inner(answer, "attributes")
    return answer_of(connection, own, at, text(told, "responseBody"), version(answer), facts(own, answer))


def answered_at(answer: JSON) -> datetime:
    return instant(text(inner(answer, "attributes"), "lastModifiedDate"))


def version(answer: JSON) -> str:
    """When it was written, and after that whether it is published yet."""
    return f"{stamp(answered_at(answer))} {1 if is_pending(answer) else 2}"


def facts(own: str, answer: JSON) -> dict[str, Any]:
    state = text(inner(answer, "attributes"), "state")[:40]
    return {"review": own, "response": ident(answer, "id"), "state": state, "pending": is_pending(answer)}


def is_pending(answer: JSON) -> bool:
    return "PENDING" in text(inner(answer, "attributes"), "state").upper()


def _what(told: Any) -> str:
    if not isinstance(told, dict):
        raise Unreadable("not what the API documents: no object")
    if errors := items(told, "errors"):
        return f"an error: {errors[0].get('title')}"[:200]
    if isinstance(told.get("data"), list):
        return "a list without reviews"
    return f"no review: {', '.join(sorted(map(str, told))[:6]) or 'empty'}"[:200]
