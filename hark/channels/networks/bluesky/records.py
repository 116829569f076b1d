"""Records as Bluesky wants them: keys that repeat, facets in UTF-8 bytes, strong references. Pure but for handles."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import regex

from hark.channels.base import OutgoingReply

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"  # https://atproto.com/specs/tid
ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)  # stands in for the time of what has none


def record_key(name: str, at: datetime | None) -> str:
    """A TID of the second of `at` whose other 30 bits come from `name`: the same call always gives the same key.

    A create that is tried again therefore meets the record it made the first time.
    """
    seconds = int((at or ORIGIN).timestamp())
    spread = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % (1_000_000 << 10)
    number = ((seconds * 1_000_000) << 10) + spread
    return "".join(ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def moment(at: datetime | None) -> str:
    """As the lexicon's datetime. The time of queueing, so that a retry writes the very same record."""
    return (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def graphemes(text: str) -> int:
    return len(regex.findall(r"\X", text))


def facets(text: str, did_of: Callable[[str], str]) -> list[dict[str, Any]]:
    """Mentions, links and hashtags in a text, by the SDK's detection. A handle of nobody stays plain.

    Indices are bytes of UTF-8, the end exclusive: https://docs.bsky.app/docs/advanced-guides/post-richtext
    """
    from atproto_client.utils import (  # 1 s and 40 MB at first: only who sends pays
        detect_facets,
        detect_mentions,
    )

    found = [
        {
            "index": {"byteStart": facet.index.byte_start, "byteEnd": facet.index.byte_end},
            "features": [_feature(feature) for feature in facet.features],
        }
        for facet in detect_facets(text)
    ]
    for mention in detect_mentions(text):
        if did := did_of(mention.handle):
            found.append(
                {
                    "index": {"byteStart": mention.byte_start, "byteEnd": mention.byte_end},
                    "features": [{"$type": "app.bsky.richtext.facet#mention", "did": did}],
                }
            )
    return sorted(found, key=lambda facet: facet["index"]["byteStart"])


def _feature(feature: Any) -> dict[str, Any]:
    """A link or a hashtag, out of the SDK's model."""
    value = {"tag": feature.tag} if hasattr(feature, "tag") else {"uri": feature.uri}
    return {"$type": feature.py_type, **value}


def post(
    reply: OutgoingReply,
    found: list[dict[str, Any]],
    refs: Mapping[str, Any] | None,
    images: list[dict[str, Any]],
) -> dict[str, Any]:
    """An app.bsky.feed.post. A hand-off link that the text does not hold already becomes a link card."""
    record: dict[str, Any] = {
        "$type": "app.bsky.feed.post",
        "text": reply.text,
        "createdAt": moment(reply.queued_at),
    }
    if found:
        record["facets"] = found
    if refs:
        record["reply"] = dict(refs)
    if images:
        record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
    elif reply.handoff_url and reply.handoff_url not in reply.text:
        card = {"uri": reply.handoff_url, "title": reply.handoff_url, "description": ""}
        record["embed"] = {"$type": "app.bsky.embed.external", "external": card}
    return record
