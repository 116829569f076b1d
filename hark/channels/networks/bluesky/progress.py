"""How far an account has been read: what is stored as its cursor."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

MOST_SEEN = 500  # keys that are remembered; the database knows the others, this only spares it work
MOST_WATCHED = 200  # posts that are read again now and then
WATCH_DAYS = 14


def now() -> datetime:
    return datetime.now(UTC)


class Progress:
    """The cursor, opened. `store()` gives it back as JSON."""

    def __init__(self, cursor: Mapping[str, Any]) -> None:
        self.seen: dict[str, None] = dict.fromkeys(map(str, cursor.get("seen") or ()))
        self.polled_at = _instant(cursor.get("polled_at"))
        self.checked_at = _instant(cursor.get("checked_at"))
        self.chat_begun = bool(cursor.get("chat_begun"))
        self.log = str(cursor.get("log") or "")
        self.watched: dict[str, tuple[str, str]] = {
            str(uri): (str(cid), str(at)) for uri, cid, at in cursor.get("watched") or ()
        }
        stream = cursor.get("stream") or {}
        self.stream_host, self.stream_at = str(stream.get("host") or ""), int(stream.get("at") or 0)

    def store(self) -> dict[str, Any]:
        return {
            "seen": list(self.seen)[-MOST_SEEN:],
            "polled_at": self.polled_at.isoformat() if self.polled_at else None,
            "checked_at": self.checked_at.isoformat() if self.checked_at else None,
            "chat_begun": self.chat_begun,
            "log": self.log,
            "watched": [[uri, cid, at] for uri, (cid, at) in self.watched.items()],
            "stream": {"host": self.stream_host, "at": self.stream_at},
        }

    def knows(self, event_key: str) -> bool:
        return _short(event_key) in self.seen

    def remember(self, event_keys: Iterable[str]) -> None:
        for key in event_keys:
            self.seen.pop(_short(key), None)
            self.seen[_short(key)] = None
        for old in list(self.seen)[:-MOST_SEEN]:
            del self.seen[old]

    def watch(self, uri: str, cid: str, at: str) -> None:
        """Read this post again now and then: its author may delete it."""
        self.watched.pop(uri, None)
        self.watched[uri] = (cid, at)
        oldest = (now() - timedelta(days=WATCH_DAYS)).isoformat()
        for old in [known for known, (_, since) in self.watched.items() if since < oldest]:
            del self.watched[old]
        for old in list(self.watched)[:-MOST_WATCHED]:
            del self.watched[old]

    def authors(self) -> set[str]:
        return {
            uri.split("/")[2] for uri in list(self.watched)
        }  # a copy: the stream asks while a poll writes


def _short(event_key: str) -> str:
    return hashlib.sha256(event_key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _instant(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
