"""TikTok as Hark speaks it: what it can do, and where each verb is."""

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

from . import polling, posting, reading


class TikTok:
    """A business account: comments below its videos, and direct messages where TikTok allows them.

    There is no private answer to a comment: the way to private is a link.
    """

    slug = "tiktok"
    can = Capabilities(
        label="TikTok",
        icon="n-tiktok",
        inbound=frozenset({"mention", "comment", "dm"}),
        inbound_style=frozenset({"webhook", "poll"}),
        signature=Signature("tiktok", "tiktok-signature", ("client_secret",)),
        reply_public=True,
        dm_send=True,
        handoff=("link",),
        like=True,
        hide=True,
        delete_own=True,
        public_text=posting.PUBLIC,
        private_text=posting.PRIVATE,
        window=posting.WINDOW,
        needs=("approval", "region"),
        credential_fields=("client_id", "client_secret", "access", "refresh"),
        given_secrets=frozenset({"client_secret"}),
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return None  # TikTok asks for no proof of the address

    def split(self, body: bytes) -> list[Envelope]:
        return reading.split(body)

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        return reading.read(raw, connection)

    def skipped(self, raw: bytes, connection: Connection) -> str:
        return reading.skipped(raw, connection)

    def poll(self, connection: Connection, cursor: Mapping[str, Any]) -> Iterator[Batch]:
        return polling.poll(connection, cursor)

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        return posting.publish(connection, reply)

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        return posting.find_sent(connection, reply)

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return Reach(
            False,
            reason=_(
                "On TikTok only the customer can begin a message. A link to the brand’s own chat leads on."
            ),
        )

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        raise Refused("never", _("TikTok lets nothing be edited."))

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        posting.withdraw(connection, external_id, facts)

    def like(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.like(connection, external_id, facts)

    def hide(
        self, connection: Connection, external_id: str, facts: Mapping[str, Any], *, hidden: bool
    ) -> None:
        posting.hide(connection, external_id, facts, hidden)

    def test(self, connection: Connection) -> list[Finding]:
        from .connect import test

        return test(connection)

    def connect_form(self) -> type[forms.Form]:
        from .connect import ConnectForm

        return ConnectForm
