"""X as Hark speaks it: what it can do, and where each verb is."""

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
    Refused,
    Signature,
    TextLimit,
)

from . import polling, posting, prices, reading, shapes, splitting


class X:
    """Webhooks of the X Activity API, and polls beside them. Limits: docs.x.com, as in docs/channels.md."""

    slug = "x"
    can = Capabilities(
        label="X",
        icon="n-x",
        inbound=frozenset({"mention", "comment", "dm"}),
        inbound_style=frozenset({"webhook", "poll"}),
        signature=Signature("x", "x-twitter-webhooks-signature"),
        reply_public=True,
        dm_send=True,
        handoff=("dm_link",),
        like=True,
        delete_own=True,
        threads_long_text=True,
        link_cost_micros=prices.POST_WITH_LINK,
        answer_cost_micros=prices.ANSWER,
        message_cost_micros=prices.MESSAGE,
        public_text=TextLimit("weighted", 280),
        private_text=TextLimit("chars", posting.LONGEST_PRIVATE),
        credential_fields=("client_id", "client_secret", "hook_secret", "access", "refresh"),
        given_secrets=frozenset({"client_secret", "hook_secret"}),
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        """The challenge-response check, answered at any time: X's own pages disagree on when it comes."""
        token, secret = request.query.get("crc_token"), str(connection.credentials.get("hook_secret") or "")
        if request.method != "GET" or not token or not secret.strip():
            return None
        answer = shapes.encode({"response_token": signatures.x_challenge(secret, token)})
        return HookAnswer(200, answer, "application/json")

    def split(self, body: bytes) -> list[Envelope]:
        return splitting.split(body)

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        return reading.read(raw, connection)

    def poll(self, connection: Connection, cursor: Mapping[str, Any]) -> Iterator[Batch]:
        return polling.poll(connection, cursor)

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        verb = posting.publish if reply.visibility == "public" else posting.write
        return verb(connection, reply)

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        verb = posting.find_post if reply.visibility == "public" else posting.find_message
        return verb(connection, reply)

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        """By a link that opens a message to us: X has no private answer, and a message to a stranger is refused."""
        if not shapes.ID.fullmatch(connection.external_id):
            return Reach(False, reason=_("This account is not known on X."))
        link = f"https://x.com/messages/compose?recipient_id={connection.external_id}"
        button = connection.settings.get("link_as_button")  # then no link stands in the text
        cost = prices.ANSWER if button else prices.POST_WITH_LINK
        return Reach(True, "dm_link", url=link, cost_micros=cost)

    def like(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.like(connection, external_id, facts)

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        raise Refused("never", _("X lets only Premium accounts edit, in its own apps."))

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        posting.withdraw(connection, external_id, facts)

    def connect_form(self) -> type[forms.Form]:
        from .connect import ConnectForm

        return ConnectForm

    def test(self, connection: Connection) -> list[Finding]:
        from .connect import test

        return test(connection)
