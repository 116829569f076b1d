"""Reviews of the Business Profile API (v4) into messages: the review, the brand's answer, and what became of that one.

Fields that Google added in 2026 (`reviewReplyState`, `policyViolation`, `reviewMediaItems`) are taken as they come: whatever
they hold, nothing depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hark.channels.base import Connection, Envelope, IncomingMedia, IncomingMessage, Skipped, Unreadable
from hark.channels.networks.reviews import site
from hark.channels.networks.reviews.site import Found, answer_of, items, reviewer, stamp
from hark.channels.shapes import JSON, address, answered, decoded, encoded, inner, instant, key, needed, text

STARS = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
TRANSLATED, ORIGINAL = "(Translated by Google)", "(Original)"
NAME = re.compile(r"accounts/[\w.-]{1,100}/locations/[\w.-]{1,100}/reviews/[\w.=-]{1,250}")


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
    if gone := site.again(value):
        yield gone
    elif "starRating" in value or "reviewer" in value:
        yield found(value).envelope
    for one in items(value, "reviews"):
        yield from _found(one)
    for one in items(value, "locationReviews"):
        if isinstance(review := one.get("review"), dict):
            yield from _found({"name": one.get("name"), **review})


def found(review: JSON) -> Found:
    name, reply = needed(review, "name"), inner(review, "reviewReply")
    said = key(name, _changed(review), text(reply, "updateTime"), _state(reply), _violation(review)[:40])
    return Found(name, instant(_changed(review)), Envelope(said, encoded(review)))


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    review = decoded(raw)
    if not isinstance(review, dict):
        raise Unreadable("no review in it")
    if "gone" in review:
        return site.taken_down(review)
    if not review.get("name"):
        return []
    name = needed(review, "name")
    messages = [_review(review, name)]
    if reply := inner(review, "reviewReply"):
        messages += _answer(reply, name, review, connection)
    return messages


def _review(review: JSON, name: str) -> IncomingMessage:
    who, made, changed = inner(review, "reviewer"), text(review, "createTime"), _changed(review)
    said, translation = _languages(text(review, "comment"))
    at = instant(changed)
    return IncomingMessage(
        kind="edited" if made and at > instant(made) else "created",
        external_id=name,
        at=at,
        thread=name,
        author=reviewer(name, text(who, "displayName"), address(who, "profilePhotoUrl")),
        text=said,
        url=address(review, "reviewReplyUrl"),
        version=stamp(at),
        rating=STARS.get(str(review.get("starRating"))),
        media=_media(review),
        facts={"review": name, **({"translation": translation} if translation else {})},
    )


def _answer(reply: JSON, name: str, review: JSON, connection: Connection) -> list[IncomingMessage]:
    at, state, why = instant(text(reply, "updateTime")), _state(reply), _violation(review)
    version = f"{stamp(at)} {2 if state and not is_pending(state) else 1}"
    own = answer_of(connection, name, at, text(reply, "comment"), version, facts(name, state))
    if not why and "REJECT" not in state.upper():
        return [own]
    said = why or state
    return [
        own,
        IncomingMessage(kind="undelivered", external_id=own.external_id, at=at, text=said, by_brand=True),
    ]


def facts(name: str, state: str) -> dict[str, Any]:
    """What the answer's page needs: which review, and whether it is still looked at by the site."""
    return {"review": name, "state": state, "pending": is_pending(state)}


def is_pending(state: str) -> bool:
    return "PENDING" in state.upper()


def _changed(review: JSON) -> str:
    return text(review, "updateTime") or text(review, "createTime")


def _state(reply: JSON) -> str:
    return str(reply.get("reviewReplyState") or "")[:40]


def _violation(review: JSON) -> str:
    """Why Google rejected the answer, in its own words, wherever it says so."""
    for place in (review.get("reviewReply"), review):
        if isinstance(place, dict) and (said := place.get("policyViolation")):
            return said[:300] if isinstance(said, str) else encoded(said).decode()[:300]
    return ""


def _languages(said: str) -> tuple[str, str]:
    """The reviewer's own words, and Google's translation of them, which comes inside of the text, before or after."""
    if TRANSLATED not in said:
        return said.strip(), ""
    before, _mark, after = said.partition(TRANSLATED)
    translation, _mark, original = after.partition(ORIGINAL)
    return (original or before).strip() or translation.strip(), translation.strip()


def _media(review: JSON) -> tuple[IncomingMedia, ...]:
    kept = []
    for one in items(review, "reviewMediaItems"):
        if video := address(one, "videoUrl"):
            kept.append(IncomingMedia("video", video))
        elif picture := address(one, "thumbnailUrl"):
            kept.append(IncomingMedia("image", picture))
    return tuple(kept)


def _what(found: Any) -> str:
    if not isinstance(found, dict):
        raise Unreadable("not what the API documents: no object")
    if isinstance(error := found.get("error"), dict):
        return f"an error: {error.get('message')}"[:200]
    if "averageRating" in found or "reviews" in found:
        return "a list without reviews"
    return f"no review: {', '.join(sorted(map(str, found))[:6]) or 'empty'}"[:200]
