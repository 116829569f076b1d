"""Mastodon as Hark speaks it: what it can do, and where each verb is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
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


class Mastodon:
    """An account on any server of the Mastodon API. What the server can do is decided by what it answers."""

    slug = "mastodon"
    can = Capabilities(
        label="Mastodon",
        icon="n-mastodon",
        inbound=frozenset({"mention", "comment", "dm"}),
        inbound_style=frozenset({"poll", "stream"}),
        reply_public=True,
        dm_send=True,
        handoff=("direct_visibility",),
        like=True,
        edit_own=True,
        delete_own=True,
        public_text=posting.TEXT,
        private_text=posting.TEXT,
        public_files=posting.FILES,
        private_files=posting.FILES,
        credential_fields=("server", "token", "id"),
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return HookAnswer(404)  # nobody calls us

    def split(self, body: bytes) -> list[Envelope]:
        return reading.split(body)

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        return reading.read(raw, connection)

    def collect(self, connection: Connection, cursor: Mapping[str, Any]) -> AsyncIterator[Batch]:
        return collecting.collect(connection, cursor)

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        return posting.publish(connection, reply)

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        return posting.find_sent(connection, reply)

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return posting.reach(connection, author)

    def like(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.like(connection, external_id)

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.edit(connection, external_id, text, facts)

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        posting.withdraw(connection, external_id)

    def connect_form(self) -> type[forms.Form]:
        from .connect import ConnectForm

        return ConnectForm
