"""Instagram as Hark speaks it: what it can do, and where each verb is."""

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
    Batch,
    Capabilities,
    Connection,
    OutgoingReply,
    Reach,
    Receipt,
    Refused,
    Signature,
    TextLimit,
)

from ..meta import messaging, rereading, sending, shapes, testing
from ..meta.adapter import Meta, check_ours
from . import comments, posting


class Instagram(Meta):
    """A professional account: comments, mentions, direct messages. What people send is never copied, only linked."""

    slug = "instagram"
    can = Capabilities(
        label="Instagram",
        icon="n-instagram",
        inbound=frozenset({"mention", "comment", "dm"}),
        inbound_style=frozenset({"webhook", "poll"}),
        signature=Signature("meta", "x-hub-signature-256", ("app_key", "app_key_instagram")),
        reply_public=True,
        reply_private_once=True,
        dm_send=True,
        handoff=("private_reply", "dm_link"),
        like=True,
        hide=True,
        delete_own=True,
        quick_replies=True,
        public_text=TextLimit("chars", 2200),
        private_text=TextLimit("bytes", 1000),
        public_files=Attachments(),
        private_files=Attachments(),
        window=timedelta(days=7),
        media_copies=False,
        needs=("approval",),
        credential_fields=("token", "app_key", "verify_token"),
    )

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        return (
            posting.comment(connection, reply)
            if reply.visibility == "public"
            else sending.message(connection, reply)
        )

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        if reply.visibility == "public":
            return posting.find_comment(connection, reply)
        return sending.find_message(connection, reply, "instagram")

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        handle = connection.handle.removeprefix("@")
        return sending.reach(connection, facts, f"https://ig.me/m/{handle}" if handle else "")

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        raise Refused("never", _("Instagram does not let a comment be changed."))

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        posting.withdraw(connection, external_id, facts)

    def like(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.like(connection, external_id, facts)

    def hide(
        self, connection: Connection, external_id: str, facts: Mapping[str, Any], *, hidden: bool
    ) -> None:
        posting.hide(connection, external_id, hidden)

    def poll(self, connection: Connection, cursor: Mapping[str, Any]) -> list[Batch]:
        from .connect import FIELDS

        of = connection.external_id if connection.settings.get("login") == "instagram" else "me"
        return rereading.round_of(connection, cursor, posting.recent_comments, "instagram", of, FIELDS)

    def test(self, connection: Connection) -> list[Finding]:
        from .connect import FIELDS

        of = connection.external_id if connection.settings.get("login") == "instagram" else "me"
        return testing.findings(connection, "me", of, FIELDS)

    def connect_form(self) -> type[forms.Form]:
        from .connect import ConnectForm

        return ConnectForm

    def foreign(self, kind: str, entry: Mapping[str, Any], connection: Connection) -> str:
        """Where the account hangs on a Page, its updates may say “page”: the entry's id decides."""
        about = shapes.ident(entry.get("id"))
        if kind != "instagram" and not (about and about == connection.external_id):
            return f"an update of “{kind[:40]}”, not of an Instagram account"
        check_ours(entry, connection)
        return ""

    def update(
        self, name: str, update: Mapping[str, Any], entry: Mapping[str, Any], connection: Connection
    ) -> shapes.Found:
        brand, at = shapes.ident(entry.get("id")), entry.get("time")
        if name == "changes":
            return comments.read(update, brand, connection.handle.removeprefix("@"), at)
        return messaging.read(update, brand, at, standby=name == "standby")

    def answered(self, found: dict[str, Any], connection: Connection) -> shapes.Found:
        if "error" in found:
            return "an error of the Graph API"
        if "mentioned_media" in found or "mentioned_comment" in found:
            return comments.mentioned(found, connection.external_id)
        if comments.is_comment(found):
            return comments.given(found, connection.external_id, connection.handle.removeprefix("@"))
        if "message" in found and "created_time" in found:
            return "something said on Facebook"
        return "an object of the Graph API that nobody said"
