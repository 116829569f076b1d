"""E-mail as Hark speaks it: what it can do, and where each verb is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import (
    Attachments,
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
    TextLimit,
)

from . import collecting, envelopes, names, posting, reading
from .letters import parse

FILES = Attachments(
    frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"}), 10 * 2**20, 4
)  # what the composer takes; a letter would carry anything


class Email:
    """A mailbox. Everything is collected; nothing is answered by itself (RFC 3834)."""

    slug = "email"
    can = Capabilities(
        label="E-mail",
        icon="n-mail",
        inbound=frozenset({"dm"}),
        inbound_style=frozenset({"poll", "stream"}),
        dm_send=True,
        private_text=TextLimit("chars", 50_000),  # ours: a letter has no limit of its own
        private_files=FILES,
        credential_fields=(
            "imap_host", "imap_port", "imap_tls", "smtp_host", "smtp_port", "smtp_tls", "user", "password", "address_secret",
            "address_secret_before",
        ),
    )  # fmt: skip

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return None

    def split(self, body: bytes) -> list[Envelope]:
        return envelopes.split(body)

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        return reading.read(raw, connection)

    def part(self, raw: bytes, name: str) -> tuple[str, bytes] | None:
        _place, letter = envelopes.unpack(raw)
        if name == "page":
            return "text/html", parse(letter).page().encode()
        return parse(letter).content(int(name)) if name.isascii() and name.isdecimal() else None

    def collect(self, connection: Connection, cursor: Mapping[str, Any]) -> AsyncIterator[Batch]:
        return collecting.collect(connection, cursor)

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        return posting.send(connection, reply)

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        return posting.find_sent(connection, reply)

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return Reach(False, reason=_("A letter is private already."))

    def address(self, connection: Connection, token: str) -> str:
        return names.with_token(connection.external_id, token) if connection.settings.get("plus") else ""

    def connect_form(self) -> type[Any]:
        from .connect import ConnectForm

        return ConnectForm
