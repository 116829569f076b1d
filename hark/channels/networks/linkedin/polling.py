"""One round of asking: the page's notifications since the last one, comments that came without words, the subscription.

LinkedIn keeps notifications for 60 days, so a gap of any length up to that is read again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from hark.channels import http, polling
from hark.channels.base import Batch, Connection, Envelope, Failure, NeedsReconnect, Refused, Unreadable
from hark.channels.shapes import JSON, decoded, number, several

from . import api, reading

POLL_SECONDS = 300.0
HISTORY_HOURS = 24.0
KEPT = timedelta(days=60)
OVERLAP_MS = 120_000  # what was written while the last round was asking
PAGE, MOST_PAGES = 100, 200
ACTIONS = "List(COMMENT,SHARE_MENTION,ADMIN_COMMENT,COMMENT_EDIT,COMMENT_DELETE)"
EVENT = "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"
DAY_SECONDS = 86_400.0


def poll(connection: Connection, cursor: Mapping[str, Any]) -> Iterator[Batch]:
    line, known = api.line(connection), dict(cursor)
    every = polling.seconds(connection, "poll_seconds", POLL_SECONDS)
    gap = polling.away(known.get("polled_at"), every)
    since = _since(connection, known.get("since"))
    newest = since
    for page in range(MOST_PAGES):
        found = _notifications(line, since, page * PAGE)
        newest = max([newest, *(number(one, "lastModifiedAt") or 0 for one in found)])
        envelopes = [envelope for one in found for envelope in _read(line, one)]
        yield Batch(tuple(envelopes), gap=gap)
        if len(found) < PAGE:
            break
    known["since"], known["polled_at"] = newest, polling.now().isoformat()
    if time.time() - float(known.get("subscribed_at") or 0) > DAY_SECONDS and _subscribes(line):
        known["subscribed_at"] = time.time()
    yield Batch((), known, wait_seconds=every)


def _since(connection: Connection, mark: Any) -> int:
    hours = polling.seconds(connection, "history_hours", HISTORY_HOURS)
    first = polling.now() - timedelta(hours=hours)
    oldest = int((polling.now() - KEPT).timestamp() * 1000)
    return max(oldest, mark - OVERLAP_MS if isinstance(mark, int) else int(first.timestamp() * 1000))


def _notifications(line: http.Line, since: int, start: int) -> list[JSON]:
    page = quote(api.organization(line.account), safe="")
    asked = f"q=criteria&actions={ACTIONS}&organizationalEntity={page}&timeRange=(start:{since})&start={start}&count={PAGE}"
    with line.reading("notifications") as call:
        said = decoded(call("GET", f"/rest/organizationalEntityNotifications?{asked}").raw)
        return several(said, "elements") if "elements" in said else []


def _read(line: http.Line, one: JSON) -> Iterator[Envelope]:
    """The notification, and its comment where the words did not come along. What is odd is stored as it came."""
    try:
        yield reading.notified(one)
        wanted = reading.lacks_words(one)
    except Unreadable:
        return
    found = reading.COMMENT.fullmatch(wanted)
    if found:
        try:
            with line.reading("comment") as call:
                said = call(
                    "GET", f"/rest/socialActions/{api.part(found[1])}/comments/{quote(found[2], safe='')}"
                ).body
            yield reading.commented(said)
        except (Refused, Unreadable):
            return  # deleted meanwhile


def _subscribes(line: http.Line) -> bool:
    """The webhook, asked for again every day: LinkedIn ends it with the role of the person. False where it can't be had.

    It needs the application's number and the person, which not every app may know; asking goes on without it.
    """
    settings = line.account.settings
    app, person = str(settings.get("application") or ""), str(settings.get("person") or "")
    if not (app.isdigit() and person and line.account.hook_url.startswith("https://")):
        return False
    named = (
        f"(developerApplication:{quote(f'urn:li:developerApplication:{app}', safe='')},user:{quote(person, safe='')},"
        f"entity:{quote(api.organization(line.account), safe='')},eventType:{EVENT})"
    )
    try:
        with line.reading("subscribe") as call:  # the same again is harmless
            call("PUT", f"/rest/eventSubscriptions/{named}", json={"webhook": line.account.hook_url})
        return True
    except NeedsReconnect:
        raise
    except Failure:
        return False
