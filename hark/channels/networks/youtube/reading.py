"""Answers of the YouTube Data API v3 into comments. A comment is stored with its thread and video: alone it names neither."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from hark.channels.base import Author, Connection, Envelope, IncomingMessage, Skipped, Unreadable
from hark.channels.shapes import (
    JSON,
    address,
    answered,
    decoded,
    encoded,
    ident,
    inner,
    instant,
    key,
    needed,
    several,
    text,
)


def split(body: bytes) -> list[Envelope]:
    """Raises Skipped for an answer without a comment."""
    found = answered(body)
    envelopes = {envelope.event_key: envelope for envelope in _found(found)}
    if not envelopes:
        raise Skipped(_what(found))
    return list(envelopes.values())


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    found = decoded(raw)
    if not isinstance(found, dict):
        raise Unreadable("no comment in it")
    if "gone" in found:
        return [
            IncomingMessage(kind="deleted", external_id=needed(found, "gone"), at=instant(text(found, "at")))
        ]
    comment = inner(found, "item")
    return [_message(comment, ident(found, "root"), ident(found, "video"), connection)] if comment else []


def gone(comment_id: str, at: datetime) -> Envelope:
    return Envelope(key("comment", comment_id, "gone"), encoded({"gone": comment_id, "at": at.isoformat()}))


def thread_of(item: JSON) -> list[Envelope]:
    """A comment thread: its first comment, and the replies that came along."""
    snippet = inner(item, "snippet")
    top, video = inner(snippet, "topLevelComment"), ident(snippet, "videoId")
    found = [wrapped(top, needed(top, "id"), video)] if top else []
    root = ident(item, "id") or ident(top, "id")
    return found + [wrapped(one, root, video) for one in several(inner(item, "replies"), "comments")]


def wrapped(comment: JSON, root: str, video: str) -> Envelope:
    snippet = inner(comment, "snippet")
    root = ident(snippet, "parentId") or root or needed(comment, "id")
    kept = {"item": comment, "root": root, "video": video or ident(snippet, "videoId")}
    return Envelope(_key(comment), encoded(kept))


def _found(value: Any) -> Iterator[Envelope]:
    if not isinstance(value, dict):
        return
    if "gone" in value:
        yield gone(needed(value, "gone"), instant(text(value, "at")))
    elif isinstance(value.get("item"), dict):
        yield Envelope(_key(inner(value, "item")), encoded(value))
    elif isinstance(value.get("items"), list):
        for one in several(value, "items"):
            yield from _found(one)
    elif isinstance(value.get("comments"), list):
        for one in several(value, "comments"):
            yield from _found(one)
    elif value.get("kind") == "youtube#commentThread" or isinstance(
        inner_or_none(value, "topLevelComment"), dict
    ):
        yield from thread_of(value)
    elif value.get("kind") == "youtube#comment":
        yield wrapped(value, "", "")


def inner_or_none(value: JSON, name: str) -> Any:
    snippet = value.get("snippet")
    return snippet.get(name) if isinstance(snippet, dict) else None


def _key(comment: JSON) -> str:
    snippet = inner(comment, "snippet")
    return key(
        "comment", needed(comment, "id"), text(snippet, "updatedAt"), text(snippet, "moderationStatus")
    )


def _what(found: Any) -> str:
    if not isinstance(found, dict):
        raise Unreadable("not what the Data API documents: no object")
    if "error" in found:
        error = found["error"]
        return f"an error: {error.get('message') if isinstance(error, dict) else error}"[:200]
    if "items" in found:
        return f"a list without comments: {str(found.get('kind') or 'no kind')[:60]}"
    if "textDisplay" in found:
        return "the words of a comment without its id"
    return f"no comment: {found.get('kind') or ', '.join(sorted(map(str, found))[:6]) or 'empty'!s}"[:200]


def _message(comment: JSON, root: str, video: str, connection: Connection) -> IncomingMessage:
    snippet, own = inner(comment, "snippet"), needed(comment, "id")
    made, changed = text(snippet, "publishedAt"), text(snippet, "updatedAt")
    who = _author(snippet, own)
    edited = bool(changed and made and instant(changed) > instant(made))
    ours = who.external_id == connection.external_id
    status = text(snippet, "moderationStatus")
    return IncomingMessage(
        kind="edited" if edited else "created",
        external_id=own,
        at=instant(changed if edited else made),
        thread=root or own,
        author=who,
        text=text(snippet, "textOriginal") or text(snippet, "textDisplay"),
        by_brand=ours,
        parent=ident(snippet, "parentId"),
        url=f"https://www.youtube.com/watch?v={video}&lc={own}" if video else "",
        version="" if ours and not edited else changed or made,
        facts={"root": root or own, "video": video, "status": status[:40]},
    )


def _author(snippet: JSON, own: str) -> Author:
    """Keyed by channel: names and @handles change. A closed channel has no id; its comment stands for it."""
    named = snippet.get("authorChannelId")
    channel = ident(named, "value") if isinstance(named, dict) else ""
    name = text(snippet, "authorDisplayName")
    return Author(
        external_id=(channel or f"closed {own}")[:255],
        handle=name[:200] if name.startswith("@") else "",
        name=name[:200],
        avatar_url=address(snippet, "authorProfileImageUrl"),
    )
