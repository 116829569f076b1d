"""The parts of Bluesky's shapes that Hark reads, as in the lexicons of app.bsky.* and chat.bsky.*.

Fields that are not named here are ignored; a field of the wrong type makes the payload unreadable.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from hark.channels.base import Author, Unreadable

POST = "app.bsky.feed.post"
LIKE = "app.bsky.feed.like"
AT_URI = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/([a-zA-Z0-9.-]+)/([A-Za-z0-9._:~-]+)")
CID = re.compile(r"[A-Za-z0-9]{1,128}")
MOST_ID = 512  # characters of an id that can be kept
BACKDATED = timedelta(hours=24)  # a post that claims to be older than this when it is indexed is not believed


class Shape(msgspec.Struct, rename="camel"):
    """A camelCase object of which some fields are read."""


class Ref(Shape):
    uri: str
    cid: str


class ReplyRef(Shape):
    root: Ref
    parent: Ref


class Post(Shape):
    """A record of app.bsky.feed.post."""

    text: str
    created_at: str = ""
    langs: list[str] = []
    reply: ReplyRef | None = None
    embed: dict[str, Any] | None = None
    facets: list[dict[str, Any]] = []


class Profile(Shape):
    did: str
    handle: str = ""
    display_name: str = ""
    avatar: str = ""
    followers_count: int | None = None


class PostView(Shape):
    """app.bsky.feed.defs#postView, and what a notification has in common with it."""

    uri: str
    cid: str
    author: Profile
    record: dict[str, Any]
    indexed_at: str
    embed: dict[str, Any] | None = None
    labels: list[dict[str, Any]] = []


class Notification(PostView):
    """app.bsky.notification.listNotifications#notification."""

    reason: str = ""
    reason_subject: str = ""


class Sender(Shape):
    did: str


class DirectMessage(Shape):
    """chat.bsky.convo.defs#messageView."""

    id: str
    sender: Sender
    sent_at: str
    rev: str = ""
    text: str = ""
    embed: dict[str, Any] | None = None
    reply_to: dict[str, Any] | None = None


class Reaction(Shape):
    value: str
    sender: Sender
    created_at: str


class ChatEvent(Shape):
    """An entry of chat.bsky.convo.getLog; a message found by getMessages is stored in the same shape."""

    convo_id: str
    message: DirectMessage | None = None
    reaction: Reaction | None = None
    related_profiles: list[Profile] = []


def decoded(raw: bytes) -> dict[str, Any]:
    """The JSON object in a delivery, without NUL characters, which no PostgreSQL text can hold. Raises Unreadable."""
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        raise Unreadable(f"not JSON: {problem}") from None
    if not isinstance(found, dict):
        raise Unreadable("not a JSON object")
    return without_nul(found) if b"\\u0000" in raw else found


def without_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", "")
        case list():
            return [without_nul(item) for item in value]
        case dict():
            return {without_nul(key): without_nul(item) for key, item in value.items()}
        case _:
            return value


def instant(text: str) -> datetime:
    """A moment in UTC. Raises Unreadable."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"not a time: {text[:60]!r}") from None


def published(created: str, indexed: datetime) -> datetime:
    """When it was said: as the author claims, unless that lies in the future or long before the network saw it."""
    try:
        claimed = instant(created)
    except Unreadable:
        return indexed
    return claimed if indexed - BACKDATED <= claimed <= indexed else indexed


def post_uri(uri: str) -> str:
    """The address of a post, as given. Raises Unreadable when it is none."""
    parts = AT_URI.fullmatch(uri)
    if not parts or parts[2] != POST or len(uri) > MOST_ID:
        raise Unreadable(f"not the address of a post: {uri[:100]!r}")
    return uri


def uri_parts(uri: str) -> tuple[str, str, str]:
    """DID, collection and record key of an AT-URI. Raises Unreadable."""
    if parts := AT_URI.fullmatch(uri):
        return parts[1], parts[2], parts[3]
    raise Unreadable(f"not an AT-URI: {uri[:100]!r}")


def content_id(cid: str) -> str:
    if not CID.fullmatch(cid):
        raise Unreadable(f"not a CID: {cid[:100]!r}")
    return cid


def opaque_id(value: str, what: str) -> str:
    """An id that is kept as it is. Raises Unreadable when it is empty or too long to be one."""
    if not value or len(value) > MOST_ID:
        raise Unreadable(f"no {what}: {value[:60]!r}")
    return value


def web_url(uri: str) -> str:
    """Where a person reads the post."""
    did, _, rkey = uri_parts(uri)
    return f"https://bsky.app/profile/{did}/post/{rkey}"


def author(profile: Profile) -> Author:
    """Keyed by DID: handles change, and one that no longer resolves is said to be `handle.invalid`."""
    handle = "" if profile.handle == "handle.invalid" else profile.handle
    return Author(
        external_id=opaque_id(profile.did, "DID"),
        handle=handle[:200],
        name=profile.display_name.strip()[:200],
        avatar_url=profile.avatar if profile.avatar.startswith(("https://", "http://")) else "",
        followers=profile.followers_count,
    )
