"""Text messages as Hark speaks them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

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
    Signature,
    TextLimit,
    Unsure,
)

from . import api, collecting, files, reading

NUMBER = re.compile(r"(whatsapp:)?\+[1-9][0-9]{6,14}")
MOST_CHARS = 1600
CLOCKS_APART = timedelta(minutes=2)


class Sms:
    """A number at a Twilio-compatible provider."""

    slug = "sms"
    can = Capabilities(
        label="SMS",
        icon="n-sms",
        inbound=frozenset({"dm"}),
        inbound_style=frozenset({"webhook", "poll"}),
        signature=Signature("twilio", "x-twilio-signature", credentials=("token",)),
        dm_send=True,
        private_text=TextLimit("segments", 10),  # 1,530 characters of GSM-7, 670 of anything else
        credential_fields=("sid", "token", "base"),
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return None

    def split(self, body: bytes) -> list[Envelope]:
        return reading.split(body)

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        return reading.read(raw, connection)

    def poll(self, connection: Connection, cursor: Mapping[str, Any]) -> list[Batch]:
        return collecting.poll(connection, cursor)

    def fetch(self, connection: Connection, name: str) -> tuple[str, bytes]:
        return files.fetch(connection, name)

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        to = _number(reply)
        if not reply.text.strip() or len(reply.text) > MOST_CHARS:
            raise Refused(
                "too_long" if reply.text.strip() else "never", _("A text message has 1 to 1,600 characters.")
            )
        if reply.parent_facts.get("stopped") is True:
            raise Refused(
                "recipient_unreachable", _("They sent STOP: nothing may be sent until they send START.")
            )
        form = {"To": to, "From": connection.external_id, "Body": reply.text}
        if connection.hook_url.startswith("https://"):
            form["StatusCallback"] = connection.hook_url
        said = api.call(connection, "POST", "/Messages", form=form)
        sid = said.get("sid")
        if not isinstance(sid, str) or not sid:
            raise Unsure(_("The provider did not say whether it took the message."))
        return _receipt(connection, to, sid)

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        """The provider keeps no key of ours: our own words to this number since they were queued; two of them are for a person."""
        to = _number(reply)
        said = api.call(
            connection, "GET", "/Messages", query={"To": to, "From": connection.external_id, "PageSize": "50"}
        )
        listed = said.get("messages")
        since = (reply.queued_at or datetime.now(UTC)) - CLOCKS_APART
        same = [
            one
            for one in (listed if isinstance(listed, list) else [])
            if isinstance(one, dict) and one.get("body") == reply.text and isinstance(one.get("sid"), str)
            and collecting.made(one) >= since
        ]  # fmt: skip
        if len(same) > 1:
            raise Unsure(_("The same words went to this number twice; a person has to look."))
        return _receipt(connection, to, same[0]["sid"]) if same else None

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return Reach(False, reason=_("A text message is private already."))

    def connect_form(self) -> type[Any]:
        from .connect import ConnectForm

        return ConnectForm


def _number(reply: OutgoingReply) -> str:
    to = reply.to.external_id if reply.to else ""
    if reply.visibility != "private" or not NUMBER.fullmatch(to):
        raise Refused("recipient_unreachable", _("There is no number that a text message could go to."))
    return to


def _receipt(connection: Connection, to: str, sid: str) -> Receipt:
    return Receipt(sid, f"{connection.external_id} {to}", at=datetime.now(UTC))
