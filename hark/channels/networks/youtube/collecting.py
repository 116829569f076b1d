"""Reading a channel's comments: new threads until a known one that has not grown, replies of those that have, held ones.

Replies do not bring an old thread up again, so threads seen lately are read again now and then; a comment that is missing
then was deleted: nobody tells us otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hark.channels import polling
from hark.channels.base import Batch, Connection, Envelope, Refused, Unreadable
from hark.channels.shapes import instant, number, text

from . import api, reading

POLL_SECONDS = 240.0
RECHECK_SECONDS = 1800.0
HISTORY_HOURS = 24.0 * 7
MOST_THREADS, MOST_PAGES, AT_ONCE = 300, 50, 50


def poll(connection: Connection, cursor: Mapping[str, Any]) -> list[Batch]:
    every = polling.seconds(connection, "poll_seconds", POLL_SECONDS)
    reader = Reader(connection, cursor)
    gap = polling.away(cursor.get("polled_at"), every)
    found = reader.news("published") + reader.held() + reader.again()
    unique = tuple({one.event_key: one for one in found}.values())
    return [Batch(unique, reader.place(), wait_seconds=every)] if not gap else [
        Batch((), gap=gap), Batch(unique, reader.place(), wait_seconds=every)
    ]  # fmt: skip


class Reader:
    def __init__(self, connection: Connection, cursor: Mapping[str, Any]) -> None:
        self.connection, self.channel = connection, api.channel(connection)
        known = cursor.get("threads")
        self.threads: dict[str, int] = (
            {str(k): int(v) for k, v in known.items()} if isinstance(known, dict) else {}
        )
        self.first = not cursor.get("polled_at")
        self.oldest = polling.now() - timedelta(
            hours=polling.seconds(connection, "history_hours", HISTORY_HOURS)
        )
        self.checked_at = str(cursor.get("checked_at") or polling.now().isoformat())
        self.recheck = polling.seconds(connection, "recheck_seconds", RECHECK_SECONDS)

    def place(self) -> dict[str, Any]:
        kept = dict(list(self.threads.items())[-MOST_THREADS:])
        return {"threads": kept, "polled_at": polling.now().isoformat(), "checked_at": self.checked_at}

    def news(self, status: str) -> list[Envelope]:
        """Threads, newest first, until one that is known and has not grown; each with all its replies."""
        found: list[Envelope] = []
        page: dict[str, str] = {}
        for _page in range(MOST_PAGES):
            answer = self.channel.get(
                "commentThreads", part="snippet,replies", allThreadsRelatedToChannelId=self.connection.external_id,
                order="time", maxResults=100, textFormat="plainText", moderationStatus=status, **page,
            )  # fmt: skip
            for item in answer.get("items") or []:
                if self._is_known(item, status):
                    return found
                found += self.thread(item)
            if not answer.get("nextPageToken"):
                break
            page = {"pageToken": str(answer["nextPageToken"])}
        return found

    def held(self) -> list[Envelope]:
        """Comments that wait for us to let them through; [] where the account may not see them."""
        try:
            return self.news("heldForReview")
        except Refused:
            return []

    def again(self) -> list[Envelope]:
        """Known threads once more: their growth, their changes, and what is missing."""
        now = polling.now()
        if now - instant(self.checked_at) < timedelta(seconds=self.recheck):
            return []
        found: list[Envelope] = []
        ids = list(self.threads)
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            params = {
                "part": "snippet,replies",
                "id": ",".join(some),
                "textFormat": "plainText",
                "maxResults": 100,
            }
            answer = self.channel.get("commentThreads", **params)
            there = {
                str(item.get("id")): item for item in answer.get("items") or [] if isinstance(item, dict)
            }
            for one in some:
                if one in there:
                    found += self.thread(there[one])
                else:
                    found.append(reading.gone(one, now))
                    del self.threads[one]
        self.checked_at = now.isoformat()
        return found

    def _is_known(self, item: Any, status: str) -> bool:
        try:
            snippet = item["snippet"]
            if (
                self.first
                and instant(text(snippet["topLevelComment"]["snippet"], "publishedAt")) < self.oldest
            ):
                return True
            return status == "published" and self.threads.get(str(item["id"])) == (
                number(snippet, "totalReplyCount") or 0
            )
        except (KeyError, TypeError, AttributeError, Unreadable):
            return False

    def thread(self, item: Any) -> list[Envelope]:
        """A thread's comments. Only some replies come along: the others are asked for where it has grown."""
        try:
            found = reading.thread_of(item)
            root, count = str(item["id"]), number(item["snippet"], "totalReplyCount") or 0
        except (KeyError, TypeError, AttributeError, Unreadable):
            return []
        if count > len(found) - 1 and count != self.threads.get(root):
            found += self._replies(root, text(item["snippet"], "videoId"))
        self.threads.pop(root, None)
        self.threads[root] = count
        return found

    def _replies(self, root: str, video: str) -> list[Envelope]:
        found: list[Envelope] = []
        page: dict[str, str] = {}
        for _page in range(MOST_PAGES):
            answer = self.channel.get(
                "comments", part="snippet", parentId=root, maxResults=100, textFormat="plainText", **page
            )
            found += [
                reading.wrapped(one, root, video)
                for one in answer.get("items") or []
                if isinstance(one, dict)
            ]
            if not answer.get("nextPageToken"):
                break
            page = {"pageToken": str(answer["nextPageToken"])}
        return found
