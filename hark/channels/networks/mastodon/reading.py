"""Payloads into events and messages: statuses wherever they stand in an answer, deletions, likes and boosts.

Shapes: docs.joinmastodon.org/entities (Status, Notification, Conversation, NotificationRequest, Context). A collected
status comes wrapped, {"root", "item"}: the root of its thread was asked for, since a status names only its parent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from hark.channels.base import (
    Author,
    Connection,
    Envelope,
    IncomingMedia,
    IncomingMessage,
    Skipped,
    Unreadable,
)
from hark.channels.markup import plain
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
    number,
    several,
    text,
    unix,
)

OPEN = ("public", "unlisted")  # all others are read by some people only
REACTIONS = {"favourite": "like", "reblog": "boost"}
KINDS = {
    "scheduled_at": "a post that is scheduled, not yet said",
    "acct": "an account",
    "followed_by": "a relationship between accounts",
    "options": "a poll",
    "configuration": "a description of the server",
    "for_not_following": "a notification policy",
    "action_taken": "a report to the moderators",
    "notification_groups": "notifications in which nobody speaks",
    "ancestors": "a thread without other posts",
    "count": "a number",
}
MEDIA = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}


def split(body: bytes) -> list[Envelope]:
    """Raises Skipped for an answer in which nobody says anything."""
    found: dict[str, Envelope] = {}
    for item in _items(answered(body)):
        event_key = _key(item)
        found.setdefault(event_key, Envelope(event_key, encoded(item)))
    return list(found.values())


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    messages: list[IncomingMessage] = []
    try:
        items = list(_items(decoded(raw)))
    except Skipped:
        return []
    for item in items:
        root, one = _unwrapped(item)
        if one.get("event") == "delete":
            messages.append(_deleted(one))
        elif (reaction := REACTIONS.get(str(one.get("type")))) and "status" in one:
            messages.append(_reaction(one, reaction, connection))
        else:
            messages.append(_message(_status_in(one), root, connection))
    return messages


def wrapped(item: JSON, root: str) -> Envelope:
    """An envelope of something collected, with the root of its thread."""
    return Envelope(_key(item), encoded({"root": root, "item": item}))


def deletion(status_id: str, at: datetime) -> Envelope:
    """A status that is found to be gone."""
    item = {"event": "delete", "payload": status_id, "at": at.isoformat()}
    return Envelope(_key(item), encoded(item))


def status_of(item: JSON) -> JSON | None:
    """The status in a notification, conversation or request; None where there is none."""
    try:
        return _status_in(item)
    except Unreadable:
        return None


def author(account: JSON) -> Author:
    """Keyed by the profile's address: an account's id belongs to one server, and another may give the same."""
    home = address(account, "url") or address(account, "uri")
    return Author(
        external_id=(home or needed(account, "id"))[:255],
        handle=full_handle(account)[:200],
        name=text(account, "display_name").strip()[:200] or text(account, "username")[:200],
        avatar_url=address(account, "avatar"),
        followers=number(account, "followers_count"),
    )


def full_handle(account: JSON) -> str:
    """user@server, also for somebody on the account's own server."""
    acct = text(account, "acct") or text(account, "username")
    try:
        host = urlsplit(address(account, "url")).netloc
    except ValueError:
        host = ""
    return acct if "@" in acct or not host else f"{acct}@{host}"


def version(status: JSON) -> str:
    return text(status, "edited_at") or text(status, "created_at")


def _items(found: Any) -> Iterator[JSON]:
    """What says something in an answer, in order. Raises Skipped when there is nothing of the kind."""
    some = False
    for item in _found(found, 0):
        some = True
        yield item
    if not some:
        raise Skipped(_what(found))


def _found(value: Any, depth: int) -> Iterator[JSON]:
    if depth > 4:
        return
    if isinstance(value, list):
        for part in value:
            yield from _found(part, depth + 1)
    elif isinstance(value, dict):
        if "item" in value and "root" in value:
            if any(True for _ in _found(value["item"], 4)):
                yield value
        elif isinstance(value.get("event"), str):
            yield from _streamed(value)
        elif _says(value):
            yield value
        else:
            for name in ("statuses", "ancestors", "descendants"):
                yield from _found(value.get(name), depth + 1)


def _says(value: JSON) -> bool:
    status = value.get("status") if "type" in value else value.get("last_status")
    if isinstance(status, dict):
        return _is_status(status)
    return _is_status(value)


def _is_status(value: JSON) -> bool:
    return isinstance(value.get("account"), dict) and ("content" in value or "visibility" in value)


def _streamed(frame: JSON) -> Iterator[JSON]:
    """A frame of the stream; its payload is JSON in a text (docs: streaming)."""
    event, payload = frame["event"], frame.get("payload")
    if event == "delete":
        yield frame
    elif event in ("update", "status.update", "notification", "conversation") and isinstance(payload, str):
        yield from _found(decoded(payload.encode("utf-8", "replace")), 1)


