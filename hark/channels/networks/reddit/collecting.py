"""Reading: replies and mentions in the inbox, the brand's own communities, and modmail. Known things are looked at again.

Reddit asks that what its users delete is deleted everywhere, so things seen lately are read again now and then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hark.channels import polling
from hark.channels.base import Batch, Connection, Envelope, Refused, Skipped, Unreadable
from hark.channels.shapes import encoded, instant

from . import api, reading
from .posting import moderated

POLL_SECONDS, RECHECK_SECONDS, HISTORY_HOURS = 60.0, 1800.0, 24.0
PAGE, MOST_PAGES, MOST_WATCHED = 100, 10, 500  # a listing ends after about a thousand
INBOX = ("/message/comments", "/message/selfreply", "/message/mentions")


def poll(connection: Connection, cursor: Mapping[str, Any]) -> list[Batch]:
    every = polling.seconds(connection, "poll_seconds", POLL_SECONDS)
    reader = Reader(connection, cursor)
    gap = polling.away(cursor.get("polled_at"), every)
    found = reader.news() + reader.again()
    last = Batch(tuple({one.event_key: one for one in found}.values()), reader.place(), wait_seconds=every)
    return [Batch((), gap=gap), last] if gap else [last]


class Reader:
    def __init__(self, connection: Connection, cursor: Mapping[str, Any]) -> None:
        self.connection, self.line = connection, api.line(connection)
        self.watched = dict.fromkeys(polling.names(cursor.get("watched"), MOST_WATCHED))
        hours = polling.seconds(connection, "history_hours", HISTORY_HOURS)
        try:
            since = instant(str(cursor["polled_at"]))
        except (KeyError, Unreadable):
            since = polling.now() - timedelta(hours=hours)
        self.since = since - timedelta(minutes=10)  # listings lag; what comes twice is a no-op
        self.checked_at = str(cursor.get("checked_at") or polling.now().isoformat())
        self.recheck = polling.seconds(connection, "recheck_seconds", RECHECK_SECONDS)
        self.began = polling.now().isoformat()

    def place(self) -> dict[str, Any]:
        kept = list(self.watched)[-MOST_WATCHED:]
        return {"polled_at": self.began, "checked_at": self.checked_at, "watched": kept}

    def news(self) -> list[Envelope]:
        found: list[Envelope] = []
        mine = f"/user/{self.connection.external_id}/comments"
        communities = [
            f"/r/{one}/{what}" for one in moderated(self.connection) for what in ("new", "comments")
        ]
        for path in (*INBOX, mine, *communities):
            found += self._listing(path)
        return found + (self._modmail() if moderated(self.connection) else [])

    def _listing(self, path: str) -> list[Envelope]:
        """Newest first, back to the last round by the time of each: an anchor that was deleted would empty the listing."""
        found: list[Envelope] = []
        after = ""
        for _page in range(MOST_PAGES):
            params = {"limit": PAGE, **({"after": after} if after else {})}
            answer = self.line.get(path, **params)
            envelopes = self._split(answer)
            fresh = [one for one in envelopes if self._is_fresh(one)]
            found += fresh
            data = answer.get("data") if isinstance(answer, dict) else None
            after = str(data.get("after") or "") if isinstance(data, dict) else ""
            if not after or len(fresh) < len(envelopes):
                break
        for envelope in found:
            name = envelope.event_key.split(" ")[0]
            self.watched.pop(name, None)
            self.watched[name] = None
        return found

    def _is_fresh(self, envelope: Envelope) -> bool:
        try:
            return any(one.at >= self.since for one in reading.read(envelope.raw, self.connection))
        except Unreadable:
            return False

    def _modmail(self) -> list[Envelope]:
        """Conversations that moved since the last round, each read whole."""
        found: list[Envelope] = []
        after = ""
        for _page in range(MOST_PAGES):
            params = {"state": "all", "sort": "recent", "limit": PAGE, **({"after": after} if after else {})}
            answer = self.line.get("/api/mod/conversations", **params)
            talks = answer.get("conversations") if isinstance(answer, dict) else None
            talks = talks if isinstance(talks, dict) else {}
            moved = [number for number, talk in talks.items() if self._moved(talk)]
            for number in moved:
                found += self._split(self.line.get(f"/api/mod/conversations/{number}"))
            if not talks or len(moved) < len(talks) or len(talks) < PAGE:
                break
            after = list(talks)[-1]
        return found

    def _moved(self, talk: Any) -> bool:
        try:
            return instant(str(talk["lastUpdated"])) >= self.since
        except (KeyError, TypeError, Unreadable):
            return True

    def again(self) -> list[Envelope]:
        """Known things as they are now. What was deleted says so; one that is missing proves nothing."""
        now = polling.now()
        if now - instant(self.checked_at) < timedelta(seconds=self.recheck):
            return []
        found: list[Envelope] = []
        names = [name for name in self.watched if name.startswith(("t1_", "t3_"))]
        for start in range(0, len(names), PAGE):
            some = names[start : start + PAGE]
            found += self._split(self.line.get("/api/info", id=",".join(some), limit=PAGE))
        self.checked_at = now.isoformat()
        return found

    def _split(self, answer: Any) -> list[Envelope]:
        try:
            return reading.split(encoded(answer))
        except (Skipped, Unreadable, Refused):
            return []
