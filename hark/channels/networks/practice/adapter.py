"""The practice network as Hark speaks it. Payloads: events.py; scenarios: docs/practice.md."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
from asgiref.sync import sync_to_async

from hark.channels.base import (
    Attachments,
    Author,
    Batch,
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
    Signature,
    TextLimit,
    Unreadable,
)

from . import api, events

PICTURES = Attachments(frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"}), 2 * 2**20, 4)
Kind = Literal["created", "edited", "deleted", "reacted"]
REST_SECONDS = 1.0
MOST_AT_ONCE = 200
NOT_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
KINDS: dict[str, Kind] = {"post": "created", "edit": "edited", "delete": "deleted", "like": "reacted"}


class Practice:
    """Customers played by Hark itself."""

    slug = "practice"
    page_limit = MOST_AT_ONCE
    can = Capabilities(
        label="Practice",
        icon="n-practice",
        inbound=frozenset({"mention", "comment", "dm", "review"}),
        inbound_style=frozenset({"poll", "webhook"}),
        signature=Signature("hark-sha256", "x-hark-signature"),
        reply_public=True,
        dm_send=True,
        handoff=("direct_dm", "link"),
        like=True,
        edit_own=True,
        delete_own=True,
        threads_long_text=True,
        public_text=TextLimit("graphemes", 500),
        private_text=TextLimit("graphemes", 2000),
        public_files=PICTURES,
        private_files=PICTURES,
        credential_fields=("hook_secret",),
    )

    def handshake(self, connection: Connection, request: HookRequest) -> HookAnswer | None:
        return None

    def split(self, body: bytes) -> list[Envelope]:
        """The exact bytes of each event. A body with "events" is a batch, whatever else is in it."""
        try:
            try:
                raws = [bytes(raw) for raw in events.decode_body(body).events]
            except msgspec.ValidationError:
                raws = [body]  # one event by itself; anything else has no key either
            return [Envelope(events.decode_name(raw).key, raw) for raw in raws]
        except NOT_JSON as problem:
            raise Unreadable(str(problem)) from None

    def read(self, raw: bytes, connection: Connection) -> list[IncomingMessage]:
        try:
            event = events.decode(raw)
        except NOT_JSON as problem:
            raise Unreadable(str(problem)) from None
        writer = event.author
        if event.type != "delete" and writer is None:
            raise Unreadable("nobody is named as the author")
        return [
            IncomingMessage(
                kind=KINDS[event.type],
                external_id=event.id,
                at=event.at,
                thread=event.thread or event.id,
                visibility="private" if event.private else "public",
                author=Author(writer.id, writer.handle, writer.name, writer.avatar, writer.followers)
                if writer
                else None,
                text=event.text,
                by_brand=writer is not None and writer.id == connection.external_id,
                parent=event.parent,
                quote=event.quote,
                url=event.url,
                lang=event.lang,
                media=_pictures(event) if event.pictures else (),
                version=f"{event.version:09}",
                reaction="like" if event.type == "like" else "",
                rating=event.rating,
                handoff_token=event.ref,
            )
        ]

    def send(self, connection: Connection, reply: OutgoingReply) -> Receipt:
        return api.publish(connection.external_id, reply)

    def find_sent(self, connection: Connection, reply: OutgoingReply) -> Receipt | None:
        return api.find(connection.external_id, reply.key)

    def reach(self, connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
        if api.accepts_messages(connection.external_id, author.external_id):
            return Reach(True, "direct_dm", thread=api.private_thread(author.external_id))
        return Reach(
            True, "link", reason=f"{author.name or author.handle} takes messages only from those they follow"
        )

    def edit(self, connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
        return api.edit(connection.external_id, external_id, text)

    def withdraw(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
        api.withdraw(connection.external_id, external_id)

    def like(self, connection: Connection, external_id: str, facts: Mapping[str, Any]) -> Receipt:
        return api.like(connection.external_id, external_id)

    def count(self, connection: Connection, threads: Sequence[str]) -> Mapping[str, int]:
        return api.count(connection.external_id, threads)

    def reread(self, connection: Connection, thread: str) -> list[Envelope]:
        return [Envelope(key, raw) for key, raw in api.posts_of(connection.external_id, thread)]

    async def collect(self, connection: Connection, cursor: Mapping[str, Any]) -> AsyncIterator[Batch]:
        """What happened after the cursor, then what happens, for ever."""
        after = int(cursor.get("after", 0))
        while True:
            page = await sync_to_async(api.changes)(connection.external_id, after, self.page_limit)
            after = page.after
            yield Batch(
                tuple(Envelope(key, raw) for key, raw in page.events),
                cursor={"after": after},
                gap=f"since {page.since:%H:%M} UTC" if page.more and page.since else "",
                wait_seconds=0.0 if page.more else REST_SECONDS,
            )

    def connect_form(self) -> type[Any]:
        from .connect import ConnectForm

        return ConnectForm


def _pictures(event: events.Event) -> tuple[IncomingMedia, ...]:
    return tuple(IncomingMedia("image", picture.url, picture.alt) for picture in event.pictures)
