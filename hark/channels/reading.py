"""Deliveries read by their adapters: bytes in, messages out, nothing stored."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection
from typing import Any, NamedTuple

import structlog
from django.utils import timezone

from .base import Author, IncomingMedia, IncomingMessage, Unreadable
from .models import Account, Delivery

log = structlog.get_logger(__name__)

FORBIDDEN = re.compile("[\0\ud800-\udfff]")  # PostgreSQL keeps no NUL, UTF-8 no lone surrogate
KEPT = re.compile("https?://|part:|held:", re.IGNORECASE)  # where media may lie: IncomingMedia
MOST_ID = 512
FIRST_YEAR, LAST_YEAR = 1000, 8999
TEXT_LIMIT = 100_000  # characters; longer than any network allows


class Incoming(NamedTuple):
    """One message with where it came from."""

    delivery: Delivery
    account: Account
    message: IncomingMessage


def read_all(deliveries: Collection[Delivery]) -> tuple[list[Incoming], list[tuple[Delivery, str]]]:
    """The messages of a batch in order, and the deliveries that can't be read, each with the reason."""
    incoming: list[Incoming] = []
    unreadable: list[tuple[Delivery, str]] = []
    accounts = Account.objects.select_related("brand", "location").in_bulk(
        {delivery.account_id for delivery in deliveries}
    )
    connections = {pk: account.connection() for pk, account in accounts.items()}
    for delivery in deliveries:
        account, connection = accounts[delivery.account_id], connections[delivery.account_id]
        try:
            for message in account.network.read(bytes(delivery.raw), connection):
                incoming.append(Incoming(delivery, account, clean(message)))
        except Unreadable as problem:
            unreadable.append((delivery, str(problem)))
        except Exception as problem:  # an adapter's fault must not stop those behind it
            log.exception("reading.adapter_failed", delivery=delivery.pk, channel=account.channel)
            unreadable.append((delivery, f"the adapter failed: {type(problem).__name__}: {problem}"))
    return incoming, unreadable


def clean(message: IncomingMessage) -> IncomingMessage:
    """The same message, in characters that can be stored, and not from the future: a network's clock may be ahead of ours.

    Raises Unreadable when it has no identity or time.
    """
    if not message.external_id:
        raise Unreadable("a message without an identity")
    if message.at.tzinfo is None:
        raise Unreadable("a message whose time has no zone")
    if not FIRST_YEAR <= message.at.year <= LAST_YEAR:  # room on both sides for zones, targets and windows
        raise Unreadable(f"a message of the year {message.at.year}")
    if any(len(getattr(message, name)) > MOST_ID for name in ("external_id", "thread", "parent", "quote")):
        raise Unreadable("an id that is too long to be one")
    now = timezone.now()
    changed: dict[str, Any] = {"at": now} if message.at > now else {}
    changed |= {
        name: FORBIDDEN.sub("\ufffd", value)
        for name in ("external_id", "thread", "text", "parent", "quote", "url", "lang", "version", "reaction")
        if FORBIDDEN.search(value := getattr(message, name))
    }
    if len(message.text) > TEXT_LIMIT:
        changed["text"] = changed.get("text", message.text)[:TEXT_LIMIT]
    if (facts := _storable(dict(message.facts))) != message.facts:
        changed["facts"] = facts
    if (media := tuple(_media(item) for item in message.media if KEPT.match(item.url))) != message.media:
        changed["media"] = media
    author = message.author
    if author and (FORBIDDEN.search(author.name + author.handle + author.external_id + author.avatar_url)):
        changed["author"] = Author(
            FORBIDDEN.sub("\ufffd", author.external_id),
            FORBIDDEN.sub("\ufffd", author.handle),
            FORBIDDEN.sub("\ufffd", author.name),
            FORBIDDEN.sub("", author.avatar_url),
            author.followers,
            author.verified,
        )
    return dataclasses.replace(message, **changed) if changed else message


def _media(item: IncomingMedia) -> IncomingMedia:
    return IncomingMedia(item.kind, *(_storable(part) for part in (item.url, item.alt, item.content_type)))


def _storable(value: Any) -> Any:
    """The same facts, at any depth, in characters that can be stored."""
    match value:
        case str():
            return FORBIDDEN.sub("\ufffd", value)
        case dict():
            return {_storable(key): _storable(part) for key, part in value.items()}
        case list() | tuple():
            return [_storable(part) for part in value]
        case _:
            return value
