"""What goes out: messages, and what can be done to them after. There is no key that would make a repetition harmless."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import (
    Author,
    Connection,
    OutgoingReply,
    Reach,
    Receipt,
    Refused,
    TextLimit,
    Unreadable,
    Unsure,
)
from hark.channels.shapes import unix

from . import api, reading

TEXT = TextLimit("utf16", 4096)
PLACE = re.compile(r"(-?\d{1,20}):(\d{1,20})")
CHAT = re.compile(r"-?\d{1,20}")
LIKE = [{"type": "emoji", "emoji": "👍"}]


def publish(connection: Connection, reply: OutgoingReply) -> Receipt:
    bot = api.bot(connection)
    if not reply.text.strip():
        raise Refused("never", _("There is nothing to send."))
    units = len(reply.text.encode("utf-16-le", "surrogatepass")) // 2
    if units > TEXT.value:
        raise Refused(
            "too_long",
            _("It has %(count)d characters; Telegram takes %(most)d.") % {"count": units, "most": TEXT.value},
        )
    facts = reply.parent_facts
    chat = _chat(reply)
    answers = PLACE.fullmatch(reply.parent)
    quoted = (
        {"message_id": int(answers[2]), "allow_sending_without_reply": True}
        if answers and answers[1] == chat
        else None
    )
    sent = bot.act(
        "sendMessage",
        chat_id=int(chat),
        text=reply.text,
        reply_parameters=quoted,
        message_thread_id=_number(facts.get("topic")) if chat == str(facts.get("chat")) else None,
        business_connection_id=facts.get("business") or None,
        reply_markup=_buttons(reply),
    )
    return _receipt(sent, reply.thread)


def find_sent(connection: Connection, reply: OutgoingReply) -> Receipt | None:
    """A bot can't read what it said: whether it arrived is for a person to see."""
    api.bot(connection)
    raise Unsure(
        _("Telegram can’t be asked what a bot has sent. Look into the chat before you send it again.")
    )


def reach(connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
    """A bot writes only to people who came to it first: a link that opens the chat and carries the case."""
    if not connection.handle:
        return Reach(False, reason=_("The bot’s name is not known; connect it anew."))
    name = connection.handle.removeprefix("@")
    return Reach(
        True, "deep_link", url=f"https://t.me/{name}?start=", reason=_("They write first, by the link.")
    )


def like(connection: Connection, external_id: str) -> Receipt:
    chat, number = _place(external_id)
    api.bot(connection).act("setMessageReaction", chat_id=chat, message_id=number, reaction=LIKE)
    return Receipt(external_id=external_id)


def edit(connection: Connection, external_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
    """One that already says so is a success."""
    chat, number = _place(external_id)
    business = facts.get("business") or None
    try:
        found = api.bot(connection).act(
            "editMessageText", chat_id=chat, message_id=number, text=text, business_connection_id=business
        )
    except api.NotModified:
        return Receipt(external_id=external_id)
    return _receipt(found, "") if isinstance(found, dict) else Receipt(external_id=external_id)


def withdraw(connection: Connection, external_id: str) -> None:
    """Only within 48 hours; one that is gone already stays gone."""
    chat, number = _place(external_id)
    try:
        api.bot(connection).act("deleteMessage", chat_id=chat, message_id=number)
    except Refused as problem:
        if problem.code != "gone":
            raise


def _chat(reply: OutgoingReply) -> str:
    """In private the person's own chat; in public the group of what is answered."""
    known = str(reply.parent_facts.get("chat") or reply.thread.partition(":")[0])
    if reply.visibility == "private" and not reply.parent_facts.get("business"):
        known = reply.to.external_id if reply.to else known
        if known.startswith("-"):
            raise Refused("recipient_unreachable", _("A group or channel has no private chat."))
    elif reply.visibility == "public" and not known.startswith("-"):
        raise Refused("never", _("What is answered here is not in a group."))
    if not CHAT.fullmatch(known) or abs(int(known)) >= 2**63:
        raise Refused("recipient_unreachable", _("It is not known to which chat."))
    return known


def _place(external_id: str) -> tuple[int, int]:
    found = PLACE.fullmatch(external_id)
    if not found:
        raise Refused("gone", _("That is not the address of a message here."))
    return int(found[1]), int(found[2])


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value.isdigit() and value.isascii() else None


def _buttons(reply: OutgoingReply) -> dict[str, Any] | None:
    """The way to private as a button, or words to choose from. Groups show no keyboard for one person only."""
    if reply.handoff_url and reply.visibility == "public":
        return {"inline_keyboard": [[{"text": _("Go on in private"), "url": reply.handoff_url}]]}
    if reply.quick_replies and reply.visibility == "private":
        rows = [[{"text": said[:64]}] for said in reply.quick_replies[:10]]
        return {"keyboard": rows, "one_time_keyboard": True, "resize_keyboard": True}
    return None


def _receipt(sent: Any, thread: str) -> Receipt:
    """Raises Unsure when the answer is not the message that it should be: it is out, and can't be named."""
    try:
        if not isinstance(sent, dict):
            raise Unreadable("no message")
        found = reading.message_id(sent)
        chat = sent["chat"]
        facts = {
            "chat": str(chat["id"]),
            "message": str(sent["message_id"]),
            "chat_type": str(chat.get("type") or ""),
        }
        private = chat.get("type") == "private"
        return Receipt(found, str(chat["id"]) if private else thread, at=unix(sent.get("date")), facts=facts)
    except (Unreadable, KeyError, AttributeError, TypeError):
        raise Unsure(_("Telegram did not say whether it was published.")) from None
