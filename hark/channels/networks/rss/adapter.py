"""Feeds as Hark reads them: posts and comments come in, nothing goes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from hark.channels.abilities import Finding
from hark.channels.base import (
    Author,
    Batch,
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
    Signature,
)

from . import collecting, hub, reading


class Rss:
    """A feed (RSS, Atom, JSON Feed), polled, and pushed where it has a WebSub hub. Answers are written on the page itself."""

    slug = "rss"
    can = Capabilities(
        label="Feed",
        icon="n-rss",
        inbound=frozenset({"mention", "comment"}),
        inbound_style=frozenset({"poll", "webhook"}),
        signature=Signature("websub", "x-hub-signature", silent=True),
        credential_fields=("hook_secret", "authorization"),
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return hub.handshake(connection, request)

    def split(self, body: bytes) -> list[Envelope]:
        return reading.split(body)

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        return reading.read(raw, connection)

    def skipped(self, raw: bytes, connection: Connection) -> str:
        return reading.skipped(raw, connection)

    def poll(self, connection: Connection, cursor: Mapping[str, Any]) -> Iterator[Batch]:
        return collecting.poll(connection, cursor)

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        raise Refused("never", _cannot())

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        return None  # nothing ever leaves

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return Reach(False, reason=_cannot())

    def test(self, connection: Connection) -> list[Finding]:
        from .connect import test

        return test(connection)

    def connect_form(self) -> type[forms.Form]:
        from .connect import ConnectForm

        return ConnectForm


def _cannot() -> str:
    return _(
        "A feed can only be read: open the page and answer there. Where the feed brings your answer, it joins the case."
    )
