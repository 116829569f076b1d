"""Web chat: the brand's own site. No network in between, so what Hark stores is what the visitor sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.channels.base import (
    Attachments,
    Author,
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
    TextLimit,
    Unreadable,
)

from . import lines, settings

PICTURES = Attachments(frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"}), 5 * 2**20, 4)


class Webchat:
    """The chat window and the contact form. Limits are ours (docs/channels.md#web-chat)."""

    slug = "webchat"
    can = Capabilities(
        label="Web chat",
        icon="n-webchat",
        inbound=frozenset({"dm"}),
        inbound_style=frozenset({"push"}),
        welcomes_links=True,
        dm_send=True,
        edit_own=True,
        delete_own=True,
        private_text=TextLimit("chars", lines.TEXT_LIMIT),
        private_files=PICTURES,
        credential_fields=("identity_secret", "identity_secret_before"),
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return None

    def split(self, body: bytes) -> list[Envelope]:
        return [Envelope(_line(body).id, body)]

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        line = _line(raw)
        who = line.author
        return [
            IncomingMessage(
                "created",
                line.id,
                line.at,
                thread=line.thread,
                visibility="private",
                author=Author(who.id, who.email or _short(who.id), who.name, verified=who.verified),
                text=line.text,
                handoff_token=line.handoff,
                facts={
                    "page": line.page.url,
                    "page_title": line.page.title,
                    "email": who.email,
                    "form": line.form,
                    "locale": line.locale,
                },
            )
        ]

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        """Out as soon as it is stored: the same key is the same message, however often it is tried."""
        if not reply.thread:
            raise Refused(
                "recipient_unreachable", _("This visitor has no conversation in the chat to write to.")
            )
        if reply.visibility != "private":
            raise Refused("never", _("The chat has no public side."))
        return Receipt(f"reply:{reply.key}", thread=reply.thread, at=timezone.now())

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        return None  # nothing leaves Hark, so nothing can be out there that is not stored

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return Reach(True, "direct_dm")

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        return Receipt(external_id, at=timezone.now())

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        """The window shows what is stored: it goes with the message."""

    def snippet(self, connection: Connection, hook_key: str) -> str:
        from .connect import snippet

        told = settings.read(connection.settings)
        name = str(connection.settings.get("name") or connection.handle)
        return snippet(hook_key, label=_("Chat with %(name)s") % {"name": name}, colour=told.colour)

    def connect_form(self) -> type[Any]:
        from .connect import ConnectForm

        return ConnectForm


def _line(raw: bytes) -> lines.Line:
    try:
        line = lines.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Unreadable(str(problem)) from None
    if line.at.tzinfo is None or not line.thread or not line.key or not line.author.id:
        raise Unreadable("a line needs a thread, a key, an author and a time with a zone")
    return line


def _short(author_id: str) -> str:
    """A name for somebody who gave none: "visitor 3f2a"; a site's own identifier as it is."""
    kind, _colon, rest = author_id.partition(":")
    return f"visitor {rest[:4]}" if kind == "visitor" else rest
