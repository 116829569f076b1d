"""What the account says: replies to comments, direct messages within 48 hours, and what it does below its own videos.

TikTok takes no key of ours. After a lost answer the replies below the comment are looked through; messages can't be asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hark.channels.base import Connection, OutgoingReply, Receipt, Refused, TextLimit, Unreadable, Unsure
from hark.channels.shapes import ident, inner, instant, needed

from . import api, polling, reading

PUBLIC, PRIVATE = (
    TextLimit("chars", 150),
    TextLimit("chars", 6000),
)  # neither could be checked in TikTok's own pages
WINDOW = timedelta(hours=48)
SKEW = timedelta(minutes=2)
ID = re.compile(r"[\w.:-]{1,200}")


def publish(connection: Connection, reply: OutgoingReply) -> Receipt:
    api.line(connection)  # an account that may not speak says so first
    _check(reply)
    if reply.visibility == "private":
        return _write(connection, reply)
    video, below = _place(reply)
    said = api.post(
        connection,
        "reply",
        "business/comment/reply/create/",
        video_id=video,
        comment_id=below,
        text=reply.text,
    )
    own = ident(said, "comment_id") or ident(inner(said, "comment"), "comment_id")
    if not own:
        raise Unsure(_("TikTok did not say whether it was published."))
    return _receipt(own, video, below)


def _write(connection: Connection, reply: OutgoingReply) -> Receipt:
    talk = _id(str(reply.parent_facts.get("conversation") or reply.thread))
    _check_window(reply)
    said = api.post(
        connection, "message", "business/message/send/",
        recipient_type="CONVERSATION", recipient=talk, message_type="TEXT", text={"body": reply.text},
    )  # fmt: skip
    own = ident(inner(said, "message"), "message_id")
    if not own:
        raise Unsure(_("TikTok did not say whether it was sent."))
    return Receipt(own, thread=talk, facts={"conversation": talk, "kind": "message"})


def find_sent(connection: Connection, reply: OutgoingReply) -> Receipt | None:
    """Our own reply with this text below the comment, since it was queued."""
    api.line(connection)
    if reply.visibility == "private" or reply.queued_at is None:
        raise Unsure(_("TikTok can’t be asked for messages that were sent: look there whether it arrived."))
    video, below = _place(reply)
    found = []
    for comment in polling.comments(connection, video):
        for envelope in reading.with_replies(comment):
            [message] = reading.read(envelope.raw, connection)
            same = " ".join(message.text.split()) == " ".join(reply.text.split())
            if message.by_brand and message.parent == below and same and message.at >= reply.queued_at - SKEW:
                found.append(message)
    if len(found) > 1:
        raise Unsure(_("The same words stand there more than once since then."))
    return _receipt(found[0].external_id, video, below) if found else None


def withdraw(connection: Connection, here: str, facts: Mapping[str, Any]) -> None:
    _only_public(facts, _("TikTok lets no message be taken back from outside."))
    _act(connection, "delete", here, facts)


def like(connection: Connection, here: str, facts: Mapping[str, Any]) -> Receipt:
    _only_public(facts, _("TikTok lets no message be liked from outside."))
    _act(connection, "like", here, facts, action="LIKE")
    return Receipt(f"like {here}")


def hide(connection: Connection, here: str, facts: Mapping[str, Any], hidden: bool) -> None:
    _only_public(facts, _("A message is private already."))
    _act(connection, "hide", here, facts, action="HIDE" if hidden else "UNHIDE")


def _act(connection: Connection, verb: str, here: str, facts: Mapping[str, Any], **more: str) -> None:
    api.line(connection)
    body = {
        "comment_id": _id(here),
        **({"video_id": str(facts["video"])} if facts.get("video") else {}),
        **more,
    }
    api.post(connection, verb, f"business/comment/{verb}/", **body)


def _check(reply: OutgoingReply) -> None:
    limit = PUBLIC if reply.visibility == "public" else PRIVATE
    if not reply.text.strip():
        raise Refused("never", _("There is nothing to send."))
    if len(reply.text) > limit.value:
        counted = {"count": len(reply.text), "most": limit.value}
        raise Refused("too_long", _("It has %(count)d characters; TikTok takes %(most)d.") % counted)


def _check_window(reply: OutgoingReply) -> None:
    try:
        said_at = instant(str(reply.parent_facts["at"]))
    except (KeyError, Unreadable):
        return  # TikTok itself knows
    if timezone.now() - said_at > WINDOW:
        raise Refused(
            "window_closed", _("TikTok lets a business answer for 48 hours only; they have passed.")
        )


def _place(reply: OutgoingReply) -> tuple[str, str]:
    """The video, and the first-level comment: there are two levels, so an answer to an answer stands beside it."""
    facts = reply.parent_facts
    return _id(str(facts.get("video") or "")), _id(
        str(facts.get("parent") or facts.get("comment") or reply.parent)
    )


def _id(given: str) -> str:
    if not ID.fullmatch(given):
        raise Refused("gone", _("That is not a place on TikTok."))
    return given


def _only_public(facts: Mapping[str, Any], why: str) -> None:
    if facts.get("conversation"):
        raise Refused("never", why)


def _receipt(own: str, video: str, below: str) -> Receipt:
    return Receipt(
        needed({"id": own}, "id"),
        thread=below,
        facts={"video": video, "comment": own, "parent": below, "kind": "comment"},
    )
