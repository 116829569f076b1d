"""YouTube as Hark speaks it: what it can do, and where each verb is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
)

from . import collecting, counting, posting, reading


class YouTube:
    """The comments of a channel. There are no private messages: the way to private is a link."""

    slug = "youtube"
    can = Capabilities(
        label="YouTube",
        icon="n-youtube",
        inbound=frozenset({"comment"}),
        inbound_style=frozenset({"poll"}),
        reply_public=True,
        handoff=("link",),
        hide=True,
        edit_own=True,
        delete_own=True,
        public_text=posting.TEXT,
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
        return Reach(
            False, reason=_("YouTube has no private messages. A link to the brand’s own chat leads on.")
        )

    def hide(
        self, connection: Connection, external_id: str, facts: Mapping[str, Any], *, hidden: bool
    ) -> None:
        """Held for review, which can be taken back; a rejection could not be relied on to."""
        posting.moderate(connection, external_id, "heldForReview" if hidden else "published")

    def count(self, connection: Connection, threads: Sequence[str]) -> Mapping[str, int]:
        return counting.count(connection, threads)

    def reread(self, connection: Connection, thread: str) -> list[Envelope]:
        return counting.reread(connection, thread)

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.edit(connection, external_id, text)

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        posting.withdraw(connection, external_id)

    def connect_form(self) -> type[forms.Form]:
        from .connect import ConnectForm

        return ConnectForm
