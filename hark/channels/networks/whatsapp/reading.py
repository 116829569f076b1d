"""What a WhatsApp webhook says: messages of every type, edits, taken back ones, reactions, and what the phone app sent.

Sources: “Webhooks” of the Cloud API. A customer is known by the business-scoped id (BSUID) where there is one, since a person with
a username may show no number; else by the number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hark.channels.base import Author, IncomingMedia, IncomingMessage

from ..meta.shapes import Found, ident, needed, part, parts, text, when
from . import words

FILES = ("image", "video", "audio", "document", "sticker")


def read(change: Mapping[str, Any], at: Any) -> Found:
    """What one change says. Raises Unreadable."""
    field, value = text(change.get("field")), part(change, "value")
    number = ident(part(value, "metadata").get("phone_number_id"))
    contacts = parts(value, "contacts")
    messages, echoes, statuses = (parts(value, name) for name in ("messages", "message_echoes", "statuses"))
    told = [_message(item, contacts, number, at) for item in messages]
    told += [_message(item, contacts, number, at, is_echo=True) for item in echoes]
    found = [message for one in told if not isinstance(one, str) for message in one]
    reasons = [one for one in told if isinstance(one, str)]
    if field == "calls":
        return "a call"
    reasons += [f"a message of ours is {text(item.get('status'))[:20]}" for item in statuses]
    if not told and not statuses:
        reasons = [f"an update of “{field[:60]}”, which says nothing to us"]
    return found or "; ".join(dict.fromkeys(reasons))


def _message(
    item: Mapping[str, Any], contacts: list[dict[str, Any]], number: str, at: Any, *, is_echo: bool = False
) -> Found:
    kind, here = text(item.get("type")), needed(item.get("id"), "message id")
    if kind == "revoke":
        gone = needed(part(item, "revoke").get("original_message_id"), "message id")
        return [IncomingMessage("deleted", gone, when(item.get("timestamp"), at), visibility="private")]
    if kind == "system":
        return f"a notice of the system: {text(part(item, 'system').get('body'))[:100]}"
    if kind == "request_welcome":
        return "the conversation was opened; nothing is said yet"
    customer = _customer(item, contacts, is_echo)
    if kind == "reaction":
        return _reaction(item, customer, number, at, is_echo)
    edit = part(item, "edit")
    said = part(edit, "message") if kind == "edit" else item
    found = _said(said, item, customer, number, at, is_echo)
    if isinstance(found, str):
        return found
    if kind != "edit":
        return [replace(found, external_id=here)]
    version = f"{int(found.at.timestamp()):012d}"
    original = needed(edit.get("original_message_id"), "message id")
    return [replace(found, kind="edited", external_id=original, version=version)]


def _customer(item: Mapping[str, Any], contacts: list[dict[str, Any]], is_echo: bool) -> Author:
    number = ident(item.get("to" if is_echo else "from"))
    scoped = ident(item.get("to_user_id" if is_echo else "from_user_id"))
    contact = next(
        (one for one in contacts if (number and ident(one.get("wa_id")) == number)
         or (scoped and ident(one.get("user_id")) == scoped)),
        contacts[0] if len(contacts) == 1 else {},
    )  # fmt: skip
    profile = part(contact, "profile")
    who = scoped or ident(contact.get("user_id")) or number or ident(contact.get("wa_id"))
    handle = text(profile.get("username")) or ident(contact.get("wa_id")) or number
    return Author(needed(who, "customer"), handle[:200], text(profile.get("name"))[:200])


def _said(
    said: Mapping[str, Any], item: Mapping[str, Any], customer: Author, number: str, at: Any, is_echo: bool
) -> IncomingMessage | str:
    kind = text(said.get("type"))
    spoken = words.of(said, kind)
    if spoken.why:
        return spoken.why
    context, group = part(item, "context"), ident(item.get("group_id"))
    said_at = when(item.get("timestamp"), at)
    facts: dict[str, Any] = {
        "person": customer.external_id,
        "at": said_at.isoformat(),
        "type": kind[:40],
        "wa_id": ident(item.get("to" if is_echo else "from")),
        **spoken.facts,
    }
    if group:
        facts["group"] = group
    if context.get("forwarded") or context.get("frequently_forwarded"):
        facts["forwarded"] = True
    if referral := part(item, "referral"):
        facts["ad"] = {
            name: text(referral.get(name))[:1000] for name in ("source_url", "headline", "source_type")
        }
    return IncomingMessage(
        "created",
        "to come",
        said_at,
        thread=group or customer.external_id,
        visibility="private",
        author=Author(needed(number, "phone_number_id")) if is_echo else customer,
        text=spoken.text,
        by_brand=is_echo,
        parent=ident(context.get("id")),
        media=_files(said, kind),
        facts=facts,
    )


def _files(said: Mapping[str, Any], kind: str) -> tuple[IncomingMedia, ...]:
    """Media come as ids; the address behind one lasts five minutes and is asked for when the copy is made."""
    if kind not in FILES:
        return ()
    file = part(said, kind)
    media = ident(file.get("id"))
    if not media:
        return ()
    shown: Any = {"document": "file", "sticker": "image"}.get(kind, kind)
    content_type = text(file.get("mime_type")).replace("\\", "")[:100]
    return (IncomingMedia(shown, f"held:{media}", text(file.get("filename"))[:300], content_type),)


def _reaction(item: Mapping[str, Any], who: Author, number: str, at: Any, is_echo: bool) -> Found:
    reaction = part(item, "reaction")
    emoji = text(reaction.get("emoji"))
    if not emoji:
        return "a reaction was taken back"
    return [
        IncomingMessage(
            "reacted",
            needed(reaction.get("message_id"), "message id"),
            when(item.get("timestamp"), at),
            visibility="private",
            author=Author(needed(number, "phone_number_id")) if is_echo else who,
            reaction=emoji[:40],
            by_brand=is_echo,
        )
    ]
