"""Updates of the Bot API into messages. https://core.telegram.org/bots/api#update, fields of 10.1.

An album is several updates with one `media_group_id`; each is a message of its own, and says which album it belongs to.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Literal

from hark.channels.base import (
    Author,
    Connection,
    Envelope,
    IncomingMedia,
    IncomingMessage,
    Skipped,
    Unreadable,
)
from hark.channels.shapes import (
    JSON,
    answered,
    decoded,
    encoded,
    ident,
    inner,
    key,
    needed,
    number,
    several,
    text,
    unix,
)

SAID = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_message",
    "edited_business_message",
)
FILES: dict[str, Literal["image", "video", "audio", "file"]] = {
    "document": "file", "voice": "audio", "audio": "audio", "video": "video", "video_note": "video", "sticker": "image",
    "animation": "video",
}  # fmt: skip
START = re.compile(r"/start(?:@\w+)?\s+([A-Za-z0-9_-]{1,64})\s*\Z")
TOLD_BY = ("message_id", "chat", "date")


def split(body: bytes) -> list[Envelope]:
    """One update, a page of getUpdates, or a message by itself. Raises Skipped for what is none of these."""
    found = answered(body)
    if isinstance(found, dict) and isinstance(found.get("result"), list) and "update_id" not in found:
        found = found["result"]
    updates = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else [found]
    if not updates:
        raise Skipped("no updates")
    envelopes: dict[str, Envelope] = {}
    for one in updates:
        if not isinstance(one, dict):
            raise Unreadable("not an update: no object")
        event_key = _key(one)
        envelopes.setdefault(event_key, Envelope(event_key, encoded(one)))
    return list(envelopes.values())


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    """[] for an update of a kind that says nothing to us: new kinds appear often."""
    update = decoded(raw)
    if not isinstance(update, dict):
        raise Unreadable("not an update")
    if all(name in update for name in TOLD_BY):
        return _message(update, connection, edited=False)
    for name in SAID:
        if name in update:
            return _message(inner(update, name), connection, edited=name.startswith("edited"))
    if "deleted_business_messages" in update:
        return _deleted(inner(update, "deleted_business_messages"), update)
    if "callback_query" in update:
        return _pressed(inner(update, "callback_query"), connection)
    if "message_reaction" in update:
        return _reaction(inner(update, "message_reaction"))
    return []


def message_id(message: JSON) -> str:
    """Messages are numbered in each chat, so the chat stands in front."""
    return key(f"{needed(inner(message, 'chat'), 'id')}:{needed(message, 'message_id')}")


def thread_of(message: JSON) -> str:
    """A private chat is one thread for ever; in a group each first message, or topic of a forum, begins one."""
    chat = inner(message, "chat")
    where = needed(chat, "id")
    if text(chat, "type") == "private" or ident(message, "business_connection_id"):
        return where
    if topic := ident(message, "message_thread_id"):
        return f"{where}:{topic}"
    above = message
    while inner(above, "reply_to_message"):
        above = inner(above, "reply_to_message")
    return f"{where}:{needed(above, 'message_id')}"


def _key(update: JSON) -> str:
    if "update_id" in update:
        return key("update", needed(update, "update_id"))
    if all(name in update for name in TOLD_BY):
        return key("message", message_id(update), ident(update, "edit_date"))
    if "ok" in update:
        raise Skipped(
            f"an answer of the API without updates: {str(update.get('description') or 'done')[:100]}"
        )
    raise Skipped(f"no update: {', '.join(sorted(map(str, update))[:6]) or 'empty'}"[:200])


def _message(found: JSON, connection: Connection, *, edited: bool) -> list[IncomingMessage]:
    chat = inner(found, "chat")
    who = _author(found)
    said = _text(found)
    if who is None or not said:
        return []  # somebody joined, a title changed: nobody said anything
    private = text(chat, "type") == "private" or bool(ident(found, "business_connection_id"))
    start = START.match(said) if private else None
    own = str(connection.credentials.get("owner") or "")
    above = inner(found, "reply_to_message")
    changed = found.get("edit_date") if edited else None
    return [
        IncomingMessage(
            kind="edited" if edited else "created",
            external_id=message_id(found),
            at=unix(changed if changed is not None else found.get("date")),
            thread=thread_of(found),
            visibility="private" if private else "public",
            author=who,
            text=said,
            by_brand=who.external_id in {connection.external_id, own} - {""},
            parent=message_id({"chat": chat, **above}) if above else "",
            url=_url(chat, found),
            lang=text(inner(found, "from"), "language_code")[:20],
            version=_version(changed),
            handoff_token=start[1] if start else "",
            media=_media(found),
            facts=_facts(found, chat),
        )
    ]


def _version(changed: object) -> str:
    """Seconds with zeros in front, so that later is greater as text; "" for a message as it was first said."""
    return (
        f"{changed:012d}"
        if isinstance(changed, int) and not isinstance(changed, bool) and changed >= 0
        else ""
    )


def _facts(found: JSON, chat: JSON) -> JSON:
    facts: dict[str, Any] = {
        "chat": needed(chat, "id"),
        "message": needed(found, "message_id"),
        "chat_type": text(chat, "type")[:20],
        "topic": ident(found, "message_thread_id"),
        "business": ident(found, "business_connection_id"),
        "album": ident(found, "media_group_id"),
    }
    return {name: value for name, value in facts.items() if value}


def _author(found: JSON) -> Author | None:
    """`sender_chat` stands for anonymous admins and channels, whose `from` is a placeholder."""
    if chat := inner(found, "sender_chat"):
        return Author(needed(chat, "id"), text(chat, "username")[:200], text(chat, "title")[:200])
    user = inner(found, "from")
    return _person(user) if user else None


def _person(user: JSON) -> Author:
    name = f"{text(user, 'first_name')} {text(user, 'last_name')}".strip()
    return Author(needed(user, "id"), text(user, "username")[:200], name[:200])


def _text(found: JSON) -> str:
    """Words or caption; where a link hides behind words, its address beside them. Offsets count UTF-16 units."""
    name = "text" if "text" in found else "caption"
    said = text(found, name)
    units = said.encode("utf-16-le", "surrogatepass")
    for entity in sorted(
        several(found, "entities" if name == "text" else "caption_entities"), key=_end, reverse=True
    ):
        if (
            text(entity, "type") == "text_link"
            and (url := text(entity, "url"))
            and 0 < _end(entity) * 2 <= len(units)
        ):
            end = _end(entity) * 2
            units = units[:end] + f" ({url})".encode("utf-16-le", "surrogatepass") + units[end:]
    said = units.decode("utf-16-le", "replace")
    if said:
        return said
    if place := inner(found, "location"):
        return f"📍 {place.get('latitude')}, {place.get('longitude')}"
    if card := inner(found, "contact"):
        return f"👤 {text(card, 'first_name')} {text(card, 'last_name')} {text(card, 'phone_number')}".strip()
    if sticker := inner(found, "sticker"):
        return text(sticker, "emoji")
    if poll := inner(found, "poll"):
        return text(poll, "question")
    if invoice := inner(found, "invoice"):
        return f"{text(invoice, 'title')}\n{text(invoice, 'description')}".strip()
    if paid := inner(found, "successful_payment"):
        return f"💳 {text(paid, 'currency')}"  # amounts are in units that differ with the currency
    return _kinds(found)


def _kinds(found: JSON) -> str:
    """What a file without a caption is, since its address is not known before it is asked for."""
    for name, sign in (
        ("photo", "🖼"),
        ("voice", "🎤"),
        ("audio", "🎵"),
        ("video", "🎬"),
        ("video_note", "🎬"),
        ("document", "📎"),
    ):
        if name in found:
            return f"{sign} {text(inner(found, name), 'file_name') if name == 'document' else ''}".strip()
    return ""


def _end(entity: JSON) -> int:
    return max(0, number(entity, "offset") or 0) + max(0, number(entity, "length") or 0)


def _media(found: JSON) -> tuple[IncomingMedia, ...]:
    """Files are fetched by id, with a link that holds the bot's token: the id is kept, never the link."""
    media: list[IncomingMedia] = []
    if photos := several(found, "photo"):
        media.append(
            IncomingMedia("image", f"held:{needed(photos[-1], 'file_id')}", content_type="image/jpeg")
        )
    for name, kind in FILES.items():
        if one := inner(found, name):
            told = text(one, "file_name")[:200], text(one, "mime_type")[:100]
            media.append(IncomingMedia(kind, f"held:{needed(one, 'file_id')}", *told))
    return tuple(media)


