"""Entries into messages. A pushed feed is stored whole, since the edge must answer at once; a polled one entry by entry."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Literal
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
from hark.channels.shapes import JSON, address, decoded, encoded, inner, instant, key, needed, several, text

from . import parsing

Kind = Literal["image", "video", "audio", "file"]
KINDS: dict[str, Kind] = {"image": "image", "video": "video", "audio": "audio"}
WRAPPED = b'{"entry":'


def split(body: bytes) -> list[Envelope]:
    """One envelope for what a hub pushed: it is taken apart when it is read. Raises Skipped for an empty body."""
    if not body.strip():
        raise Skipped("an empty push")
    if body.startswith(WRAPPED):
        found = _wrapped(body)
        return [Envelope(_key(inner(found, "entry")), body)]
    return [Envelope(f"feed {hashlib.sha256(body).hexdigest()}", body)]


def wrapped(entry: JSON, feed: parsing.Feed, fetched: datetime, *, old: bool) -> Envelope:
    """One entry as it is stored. `old`: it was there before anybody listened, and is no news."""
    kept = {"entry": entry, "feed": feed.title[:200], "fetched": fetched.isoformat(), "old": old}
    return Envelope(_key(entry), encoded(kept))


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    if not raw.startswith(WRAPPED):
        feed = parsing.parse(raw, str(connection.settings.get("feed") or ""))
        now = datetime.now(UTC)
        dated = [
            entry for entry in feed.entries if entry.get("published") or entry.get("updated")
        ]  # others are polled
        found = [
            _message(entry, feed.title, now, "", connection)
            for entry in dated
            if not why_not(entry, connection)
        ]
        found.sort(key=lambda one: (one.version, one.at))  # of two versions in one feed the newer stands
        return list({one.external_id: one for one in found}.values())
    kept = _wrapped(raw)
    entry = inner(kept, "entry")
    if kept.get("old") is True or why_not(entry, connection):
        return []
    fetched = instant(text(kept, "fetched"))
    return [_message(entry, text(kept, "feed"), fetched, fetched.isoformat(), connection)]


def skipped(raw: bytes, connection: Connection) -> str:
    if not raw.startswith(WRAPPED):
        return "" if read(raw, connection) else "nothing new in this feed"
    kept = _wrapped(raw)
    return (
        "it was there before anybody listened"
        if kept.get("old") is True
        else why_not(inner(kept, "entry"), connection)
    )


def why_not(entry: JSON, connection: Connection) -> str:
    """Why an entry is no news to the brand; "" when it is. Hubs push whole feeds, old entries too."""
    since, published = (
        str(connection.settings.get("since") or ""),
        text(entry, "published") or text(entry, "updated"),
    )
    if since and published and instant(published) < instant(since) and not text(entry, "updated") > since:
        return "it is older than this account"
    sites = connection.settings.get("own_sites")
    host = _host(text(entry, "link"))
    if isinstance(sites, list) and any(host == site or host.endswith(f".{site}") for site in map(str, sites)):
        return "it stands on one of the brand’s own sites"
    return ""


def _wrapped(raw: bytes) -> JSON:
    found = decoded(raw)
    if not isinstance(found, dict) or not isinstance(found.get("entry"), dict):
        raise Unreadable("no entry in it")
    return found


def _key(entry: JSON) -> str:
    said = "\n".join(text(entry, name) for name in ("title", "text", "author", "link"))
    return key("entry", needed(entry, "id"), parsing.digest(said)[:16])


def _message(entry: JSON, feed: str, fetched: datetime, seen: str, connection: Connection) -> IncomingMessage:
    """A date that is missing or still to come counts as when it was fetched."""
    said = [instant(text(entry, name)) for name in ("published", "updated") if text(entry, name)]
    at = min([*said[:1], fetched])
    edited = len(said) > 1 and said[1] > said[0]
    title, words, link, comment = (
        text(entry, "title"),
        text(entry, "text"),
        text(entry, "link"),
        parsing.is_comment(entry),
    )
    root = text(entry, "root") or (link if comment else "")
    who = text(entry, "author")
    ours = {str(name).casefold() for name in _list(connection.settings.get("own_names"))}
    return IncomingMessage(
        kind="edited" if edited else "created",
        external_id=needed(entry, "id"),
        at=at,
        thread=_short(parsing.canonical(root or link, fragment=False) or text(entry, "parent") or needed(entry, "id")),
        author=_author(entry, who, feed, connection),
        text=words if comment and words else "\n\n".join(part for part in (title, words) if part),
        by_brand=bool(who) and who.casefold() in ours,
        parent=_short(text(entry, "parent")),
        url=link,
        media=tuple(_media(part) for part in several(entry, "media") if address(part, "url")),
        version=text(entry, "updated") or seen or text(entry, "published"),
        facts={"kind": "comment" if comment else "post", "feed": feed},
    )  # fmt: skip


def _media(part: JSON) -> IncomingMedia:
    kind = text(part, "type")
    return IncomingMedia(
        KINDS.get(kind.partition("/")[0], "file"), address(part, "url"), content_type=kind[:100]
    )


def _author(entry: JSON, who: str, feed: str, connection: Connection) -> Author:
    """Feeds prove nobody: a page of one's own names somebody best, else the name on that site, else the site."""
    profile, host = (
        text(entry, "profile"),
        _host(text(entry, "link")) or _host(str(connection.settings.get("feed") or "")) or "feed",
    )
    name = who or feed or host
    return Author(external_id=_short(profile or f"{name} at {host}", 255), name=name[:200])


def _short(said: str, most: int = 300) -> str:
    return said if len(said) <= most else parsing.digest(said)


def _host(link: str) -> str:
    try:
        return (urlsplit(link).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
