"""Event keys: what makes two deliveries the same, so that polls, streams and retries may overlap."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from hark.channels.base import Envelope, Skipped, Unreadable

from . import jetstream, shapes
from .reading import CHAT, MISSING

# Log entries that say nothing a case could use. Others are stored, even where their type is new to us.
SILENT = {
    f"{CHAT}log{name}"
    for name in (
        "BeginConvo", "AcceptConvo", "LeaveConvo", "MuteConvo", "UnmuteConvo", "ReadMessage", "ReadConvo",
    )
}  # fmt: skip
CREATED = f"{CHAT}logCreateMessage"
POST = "app.bsky.feed.post"
MOST_KEY = 500
LISTS = {"notifications", "feed", "posts", "logs"}  # where an XRPC answer keeps its items


class Key(shapes.Shape):
    """The few fields of an item that its key is made of."""

    uri: str = ""
    cid: str = ""
    reason: Any = None
    indexed_at: str = ""


def _envelope(key: str, raw: bytes) -> Envelope:
    """An envelope whose key fits its column even where an id is absurdly long."""
    if len(key) > MOST_KEY:
        key = f"{key[:100]} {hashlib.sha256(key.encode()).hexdigest()}"
    return Envelope(key, raw)


def notification(raw: bytes | msgspec.Raw, view: msgspec.Raw | None = None) -> Envelope:
    """A notification; with `view`, the post as the AppView shows it (picture addresses) beside it."""
    key = msgspec.json.decode(raw, type=Key)
    whole = (
        bytes(raw) if view is None else msgspec.json.encode({"notification": msgspec.Raw(raw), "post": view})
    )
    return _envelope(f"{key.uri} {key.reason} {key.cid}", whole)


def own_post(raw: bytes | msgspec.Raw) -> Envelope:
    """An item of the brand's own feed."""
    post = msgspec.json.decode(raw, type=dict[str, Any]).get("post")
    key = msgspec.convert(post, Key)
    return _envelope(f"{key.uri} own {key.cid}", bytes(raw))


def changed_post(raw: bytes | msgspec.Raw) -> Envelope:
    """A post read again whose content is no longer what it was."""
    key = msgspec.json.decode(raw, type=Key)
    return _envelope(f"{key.uri} changed {key.cid}", bytes(raw))


def missing_post(uri: str, at: str) -> Envelope:
    """A post that is gone: the network sends nothing for it, so this note is ours."""
    return _envelope(f"{uri} gone", msgspec.json.encode({"$type": MISSING, "uri": uri, "at": at}))


def chat_event(raw: bytes | msgspec.Raw, profiles: Iterable[Any] = ()) -> Envelope | None:
    """An entry of the chat log, None for one that says nothing; `profiles` are added where the log names nobody."""
    found = msgspec.json.decode(raw, type=dict[str, Any])
    kind = str(found.get("$type"))
    if kind in SILENT:
        return None
    whole = bytes(raw)
    if added := list(profiles):
        whole = msgspec.json.encode(
            {**msgspec.json.decode(raw, type=dict[str, msgspec.Raw]), "relatedProfiles": added}
        )
    return _envelope(_chat_key(kind, found), whole)


def found_message(convo: str, raw: msgspec.Raw, profiles: Iterable[Any] = ()) -> Envelope:
    """A message of getMessages: the same key as when the log tells of it."""
    whole = {"convoId": convo, "message": raw, "relatedProfiles": list(profiles)}
    key = _chat_key(CREATED, {"message": msgspec.json.decode(raw)})
    return _envelope(key, msgspec.json.encode(whole))


def _chat_key(kind: str, found: Mapping[str, Any]) -> str:
    message = found.get("message")
    ident = str(message.get("id")) if isinstance(message, dict) else ""
    if kind == CREATED and ident:
        return f"dm {ident}"
    return f"{kind.removeprefix(CHAT)} {found.get('convoId')} {found.get('rev')}"


def streamed(raw: bytes, event: jetstream.Event) -> Envelope:
    """An event of the public stream."""
    if event.operation == "delete":
        return _envelope(f"{event.uri} gone", raw)
    return _envelope(f"{event.uri} {event.operation or event.kind} {event.cid or event.cursor}", raw)


def split(body: bytes) -> list[Envelope]:
    """One envelope an item of a recorded answer (notifications, a feed, posts, a thread, a chat log), or of a single item.

    Raises Skipped for an answer in which nobody says anything.
    """
    found = shapes.decoded(body)
    try:
        if isinstance(found.get("thread"), dict):
            return [_single(msgspec.Raw(msgspec.json.encode(post))) for post in _posts(found["thread"])]
        if isinstance(found.get("value"), dict) and "uri" in found:
            return [_single(msgspec.Raw(msgspec.json.encode(_viewed(found))))]
        for name in LISTS & found.keys():
            outer = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
            return [_single(raw) for raw in msgspec.json.decode(outer[name], type=list[msgspec.Raw])]
        return [_single(msgspec.Raw(body))]
    except (msgspec.DecodeError, RecursionError, UnicodeError) as problem:
        raise Unreadable(str(problem)) from None


def _posts(node: Any) -> Iterator[Any]:
    """The posts of a thread: those above it first, then itself, then what stands below."""
    if not isinstance(node, dict):
        return
    yield from _posts(node.get("parent"))
    if isinstance(node.get("post"), dict):
        yield node["post"]
    replies = node.get("replies")
    for reply in replies if isinstance(replies, list) else []:
        yield from _posts(reply)


def _viewed(found: Mapping[str, Any]) -> dict[str, Any]:
    """A record by itself (getRecord), as the AppView would show it: its author is in its address. Skipped when it is no post."""
    record, uri = found["value"], str(found["uri"])
    if record.get("$type") != POST:
        raise Skipped(f"a record that says nothing: {str(record.get('$type'))[:100]}")
    author = {"did": uri.removeprefix("at://").partition("/")[0], "handle": ""}
    made = record.get("createdAt")
    return {"uri": uri, "cid": found.get("cid"), "author": author, "record": record, "indexedAt": made}


def _single(raw: msgspec.Raw) -> Envelope:
    """One item, as the network gives it or as it was stored."""
    found = shapes.decoded(bytes(raw))
    kind = str(found.get("$type"))
    if jetstream.is_event(found):
        return streamed(bytes(raw), jetstream.event(found))
    if kind == MISSING:
        return _envelope(f"{found.get('uri')} gone", bytes(raw))
    if "convoId" in found and (kind.startswith(CHAT) or "message" in found):
        return _envelope(_chat_key(kind if kind.startswith(CHAT) else CREATED, found), bytes(raw))
    if isinstance(found.get("notification"), dict):
        return _envelope(notification(msgspec.json.encode(found["notification"])).event_key, bytes(raw))
    if isinstance(found.get("post"), dict):
        return own_post(raw)
    if "reason" in found:
        return notification(raw)
    if {"uri", "cid"} <= found.keys():
        return changed_post(raw)
    if lists := [name for name, value in found.items() if isinstance(value, list)]:
        raise Skipped(f"a list in which nobody says anything: {', '.join(sorted(lists))[:100]}")
    raise Unreadable("none of the shapes that Bluesky documents")
