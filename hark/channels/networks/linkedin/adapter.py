"""LinkedIn as Hark speaks it: what it can do, and where each verb is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from hark.channels import signatures
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
    Signature,
)
from hark.channels.shapes import encoded

from . import polling, posting, reading


class LinkedIn:
    """A page: comments below its posts and mentions. There are no messages: the way to private is a link."""

    slug = "linkedin"
    can = Capabilities(
        label="LinkedIn",
        icon="n-linkedin",
        inbound=frozenset({"mention", "comment"}),
        inbound_style=frozenset({"webhook", "poll"}),
        signature=Signature("linkedin", "x-li-signature", ("client_secret",)),
        reply_public=True,
        handoff=("link",),
        like=True,
        edit_own=True,
        delete_own=True,
        public_text=posting.TEXT,
        needs=("approval",),
        credential_fields=("client_id", "client_secret", "access", "refresh"),
        given_secrets=frozenset({"client_secret"}),
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        """The validation, repeated every two hours: three failures in a row block the address."""
        code, secret = (
            request.query.get("challengeCode"),
            str(connection.credentials.get("client_secret") or ""),
        )
        if not code or not secret.strip():
            return None
        said = {"challengeCode": code, "challengeResponse": signatures.linkedin_challenge(secret, code)}
        return HookAnswer(200, encoded(said), "application/json")

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
                "LinkedIn lets no app write messages for a page. A link to the brand’s own chat leads on."
            ),
        )

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.edit(connection, external_id, text, facts)

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        posting.withdraw(connection, external_id, facts)

    def like(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.like(connection, external_id, facts)

    def test(self, connection: Connection) -> list[Finding]:
        from .connect import test

        return test(connection)

    def connect_form(self) -> type[forms.Form]:
        from .connect import ConnectForm

        return ConnectForm
