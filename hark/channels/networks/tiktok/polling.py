"""One round of asking: the newest videos, and below each the comments since the last round. Direct messages can't be asked for."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from hark.channels import polling
from hark.channels.base import Batch, Connection, Envelope, Failure, NeedsReconnect, Refused, Unreadable
from hark.channels.shapes import JSON, ident, inner, number, several

from . import api, reading

POLL_SECONDS = 300.0
HISTORY_HOURS = 24.0 * 7
OVERLAP_SECONDS = 300
VIDEOS, PAGE, MOST_PAGES = 20, 30, 100
OLDER, OLDEST = 300, timedelta(days=30)  # comments from before, below which replies are looked for
DAY_SECONDS = 86_400.0
EVENTS = ("DIRECT_MESSAGE", "COMMENT")  # the second is not documented where it could be read


def poll(connection: Connection, cursor: Mapping[str, Any]) -> Iterator[Batch]:
    """The mark moves when all videos were read; what was cut off is read again, and known by its keys."""
    known, now = dict(cursor), polling.now()
    every = polling.seconds(connection, "poll_seconds", POLL_SECONDS)
    gap = polling.away(known.get("polled_at"), every)
    mark = known.get("since")
    hours = polling.seconds(connection, "history_hours", HISTORY_HOURS)
    since = (
        mark - OVERLAP_SECONDS if isinstance(mark, int) else int((now - timedelta(hours=hours)).timestamp())
    )
    oldest = min(since, int((now - OLDEST).timestamp()))
    for video in videos(connection):
        yield Batch(tuple(reversed(list(_since(connection, video, since, oldest)))), gap=gap)
    known["since"], known["polled_at"] = int(now.timestamp()), now.isoformat()
    if time.time() - float(known.get("registered_at") or 0) > DAY_SECONDS and _registers(connection):
        known["registered_at"] = time.time()
    yield Batch((), known, wait_seconds=every)


def videos(connection: Connection) -> list[str]:
    """The newest videos; none where the app may not list them: then comments come by webhook alone, and the self-test says so."""
    try:
        fields = json.dumps(["item_id"])
        said = api.get(connection, "videos", "business/video/list/", fields=fields, max_count=VIDEOS)
    except Refused:
        return []
    return [found for one in several(said, "videos") if (found := ident(one, "item_id"))]


def _since(connection: Connection, video: str, since: int, oldest: int) -> Iterator[Envelope]:
    """What was said since then. The list goes by when a thread began, so replies below older comments are looked for too."""
    older = 0
    for comment in comments(connection, video):
        began = _at(comment, since)
        with suppress(Unreadable):
            fresh = [one for one in several(comment, "reply_list") if _at(one, since) >= since]
            if began >= since or fresh:
                yield from reading.with_replies({**comment, "reply_list": fresh})
        older += began < since
        if began < oldest or older > OLDER:
            return


def _at(comment: JSON, otherwise: int) -> int:
    return number(comment, "create_time") or otherwise


def comments(connection: Connection, video: str) -> Iterator[JSON]:
    """Comments below a video, newest first, with their replies."""
    page: dict[str, Any] = {}
    for _page in range(MOST_PAGES):
        said = api.get(
            connection, "comments", "business/comment/list/",
            video_id=video, include_replies="true", sort_field="create_time", sort_order="desc", max_count=PAGE, **page,
        )  # fmt: skip
        yield from ({"video_id": video, **one} for one in several(said, "comments"))
        if said.get("has_more") is not True:
            return
        page = {"cursor": ident(said, "cursor")}


def _registers(connection: Connection) -> bool:
    """The webhook of the app, told anew every day: there is one for each kind of event, and any account's address will do.

    False where it can't be had; asking goes on without it.
    """
    held = connection.credentials
    app, secret = str(held.get("client_id") or ""), str(held.get("client_secret") or "")
    if not (app and secret and connection.hook_url.startswith("https://")):
        return False
    done = False
    for event in EVENTS:
        body = {"app_id": app, "secret": secret, "event_type": event, "callback_url": connection.hook_url}
        try:
            with api.line(connection).reading(f"webhook {event}") as call:
                done |= call("POST", "/business/webhook/update/", json=body).body.get("code") == 0
        except NeedsReconnect:
            raise
        except Failure:
            continue
    return done


def name_of(connection: Connection) -> tuple[str, str]:
    """Handle and name; ("", "") where the app may not ask."""
    try:
        said = api.get(
            connection, "who am I", "business/get/", fields=json.dumps(["username", "display_name"])
        )
    except Failure:
        return "", ""
    data = inner(said, "user") or said
    return ident(data, "username")[:199], ident(data, "display_name")[:120]
