"""The secure page: Hark's own private place for one case. No network in between; what Hark stores is what is seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.conf import settings
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
    IncomingMedia,
    IncomingMessage,
    OutgoingReply,
    Reach,
    Receipt,
    Refused,
    TextLimit,
    Unreadable,
)

from . import lines

PICTURES = Attachments(frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"}), 8 * 2**20, 4)


class Secure:
    """Lines that customers write on their page, and answers to them. Limits are ours (docs/secure-page.md)."""

    slug = "secure"
    can = Capabilities(
        label="Secure page",
        icon="n-secure",
        inbound=frozenset({"dm"}),
        inbound_style=frozenset({"push"}),
        dm_send=True,
        edit_own=True,
        delete_own=True,
        private_text=TextLimit("chars", lines.TEXT_LIMIT),
        private_files=PICTURES,
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return None

    def split(self, body: bytes) -> list[Envelope]:
        return [Envelope(_line(body).id, body)]

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        line = _line(raw)
        return [
            IncomingMessage(
                "created",
                line.id,
                line.at,
                thread=line.page,
                visibility="private",
                author=Author(line.page, _("on a secure page"), line.name, verified=True),
                text=line.text,
                media=tuple(_media(file) for file in line.files),
                handoff_token=line.handoff if lines.TOKEN.fullmatch(line.handoff) else "",
                facts={"form": line.form} if line.form else {},
            )
        ]

    def part(self, raw: bytes, name: str) -> tuple[str, bytes] | None:
        """A file of the line. It was checked before the line was stored, and lies below the media folder until it is copied."""
        if name not in {file.stored for file in _line(raw).files}:
            return None
        path = lines.path_of(settings.HARK_MEDIA, name)
        try:
            return (lines.type_of(name), path.read_bytes()) if path else None
        except OSError:
            return None

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        """Out as soon as it is stored: the same key is the same message, however often it is tried."""
        if reply.visibility != "private":
            raise Refused("never", _("A secure page has no public side."))
        if not reply.thread:
            raise Refused("recipient_unreachable", _("There is no secure page to write on."))
        return Receipt(f"reply:{reply.key}", thread=reply.thread, at=timezone.now())

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        return None  # nothing leaves Hark, so nothing can be out there that is not stored

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return Reach(True, "direct_dm")

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        return Receipt(external_id, at=timezone.now())

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        """The page shows what is stored: it goes with the message."""


def _media(file: lines.File) -> IncomingMedia:
    kind = "file" if file.stored.endswith(".pdf") else "image"
    return IncomingMedia(kind, f"part:{file.stored}", alt=file.name, content_type=lines.type_of(file.stored))  # type: ignore[arg-type]


def _line(raw: bytes) -> lines.Line:
    try:
        line = lines.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Unreadable(str(problem)) from None
    if line.at.tzinfo is None or not line.page or not line.key:
        raise Unreadable("a line needs a page, a key and a time with a zone")
    if not all(lines.NAME.fullmatch(file.stored) for file in line.files):
        raise Unreadable("a file of a line has a name that Hark gave it")
    return line
