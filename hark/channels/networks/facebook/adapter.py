"""Facebook Pages and Messenger as Hark speaks them: what they can do, and where each verb is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms

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
    TextLimit,
)

from ..meta import messaging, rereading, sending, shapes, testing
from ..meta.adapter import SIGNATURE, Meta, check_ours
from . import feed, posting

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif"})


class Facebook(Meta):
    """A Page: comments, visitors' posts, mentions, recommendations, and Messenger."""

    slug = "facebook"
    can = Capabilities(
        label="Facebook",
        icon="n-facebook",
        inbound=frozenset({"mention", "comment", "dm", "review"}),
        inbound_style=frozenset({"webhook", "poll"}),
        signature=SIGNATURE,
        reply_public=True,
        reply_private_once=True,
        dm_send=True,
        handoff=("private_reply", "dm_link"),
        like=True,
        hide=True,
        edit_own=True,
        delete_own=True,
        quick_replies=True,
        public_text=TextLimit("chars", 8000),
        private_text=TextLimit("chars", 2000),
        public_files=Attachments(PICTURES, 4 * 2**20, 1),
        private_files=Attachments(PICTURES, 8 * 2**20, 1),
        window=timedelta(days=7),
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
        return sending.find_message(connection, reply, "messenger")

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        handle = connection.handle.removeprefix("@")
        return sending.reach(connection, facts, f"https://m.me/{handle}" if handle else "")

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        return posting.edit(connection, external_id, text, facts)

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

        return rereading.round_of(
            connection, cursor, posting.recent_comments, "messenger", connection.external_id, FIELDS
        )

    def test(self, connection: Connection) -> list[Finding]:
        from .connect import FIELDS

        return testing.findings(connection, connection.external_id, connection.external_id, FIELDS)

    def connect_form(self) -> type[forms.Form]:
        from .connect import ConnectForm

        return ConnectForm

    def foreign(self, kind: str, entry: Mapping[str, Any], connection: Connection) -> str:
        if kind != "page":
            return f"an update of “{kind[:40]}”, not of a Facebook Page"
        check_ours(entry, connection)
        return ""

    def update(
        self, name: str, update: Mapping[str, Any], entry: Mapping[str, Any], connection: Connection
    ) -> shapes.Found:
        page, at = shapes.ident(entry.get("id")), entry.get("time")
        if name == "changes":
            return feed.read(update, page, at)
        return messaging.read(update, page, at, standby=name == "standby")

    def answered(self, found: dict[str, Any], connection: Connection) -> shapes.Found:
        if "error" in found:
            return "an error of the Graph API"
        if "text" in found and "timestamp" in found:
            return "a comment on Instagram"
        if "message" in found and "created_time" in found and is_comment(found):
            return feed.comment(found, connection.external_id)
        if "message" in found or "created_time" in found:
            return "a post of a Page, not something said to it"
        return "an object of the Graph API that nobody said"


def is_comment(found: Mapping[str, Any]) -> bool:
    address = found.get("permalink_url")
    named = isinstance(address, str) and "comment_id=" in address
    return named or bool({"comment_count", "parent", "can_reply_privately", "is_hidden"} & found.keys())
