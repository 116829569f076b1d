"""Reddit as Hark speaks it: what it can do, and where each verb is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

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
)

from . import collecting, posting, reading


class Reddit:
    """Comments and posts that answer or name the account, its communities, and their modmail. Votes are never given."""

    slug = "reddit"
    can = Capabilities(
        label="Reddit",
        icon="n-reddit",
        inbound=frozenset({"mention", "comment", "dm"}),
        inbound_style=frozenset({"poll"}),
        reply_public=True,
        dm_send=True,
        handoff=("dm_link", "link"),
        edit_own=True,
        delete_own=True,
        public_text=posting.TEXT,
        private_text=posting.TEXT,
        needs=("approval",),
        credential_fields=("client_id", "client_secret", "access", "refresh"),
        given_secrets=frozenset({"client_secret"}),
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return HookAnswer(404)  # nobody calls us

    def split(self, body: bytes) -> list[Envelope]:
        return reading.split(body)

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        return reading.read(raw, connection)

    def poll(self, connection: Connection, cursor: Mapping[str, Any]) -> list[Batch]:
        return collecting.poll(connection, cursor)

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        return posting.publish(connection, reply)

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        return posting.find_sent(connection, reply)

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return posting.reach(connection, author, facts)

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.edit(connection, external_id, text)

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        posting.withdraw(connection, external_id)

    def connect_form(self) -> type[forms.Form]:
        from .connect import ConnectForm

        return ConnectForm
