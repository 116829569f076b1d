"""Messenger and Instagram direct messages: the `messaging` updates of both, which differ in little.

Sources: “Webhook events” of the Messenger Platform and of Instagram messaging. Threads are (account, person); what the brand
says comes back as an echo, also when a colleague wrote it in Meta's own inbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import Author, IncomingMedia, IncomingMessage

from .shapes import Found, ident, link, medium, needed, part, parts, text, when

SILENT = {
    "delivery": "a delivery receipt",
    "read": "a read receipt",
    "optin": "an opt-in without words",
    "account_linking": "an account was linked or unlinked",
    "checkout_update": "a checkout update",
    "payment": "a payment",
    "pre_checkout": "a checkout update",
    "policy-enforcement": "a notice about policies",
    "app_roles": "roles of apps",
    "pass_thread_control": "the conversation changed hands between apps",
    "take_thread_control": "the conversation changed hands between apps",
    "request_thread_control": "an app asks for the conversation",
    "referral": "the conversation was opened by a link; nothing is said yet",
    "game_play": "a game was played",
}
SHARED = {
    "share",
    "fallback",
    "post",
    "ig_post",
    "reel",
    "ig_reel",
    "template",
    "location",
}  # not files: links, cards


def read(event: Mapping[str, Any], brand: str, at: Any, *, standby: bool = False) -> Found:
    """What one update of a conversation says. `brand` is the id of the entry, `at` its time. Raises Unreadable."""
    if "message" in event:
        return _message(event, part(event, "message"), brand, at, standby)
    if "message_edit" in event:
        return _edit(event, part(event, "message_edit"), brand, at)
    if "reaction" in event:
        return _reaction(event, part(event, "reaction"), brand, at)
    if "postback" in event:
        return _postback(event, part(event, "postback"), brand, at)
    for name, reason in SILENT.items():
        if name in event:
            return reason
    kinds = ", ".join(sorted(str(name) for name in event.keys() - {"sender", "recipient", "timestamp"}))
    return f"a kind of update that says nothing to us: {kinds[:100]}"


def _message(
    event: Mapping[str, Any], message: Mapping[str, Any], brand: str, at: Any, standby: bool
) -> Found:
    mid = needed(message.get("mid"), "message id")
    if message.get("is_deleted"):
        return [IncomingMessage("deleted", mid, when(event.get("timestamp"), at), visibility="private")]
    files, facts = _attachments(parts(message, "attachments"))
    reply_to, referral = part(message, "reply_to"), part(message, "referral")
    if story := part(reply_to, "story"):
        facts["story"] = {"id": ident(story.get("id")), "url": link(story.get("url"))}
    if pressed := part(message, "quick_reply"):
        facts["payload"] = text(pressed.get("payload"))[:1000]
    if standby:
        facts["standby"] = True  # another app owns the conversation: answers of ours would be refused
    if message.get("is_echo"):
        facts |= {"app": ident(message.get("app_id")), "key": text(message.get("metadata"))[:200]}
    words = text(message.get("text"))
    if not words and not files:
        words = "\n".join(item["title"] for item in facts.get("links", ()) if item["title"])
    if message.get("is_unsupported") and not words:
        words = _("[A message of a kind that the network does not pass on. It can be seen in its own app.]")
    return [
        _said(
            event, brand, mid, at, words, files, facts,
            is_echo=bool(message.get("is_echo")),
            parent=ident(reply_to.get("mid")),
            token=text(referral.get("ref"))[:200],
        )
    ]  # fmt: skip


def _said(
    event: Mapping[str, Any],
    brand: str,
    mid: str,
    at: Any,
    words: str,
    files: tuple[IncomingMedia, ...],
    facts: dict[str, Any],
    *,
    is_echo: bool = False,
    parent: str = "",
    token: str = "",
) -> IncomingMessage:
    sides = [ident(part(event, name).get("id")) for name in ("sender", "recipient")]
    person = needed(
        next((side for side in (sides[::-1] if is_echo else sides) if side != brand), ""), "person"
    )
    said_at = when(event.get("timestamp"), at)
    return IncomingMessage(
        "created",
        mid,
        said_at,
        thread=person,
        visibility="private",
        author=Author(brand) if is_echo else Author(person),
        text=words,
        by_brand=is_echo,
        parent=parent,
        media=files,
        handoff_token=token,
        facts={"person": person, "at": said_at.isoformat(), **facts},
    )


def _attachments(found: list[dict[str, Any]]) -> tuple[tuple[IncomingMedia, ...], dict[str, Any]]:
    """Files by their addresses, which expire; what is no file (a link, a card, a place) as facts."""
    files: tuple[IncomingMedia, ...] = ()
    facts: dict[str, Any] = {}
    links: list[dict[str, str]] = []
    for item in found:
        kind, payload = text(item.get("type")), part(item, "payload")
        address = link(payload.get("url")) or link(item.get("url"))
        if kind == "story_mention":
            facts["story_mention"] = True
            files += medium("image", address)
        elif kind == "ephemeral":
            facts["ephemeral"] = True  # seen once, in the app: no address is given
        elif kind in SHARED or not kind:
            title = (
                text(item.get("title")) or text(payload.get("title")) or text(payload.get("intro_message"))
            )
            links.append({"kind": kind[:40], "title": title[:300], "url": address})
            if place := part(payload, "coordinates"):
                facts["place"] = {
                    name: value for name, value in place.items() if isinstance(value, float | int)
                }
        else:
            files += medium(kind, address)
    if links:
        facts["links"] = links[:20]
    return files, facts


def _edit(event: Mapping[str, Any], edit: Mapping[str, Any], brand: str, at: Any) -> Found:
    number = ident(edit.get("num_edit"))
    mid = needed(edit.get("mid"), "message id")
    person = needed(part(event, "sender").get("id"), "person")
    is_echo = person == brand
    thread = ident(part(event, "recipient").get("id")) if is_echo else person
    return [
        IncomingMessage(
            "edited",
            mid,
            when(event.get("timestamp"), at),
            thread=needed(thread, "person"),
            visibility="private",
            author=Author(person),
            text=text(edit.get("text")),
            by_brand=is_echo,
            version=number.zfill(6)[:128],
            facts={"person": thread},
        )
    ]


def _reaction(event: Mapping[str, Any], reaction: Mapping[str, Any], brand: str, at: Any) -> Found:
    mid = needed(reaction.get("mid"), "message id")
    if reaction.get("action") != "react":
        return "a reaction was taken back"
    person = needed(part(event, "sender").get("id"), "person")
    shown = text(reaction.get("emoji")) or text(reaction.get("reaction")) or "like"
    return [
        IncomingMessage(
            "reacted",
            mid,
            when(event.get("timestamp"), at),
            visibility="private",
            author=Author(person),
            reaction=shown[:40],
            by_brand=person == brand,
        )
    ]


def _postback(event: Mapping[str, Any], postback: Mapping[str, Any], brand: str, at: Any) -> Found:
    """A button was pressed: its title is what the person says by it."""
    payload, title = text(postback.get("payload"))[:1000], text(postback.get("title"))
    person = needed(part(event, "sender").get("id"), "person")
    said_at = when(event.get("timestamp"), at)
    mid = ident(postback.get("mid")) or f"postback {person} {said_at.timestamp():.3f}"
    words = title or payload
    if not words:
        return "a button without a title was pressed"
    token = text(part(postback, "referral").get("ref"))[:200]
    return [_said(event, brand, mid, at, words, (), {"payload": payload}, token=token)]
