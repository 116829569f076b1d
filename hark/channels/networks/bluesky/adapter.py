"""Bluesky as Hark speaks it: what it can do, and where each verb is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

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
)

from . import collecting, envelopes, limits, messages, posting, reading
from .sessions import Session


class Bluesky:
    """AT Protocol accounts on any server. There are no webhooks: everything is collected."""

    slug = "bluesky"
    can = Capabilities(
        label="Bluesky",
        icon="n-bluesky",
        inbound=frozenset({"mention", "comment", "dm"}),
        inbound_style=frozenset({"poll", "stream"}),
        reply_public=True,
        dm_send=True,
        handoff=("direct_dm", "link"),
        like=True,
        delete_own=True,
        threads_long_text=True,
        public_text=limits.PUBLIC_TEXT,
        private_text=limits.PRIVATE_TEXT,
        public_files=limits.FILES,
        credential_fields=("pds", "password", "access", "refresh", "dm"),
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return HookAnswer(404)  # nobody calls us

    def split(self, body: bytes) -> list[Envelope]:
        return envelopes.split(body)

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        return reading.read(raw, connection)

    def collect(self, connection: Connection, cursor: Mapping[str, Any]) -> AsyncIterator[Batch]:
        return collecting.collect(connection, cursor)

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        session = Session(connection)
        return (
            posting.publish(session, reply)
            if reply.visibility == "public"
            else messages.write(session, reply)
        )

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        session = Session(connection)
        if reply.visibility == "public":
            return posting.find_post(session, reply)
        return messages.find_message(session, reply)

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        page = f"https://bsky.app/profile/{connection.handle or connection.external_id}"
        return messages.reach(Session(connection), author, page)

    def like(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.like(Session(connection), external_id, facts)

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        raise Refused("never", _("Posts on Bluesky can't be edited."))

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        posting.withdraw(Session(connection), external_id)

    def connect_form(self) -> type[forms.Form]:
        from .connect import ConnectForm

        return ConnectForm