def _what(found: Any) -> str:
    """What an answer without a message is, for whoever reads a recording."""
    if isinstance(found, list):
        return f"a list: {_what(found[0])} and so on" if found else "an empty list"
    if not isinstance(found, dict):
        raise Unreadable("not what Mastodon documents: neither an object nor a list")
    if isinstance(found.get("type"), str) and "account" in found:
        return f"a notification in which nobody speaks: {found['type'][:40]}"
    if "error" in found:
        return f"an error: {str(found['error'])[:100]}"
    if isinstance(found.get("event"), str):
        return f"an event in which nobody speaks: {found['event'][:40]}"
    kind = next((said for name, said in KINDS.items() if name in found), "")
    return kind or f"an answer without a status: {', '.join(sorted(map(str, found))[:6]) or 'empty'}"[:200]


def _unwrapped(item: JSON) -> tuple[str, JSON]:
    if "item" in item and "root" in item:
        return ident(item, "root"), inner(item, "item")
    return "", item


def _status_in(item: JSON) -> JSON:
    status = item.get("status") if "type" in item else item.get("last_status")
    status = status if isinstance(status, dict) else item
    if not _is_status(status):
        raise Unreadable("no status in it")
    return inner(status, "reblog") or status  # a boost repeats what somebody else said


def _key(item: JSON) -> str:
    _, one = _unwrapped(item)
    if one.get("event") == "delete":
        return key("status", needed(one, "payload"), "gone")
    if str(one.get("type")) in REACTIONS and "status" in one:
        return key("notification", needed(one, "id"))
    status = _status_in(one)
    return key("status", needed(status, "id"), version(status))


def _deleted(frame: JSON) -> IncomingMessage:
    said = text(frame, "at")
    gone = needed(frame, "payload")
    at = instant(said) if said else _made(gone)
    return IncomingMessage(kind="deleted", external_id=gone, at=at)


def _made(status_id: str) -> datetime:
    """When a status was made, out of its id (milliseconds, then 16 bits): a bare frame of the stream has no time."""
    if not status_id.isascii() or not status_id.isdigit() or len(status_id) > 20:
        raise Unreadable("a deletion without a time")
    return unix((int(status_id) >> 16) / 1000)


def _reaction(one: JSON, reaction: str, connection: Connection) -> IncomingMessage:
    who = author(inner(one, "account"))
    return IncomingMessage(
        kind="reacted",
        external_id=needed(inner(one, "status"), "id"),
        at=instant(text(one, "created_at")),
        author=who,
        by_brand=who.external_id == connection.external_id,
        reaction=reaction,
    )


def _message(status: JSON, root: str, connection: Connection) -> IncomingMessage:
    who, own = author(inner(status, "account")), needed(status, "id")
    mentions = several(status, "mentions")
    level = text(status, "visibility") or "public"
    edited = text(status, "edited_at")
    parent = ident(status, "in_reply_to_id")
    thread = (root or parent or own) if level in OPEN else _between(who, mentions, connection)
    ours = who.external_id == connection.external_id
    quoted = inner(inner(status, "quote"), "quoted_status")
    return IncomingMessage(
        kind="edited" if edited else "created",
        external_id=own,
        at=instant(edited or text(status, "created_at")),
        thread=thread,
        visibility="public" if level in OPEN else "private",
        author=who,
        text=_text(status, mentions),
        by_brand=ours,
        parent=parent,
        quote=ident(quoted, "id"),
        url=address(status, "url") or address(status, "uri"),
        lang=text(status, "language")[:20],
        media=_media(status),
        version="" if ours and not edited else version(status),  # the echo of ours changes nothing
        facts={
            "uri": text(status, "uri")[:500],
            "level": level[:20],
            "warning": text(status, "spoiler_text")[:500],
            "acct": who.handle,
            "root": root or parent or own,
            "made": text(status, "created_at")[:40],
        },
    )


def _between(who: Author, mentions: list[JSON], connection: Connection) -> str:
    """A private conversation is named by those in it beside the brand: statuses carry no conversation id."""
    everybody = {who.external_id, *(author(one).external_id for one in mentions)} - {connection.external_id}
    return key("direct", *sorted(everybody or {who.external_id}))[:512]


def _text(status: JSON, mentions: list[JSON]) -> str:
    """The content warning stands above the text, as it does on the network."""
    handles = {address(one, "url"): full_handle(one) for one in mentions}
    said = plain(text(status, "content"), handles) or text(status, "text").strip()
    warning = text(status, "spoiler_text").strip()
    return f"{warning}\n\n{said}".strip() if warning else said


def _media(status: JSON) -> tuple[IncomingMedia, ...]:
    found = []
    for one in several(status, "media_attachments"):
        if url := address(one, "url") or address(one, "remote_url"):
            kind: Any = MEDIA.get(text(one, "type"), "file")
            found.append(IncomingMedia(kind, url, text(one, "description")))
    return tuple(found)
