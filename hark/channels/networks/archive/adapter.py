"""Imported history as a network that can only be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from hark.channels.base import (
    Author,
    Capabilities,
    Connection,
    Envelope,
    HookAnswer,
    HookRequest,
    IncomingMessage,
    OutgoingReply,
    Reach,
    Receipt,
    Refused,
    Unreadable,
)

from . import lines


class Archive:
    """Messages of the past. What would answer them says why it can't."""

    slug = "archive"
    can = Capabilities(
        label="Archive", icon="n-archive", inbound=frozenset({"mention", "comment", "dm", "review"})
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return None

    def split(self, body: bytes) -> list[Envelope]:
        """An imported line by itself, as `hark import` stores it: an archive has no hooks."""
        return [Envelope(_line(body).id, body)]

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        line = _line(raw)
        # Whoever is not named stays a stranger of their own: two of them are not one person.
        author = Author(line.author or f"?{line.id}"[:255], line.author, line.author_name or line.author)
        return [
            IncomingMessage(
                kind="created",
                external_id=line.id,
                at=line.at,
                thread=line.thread or line.reply_to or line.id,
                visibility="private" if line.private else "public",
                author=author,
                text=line.text,
                by_brand=line.outbound,
                parent=line.reply_to,
                url=line.url,
                lang=line.lang,
                facts={} if line.is_open else {"archived": True},
            )
        ]

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        raise Refused("never", _cannot())

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        return None  # nothing ever leaves

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return Reach(False, reason=_cannot())


def _line(raw: bytes) -> lines.Line:
    try:
        return lines.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise Unreadable(str(problem)) from None


def _cannot() -> str:
    return _(
        "This was imported from an archive: it can be read, not answered. Write to the customer where they are now."
    )