def _url(chat: JSON, found: JSON) -> str:
    """Public groups have addresses; private ones are open to their members only."""
    name, where = text(chat, "username"), needed(chat, "id")
    if text(chat, "type") in ("group", "supergroup", "channel"):
        if re.fullmatch(r"\w{3,40}", name):
            return f"https://t.me/{name}/{needed(found, 'message_id')}"
        if where.startswith("-100"):
            return f"https://t.me/c/{where[4:]}/{needed(found, 'message_id')}"
    return ""


def _deleted(gone: JSON, update: JSON) -> list[IncomingMessage]:
    chat = inner(gone, "chat")
    ids = gone.get("message_ids")
    at = update.get("at")
    numbers = (
        [one for one in ids if isinstance(one, int) and not isinstance(one, bool)]
        if isinstance(ids, list)
        else []
    )
    # the API tells no time of a deletion, so that it is dated by the day on which it is read
    when = (
        unix(at) if at is not None else datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    )
    return [
        IncomingMessage(
            kind="deleted", external_id=f"{needed(chat, 'id')}:{one}", at=when, thread=needed(chat, "id")
        )
        for one in numbers
        if abs(one) < 2**63
    ]


def _pressed(query: JSON, connection: Connection) -> list[IncomingMessage]:
    """A press on one of our buttons, read as the words that it carries."""
    message, data = inner(query, "message"), text(query, "data")
    if not message or not data or "date" not in message:
        return []
    chat = inner(message, "chat")
    return [
        IncomingMessage(
            kind="created",
            external_id=key("press", needed(query, "id")),
            at=unix(message.get("date")),
            thread=thread_of(message),
            visibility="private" if text(chat, "type") == "private" else "public",
            author=_person(inner(query, "from")),
            text=data,
            parent=message_id(message),
            facts=_facts(message, chat),
        )
    ]


def _reaction(found: JSON) -> list[IncomingMessage]:
    user = inner(found, "user")
    given = [text(one, "emoji") for one in several(found, "new_reaction") if text(one, "emoji")]
    return [
        IncomingMessage(
            kind="reacted", external_id=message_id(found), at=unix(found.get("date")),
            author=_person(user) if user else None, reaction=emoji[:40],
        )
        for emoji in given
    ]  # fmt: skip
