"""Events of Jetstream, the network's public stream in JSON, in its first and its second form.

v1: github.com/bluesky-social/jetstream; v2: network.bsky.jetstream.subscribeEvents.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec

from hark.channels.base import Unreadable

from . import shapes

V2 = "network.bsky.jetstream.subscribeEvents"
COLLECTIONS = (shapes.POST,)


class Commit(shapes.Shape):
    operation: str
    collection: str
    rkey: str
    cid: str = ""
    record: dict[str, Any] | None = None


class First(shapes.Shape, rename=None):
    did: str
    time_us: int
    kind: str
    commit: Commit | None = None


class Second(Commit):
    did: str = ""
    time: str = ""
    seq: int = 0


@dataclass(frozen=True)
class Event:
    """What happened to one record, or to a whole account (`kind` account or identity, nothing else set)."""

    kind: str
    did: str
    at: str
    cursor: int
    operation: str = ""
    collection: str = ""
    rkey: str = ""
    cid: str = ""
    record: dict[str, Any] | None = None

    @property
    def uri(self) -> str:
        return f"at://{self.did}/{self.collection}/{self.rkey}"


def is_event(found: dict[str, Any]) -> bool:
    if found.get("$type") == "message":
        return isinstance(found.get("payload"), dict)
    return {"did", "time_us", "kind"} <= found.keys()


def event(found: dict[str, Any]) -> Event:
    """Either form as one. Raises Unreadable or msgspec.ValidationError."""
    return _second(found["payload"]) if found.get("$type") == "message" else _first(found)


def _first(found: dict[str, Any]) -> Event:
    given = msgspec.convert(found, First)
    try:
        at = datetime.fromtimestamp(given.time_us / 1e6, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        raise Unreadable(f"not a time: {given.time_us}") from None
    commit = given.commit
    if given.kind != "commit" or commit is None:
        return Event(given.kind, given.did, at, given.time_us)
    return Event("commit", given.did, at, given.time_us, **_parts(commit))


def _second(payload: dict[str, Any]) -> Event:
    kind = str(payload.get("$type") or "").partition("#")[2]
    if kind != "commit":
        did, time, seq = payload.get("did"), payload.get("time"), payload.get("seq")
        return Event(kind, str(did or ""), str(time or ""), seq if isinstance(seq, int) else 0)
    given = msgspec.convert(payload, Second)
    return Event(kind, given.did, given.time, given.seq, **_parts(given))


def _parts(commit: Commit) -> dict[str, Any]:
    return {name: getattr(commit, name) for name in ("operation", "collection", "rkey", "cid", "record")}


def concerns(found: Event, brand: str) -> bool:
    """Whether a post is the brand's, mentions it, answers in a discussion of its own, or quotes it."""
    record = found.record or {}
    if found.did == brand:
        return True
    reply = record.get("reply")
    refs = reply.values() if isinstance(reply, dict) else ()
    return (
        any(_points_at(ref, brand) for ref in refs)
        or _points_at(_inner(record.get("embed")), brand)
        or any(_mentions(facet, brand) for facet in _list(record.get("facets")))
    )


def _inner(embed: object) -> object:
    inner = embed.get("record") if isinstance(embed, dict) else None
    return inner.get("record") if isinstance(inner, dict) and "record" in inner else inner


def _points_at(ref: object, brand: str) -> bool:
    return isinstance(ref, dict) and str(ref.get("uri")).startswith(f"at://{brand}/")


def _mentions(facet: object, brand: str) -> bool:
    features = facet.get("features") if isinstance(facet, dict) else None
    return any(isinstance(feature, dict) and feature.get("did") == brand for feature in _list(features))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def address(base: str, dids: Iterable[str], cursor: int) -> str:
    """The stream's address with filters: the second form's when `base` names it, else the first's.

    The two reject each other's parameter names; a cursor belongs to one host.
    """
    wanted, collections = ("dids", "collections") if V2 in base else ("wantedDids", "wantedCollections")
    pairs = [(wanted, did) for did in dids] + [(collections, name) for name in COLLECTIONS]
    if V2 in base:
        pairs.append(("kinds", "commit"))
    if cursor:
        pairs.append(("cursor", str(cursor)))
    return f"{base}{'&' if '?' in base else '?'}{urlencode(pairs)}"
