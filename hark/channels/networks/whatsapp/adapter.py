"""WhatsApp as Hark speaks it: what it can do, and where each verb is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from hark.channels.abilities import Finding
from hark.channels.base import (
    Attachments,
    Author,
    Capabilities,
    Connection,
    OutgoingReply,
    Reach,
    Receipt,
    TextLimit,
    Unreadable,
    Unsure,
)

from ..meta import shapes, testing
from ..meta.adapter import SIGNATURE, Meta
from . import files, reading, sending


class WhatsApp(Meta):
    """A business number on the Cloud API. Private alone: there is nothing public to answer."""

    slug = "whatsapp"
    can = Capabilities(
        label="WhatsApp",
        icon="n-whatsapp",
        inbound=frozenset({"dm"}),
        inbound_style=frozenset({"webhook"}),
        signature=SIGNATURE,
        dm_send=True,
        like=True,
        quick_replies=True,
        private_text=TextLimit("chars", 4096),
        private_files=Attachments(frozenset({"image/jpeg", "image/png"}), 5 * 2**20, 1),
        window=timedelta(hours=24),
        needs=("approval",),
        credential_fields=("token", "app_key", "verify_token"),
    )

    def fetch(self, connection: Connection, name: str) -> tuple[str, bytes]:
        return files.fetch(connection, name)

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        return sending.write(connection, reply)

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        raise Unsure(
            _(
                "WhatsApp can't be asked what was sent. Look at the conversation on the phone, or ask the customer."
            )
        )

    def late(self, connection: Connection) -> str:
        name = str(connection.settings.get("template") or "")
        if not name:
            return ""
        return _(
            "More than 24 hours have passed: this leaves as your approved template “%(name)s”, for which WhatsApp charges."
        ) % {"name": name}

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return Reach(False, reason=_("This conversation is private already."))

    def like(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> Receipt:
        return sending.react(connection, external_id, facts)

    def test(self, connection: Connection) -> list[Finding]:
        return testing.findings(
            connection, connection.external_id, str(connection.settings.get("business") or ""), ""
        )

    def connect_form(self) -> type[forms.Form]:
        from .connect import ConnectForm

        return ConnectForm

    def foreign(self, kind: str, entry: Mapping[str, Any], connection: Connection) -> str:
        return "" if kind == "whatsapp_business_account" else f"an update of “{kind[:40]}”, not of WhatsApp"

    def update(
        self, name: str, update: Mapping[str, Any], entry: Mapping[str, Any], connection: Connection
    ) -> shapes.Found:
        metadata = shapes.part(shapes.part(update, "value"), "metadata")
        number = shapes.ident(metadata.get("phone_number_id"))
        if connection.external_id and number and number != connection.external_id:
            raise Unreadable(
                f"an update of number {number[:60]}, another account than {connection.external_id[:60]}"
            )
        return reading.read(update, entry.get("time"))

    def answered(self, found: dict[str, Any], connection: Connection) -> shapes.Found:
        return "an answer of the Cloud API, not something a customer said"
