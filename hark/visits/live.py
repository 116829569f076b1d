"""The gate of the live stream for visitors: which topics a ticket of the chat opens.

A ticket is not the session's token: it stands in an address, and opens nothing but the news that something changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from django.core import signing

from hark.live import asking, topics

from .models import Visit

SALT = "hark.visits.live"


def ticket(visit: Visit) -> str:
    return signing.dumps(visit.pk, salt=SALT)


def topics_of(given: str) -> Mapping[str, str] | None:
    """Name of the event → topic, for as long as the visit lasts; None for a ticket that opens nothing (yet).

    "chat" is the visit's conversation, "before" the one it had before its visitor was identified.
    """
    try:
        pk = signing.loads(given, salt=SALT)
    except signing.BadSignature:
        return None
    visit = Visit.objects.alive().filter(pk=pk).first()
    if visit is None:
        return None
    names = {visit.before: "before", visit.thread_name: "chat"}
    return {names[thread.external_id]: topics.chat(thread.pk) for thread in visit.threads()} or None


async def gate(scope: Mapping[str, Any]) -> Mapping[str, str] | None:
    """The gate for `GET /live?chat=<ticket>` (hark/live/stream.py); None for every other request."""
    given = parse_qs(scope["query_string"].decode("latin-1")).get("chat", [""])[0]
    return await asking.ask(topics_of, given) if given else None
