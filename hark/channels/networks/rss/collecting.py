"""Asking a feed: only for what changed (RFC 9111), one request at a time for each host, the less often the quieter it is."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from hark.channels import http, polling
from hark.channels.base import Batch, Connection, Failure, NeedsReconnect, Refused, TryLater, Unreadable

from . import hub, parsing, reading

LABEL = "Feed"
LEAST_SECONDS, MOST_SECONDS, DAY_SECONDS = 300.0, 21_600.0, 86_400.0
PUSHED_SECONDS = 3600.0  # with a hub: whether it keeps its word can't be seen, and asking costs one header
PATIENCE_SECONDS = 14 * DAY_SECONDS  # of trouble, before a person is asked
MOST_SEEN = 2000
AT_ONCE = 100  # entries of one batch
HOPS = 4

_hosts: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def poll(connection: Connection, cursor: Mapping[str, Any]) -> Iterator[Batch]:
    """One round. Raises TryLater and Refused in passing trouble, NeedsReconnect when the feed has gone or is none any more."""
    known, now = dict(cursor), datetime.now(UTC)
    known.setdefault("failing_since", time.time())
    gap = polling.away(known.get("polled_at"), float(known.get("rests_seconds") or LEAST_SECONDS))
    if gap:
        yield Batch((), gap=gap)
    try:
        answer, url = fetch(connection, known)
        feed = parsing.parse(answer.raw, url, answer.headers.get("content-type", "")) if answer else None
    except (TryLater, Refused, Unreadable) as problem:
        yield Batch((), known, gap=gap)
        if time.time() - float(known["failing_since"]) > PATIENCE_SECONDS:
            raise NeedsReconnect(_("For two weeks this feed could not be read: %s") % problem) from problem
        if isinstance(problem, Unreadable):
            raise TryLater(
                LEAST_SECONDS, _("What stands at this address is no feed: %s") % problem
            ) from problem
        raise
    del known["failing_since"]
    known["polled_at"] = now.isoformat()
    known["moved"] = {"from": connection.settings.get("feed"), "to": url}
    new: list[dict[str, Any]] = []
    if answer and feed:
        new, known["seen"] = _news(feed, known.get("seen"))
        known["etag"], known["modified"] = (
            answer.headers.get("etag", ""),
            answer.headers.get("last-modified", ""),
        )
        known["told"] = max(feed.ttl, _max_age(answer.headers.get("cache-control", "")))
    known["rests_seconds"] = rest = _rest(connection, known, bool(new))
    envelopes = (
        [reading.wrapped(entry, feed, now, old="seen" not in cursor) for entry in reversed(new)]
        if feed
        else []
    )
    for start in range(
        0, len(envelopes), AT_ONCE
    ):  # the place moves with the last: what was cut off comes again
        yield Batch(tuple(envelopes[start : start + AT_ONCE]), gap=gap)
    try:
        known["lease_until"], known["hub"] = (
            hub.subscribe(line(connection), known),
            connection.settings.get("hub") or "",
        )
    except Failure as problem:
        known["lease_until"], known["hub_problem"] = 0, str(problem)[:300]
    yield Batch((), known, wait_seconds=rest * random.uniform(0.9, 1.1))


def fetch(connection: Connection, known: Mapping[str, Any]) -> tuple[http.Answer | None, str]:
    """The feed and the address that it has from now on; None when nothing changed. What leads on for now is followed only."""
    asked = {"if-none-match": known.get("etag"), "if-modified-since": known.get("modified")}
    url = lasting = _address(connection, known.get("moved"))
    secret, home = str(connection.credentials.get("authorization") or ""), urlsplit(url).netloc
    with line(connection).reading("feed") as call:
        for _hop in range(HOPS):
            headers = {name: str(value) for name, value in asked.items() if value}
            if secret and urlsplit(url).netloc == home:  # never told to another host
                headers["authorization"] = secret
            try:
                with _hosts[urlsplit(url).netloc]:
                    answer = call("GET", url, headers=headers)
                if len(answer.raw) > parsing.MOST_BYTES:
                    raise Refused("never", _("This feed is larger than 5 MB."))
                return answer, lasting
            except http.SaidNo as no:
                if no.status == 304:
                    return None, lasting
                if no.status not in (301, 302, 303, 307, 308) or "location" not in no.headers:
                    raise
                url = urljoin(url, no.headers["location"])
                lasting = url if no.status in (301, 308) and lasting else lasting
    raise Refused("never", _("This address leads on and on."))


def _address(connection: Connection, moved: Any) -> str:
    """Where the feed is, or has moved to for good since it was connected."""
    told = str(connection.settings.get("feed") or "")
    return str(moved["to"]) if isinstance(moved, dict) and moved.get("from") == told else told


def line(connection: Connection) -> http.Line:
    agent = f"{http.AGENT}; +{settings.HARK_PUBLIC_URL}"
    return http.Line(LABEL, connection, headers={"user-agent": agent}, final=_final)


def _final(problem: http.SaidNo) -> NeedsReconnect | Refused:
    if problem.status == 410:
        return NeedsReconnect(_("Its owner says that this feed is gone for good."))
    if problem.status in (401, 403):
        return NeedsReconnect(
            _("This feed asks for a sign-in, or no longer lets us in (%d).") % problem.status
        )
    return Refused("gone" if problem.status == 404 else "never", _("The feed can’t be had (%s).") % problem)


def _news(feed: parsing.Feed, seen: Any) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Entries that are new or changed, and all that was ever seen, the newest last.

    Known by identity or, where a feed makes new ids each time, by address and title.
    """
    known: dict[str, str] = {str(k): str(v) for k, v in seen.items()} if isinstance(seen, dict) else {}
    new = []
    for entry in feed.entries:
        own = parsing.digest(entry["id"])[:16]
        place = parsing.digest(f"{parsing.canonical(entry.get('link', ''))}\n{entry.get('title')}")[:16]
        said = parsing.digest(f"{entry.get('title')}\n{entry['text']}")[:8]
        if said not in (known.get(own), known.get(place)):
            new.append(entry)
        for name in (own, place) if entry.get("link") and entry.get("title") else (own,):
            known.pop(name, None)
            known[name] = said
    return new, dict(list(known.items())[-MOST_SEEN:])


def _max_age(said: str) -> float:
    found = re.search(r"max-age=(\d{1,9})", said)
    return min(float(found[1]), DAY_SECONDS) if found else 0.0


def _rest(connection: Connection, known: Mapping[str, Any], news: bool) -> float:
    """Half as long after news, half as long again after none; never sooner than the feed says."""
    least = polling.seconds(connection, "poll_seconds", LEAST_SECONDS)
    usual = PUSHED_SECONDS if known.get("lease_until") else MOST_SECONDS
    most = max(least, polling.seconds(connection, "longest_seconds", usual))
    before = float(known.get("rests_seconds") or least)
    return max(min(max(before * (0.5 if news else 1.5), least), most), float(known.get("told") or 0))
