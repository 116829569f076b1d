"""Telegram as Hark speaks it: what it can do, and where each verb is."""

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
    Signature,
)

from . import collecting, files, posting, reading


class Telegram:
    """A bot: heard in private chats, groups and business chats, by webhook or by asking."""

    slug = "telegram"
    can = Capabilities(
        label="Telegram",
        icon="n-telegram",
        inbound=frozenset({"mention", "comment", "dm"}),
        inbound_style=frozenset({"webhook", "poll"}),
        signature=Signature("telegram", "x-telegram-bot-api-secret-token"),
        reply_public=True,
        dm_send=True,
        handoff=("deep_link",),
        like=True,
        edit_own=True,
        delete_own=True,
        quick_replies=True,
        public_text=posting.TEXT,
        private_text=posting.TEXT,
        credential_fields=("token", "hook_secret"),
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return None  # Telegram asks nothing before it delivers

    def split(self, body: bytes) -> list[Envelope]:
        return reading.split(body)

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        return reading.read(raw, connection)

    def poll(self, connection: Connection, cursor: Mapping[str, Any]) -> list[Batch]:
        return collecting.poll(connection, cursor)

    def fetch(self, connection: Connection, name: str) -> tuple[str, bytes]:
        return files.fetch(connection, name)

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        return posting.publish(connection, reply)

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        return posting.find_sent(connection, reply)

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return posting.reach(connection, author, facts)

    def like(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.like(connection, external_id)

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.edit(connection, external_id, text, facts)

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        posting.withdraw(connection, external_id)

    def connect_form(self) -> type[forms.Form]:
        from .connect import ConnectForm

        return ConnectForm
