"""What goes out: replies to a thread, their correction, and what is held, rejected or let through."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Literal

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import Connection, OutgoingReply, Receipt, Refused, TextLimit, Unreadable, Unsure
from hark.channels.shapes import JSON, instant

from . import api, reading

TEXT = TextLimit("chars", 10_000)
COMMENT = re.compile(r"[A-Za-z0-9._-]{1,200}")
SKEW = timedelta(minutes=2)
Moderation = Literal["published", "heldForReview"]


def publish(connection: Connection, reply: OutgoingReply) -> Receipt:
    """Replies hang below the first comment of a thread, whichever is answered."""
    if reply.visibility == "private":
        raise Refused("never", _("YouTube has no private messages."))
    if not reply.text.strip():
        raise Refused("never", _("There is nothing to send."))
    if len(reply.text) > TEXT.value:
        raise Refused(
            "too_long",
            _("It has %(count)d characters; YouTube takes %(most)d.")
            % {"count": len(reply.text), "most": TEXT.value},
        )
    channel = api.channel(connection)  # an account that may not speak says so first
    root = _root(reply)
    made = channel.write(
        "POST", "comments", {"part": "snippet"}, {"snippet": {"parentId": root, "textOriginal": reply.text}}
    )
    return _receipt(made, root, reply, http.lost_writing(api.LABEL))


def find_sent(connection: Connection, reply: OutgoingReply) -> Receipt | None:
    """Our own reply with this text in the thread since it was queued."""
    if reply.queued_at is None:
        raise Unsure(_("It is not known since when to look for it."))
    root, channel = _root(reply), api.channel(connection)
    matching: list[JSON] = []
    page: dict[str, str] = {}
    for _page in range(10):
        found = channel.get(
            "comments", part="snippet", parentId=root, maxResults=100, textFormat="plainText", **page
        )
        for item in found.get("items") or []:
            try:
                [message] = reading.read(reading.wrapped(item, root, "").raw, connection)
            except (Unreadable, AttributeError, TypeError):
                continue
            same = " ".join(message.text.split()) == " ".join(reply.text.split())
            if message.by_brand and same and message.at >= reply.queued_at - SKEW:
                matching.append(item)
        if not found.get("nextPageToken"):
            break
        page = {"pageToken": str(found["nextPageToken"])}
    if len(matching) > 1:
        raise Unsure(_("The thread holds this text more than once since then."))
    return _receipt(matching[0], root, reply, Unsure("unreadable")) if matching else None


def edit(connection: Connection, comment_id: str, text: str) -> Receipt:
    body = {"id": _id(comment_id), "snippet": {"textOriginal": text}}
    made = api.channel(connection).write("PUT", "comments", {"part": "snippet"}, body)
    return Receipt(external_id=str(made.get("id") or comment_id))


def withdraw(connection: Connection, comment_id: str) -> None:
    try:
        api.channel(connection).write("DELETE", "comments", {"id": _id(comment_id)})
    except Refused as problem:
        if problem.code != "gone":
            raise


def moderate(connection: Connection, comment_id: str, status: Moderation) -> None:
    """Hold a comment back, or let it through."""
    params = {"id": _id(comment_id), "moderationStatus": status}
    api.channel(connection).write("POST", "comments/setModerationStatus", params)


def _root(reply: OutgoingReply) -> str:
    return _id(str(reply.parent_facts.get("root") or reply.thread or reply.parent))


def _id(comment_id: str) -> str:
    if not COMMENT.fullmatch(comment_id):
        raise Refused("gone", _("That is not the id of a comment here."))
    return comment_id


def _receipt(item: Any, root: str, reply: OutgoingReply, lost: Exception) -> Receipt:
    video = str(reply.parent_facts.get("video") or "")
    try:
        snippet = item["snippet"]
        at, status, own = (
            instant(snippet["publishedAt"]),
            str(snippet.get("moderationStatus") or ""),
            str(item["id"]),
        )
    except (KeyError, TypeError, AttributeError, Unreadable):
        raise lost from None
    url = f"https://www.youtube.com/watch?v={video}&lc={own}" if video else ""
    return Receipt(own, root, url, at, {"root": root, "video": video, "status": status})
