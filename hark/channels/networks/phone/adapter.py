"""Calls and letters as a network: what an agent writes down is an event like any other, and is read the same way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from django.utils.translation import gettext as _

from hark.channels.base import (
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
    Unreadable,
)


class Note(msgspec.Struct, frozen=True):
    """`who`: a number or a postal address, by which somebody is known the next time. `by`: the member who wrote it down."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    kind: Literal["call", "letter"]
    who: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    by: int = 0


class Phone:
    """Heard by people only: nothing arrives here by itself, and nothing leaves."""

    slug = "phone"
    can = Capabilities(
        label="Phone",
        icon="n-phone",
        inbound=frozenset({"dm"}),
        inbound_style=frozenset({"push"}),
        written_down=True,
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return None

    def split(self, body: bytes) -> list[Envelope]:
        return [Envelope(_note(body).id, body)]

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        note = _note(raw)
        return [
            IncomingMessage(
                "created",
                note.id,
                note.at,
                thread=note.who,
                visibility="private",
                author=Author(note.who, note.who, note.name),
                text=note.text,
                facts={"written_down": note.kind, "by": note.by},
            )
        ]

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        raise Refused("never", _cannot())

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        return None  # nothing ever leaves

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        return Reach(False, reason=_cannot())

    def connect_form(self) -> type[Any]:
        from .connect import ConnectForm

        return ConnectForm


def _note(raw: bytes) -> Note:
    try:
        note = msgspec.json.decode(raw, type=Note)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise Unreadable(str(problem)) from None
    if not note.id.strip() or "\0" in note.id:
        raise Unreadable("a note without an identity")
    return note


def _cannot() -> str:
    return _("Hark does not call and does not write on paper: call them back, and note what was said.")
