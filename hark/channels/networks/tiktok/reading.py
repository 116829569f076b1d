"""Webhooks and listed comments into messages. A webhook's `content` is JSON inside JSON.

Comments by webhook are not documented where it could be read: what names nobody, or brings no words, waits for the next round of
asking, and nothing in it can break the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import Author, Connection, Envelope, IncomingMessage, Skipped, Unreadable
from hark.channels.shapes import (
    JSON,
    address,
    answered,
    decoded,
    encoded,
    ident,
    inner,
    key,
    needed,
    several,
    text,
    unix,
)

RECEIVED, SENT = "im_receive_msg", "im_send_msg"
SILENT = {"im_mark_read_msg": "a message was read"}
OTHER = {
    "image": lambda: _("[A picture. TikTok shows it in its app.]"),
    "video": lambda: _("[A video. TikTok shows it in its app.]"),
    "sticker": lambda: _("[A sticker.]"),
}


def split(body: bytes) -> list[Envelope]:
    """A webhook is one event; an answer of the API may list comments. Raises Skipped for what is neither."""
    found = answered(body)
    if not isinstance(found, dict):
        raise Unreadable("not what TikTok documents: no object")
    if "event" in found:
        return [_event(found, body)]
    if isinstance(found.get("comment"), dict):
        return [commented(found["comment"], ident(found, "video"))]
    if "data" in found and isinstance(found["data"], dict):
        made = [one for comment in several(found["data"], "comments") for one in with_replies(comment)]
        if made:
            return list({envelope.event_key: envelope for envelope in made}.values())
    raise Skipped(f"nothing that was said: {', '.join(sorted(map(str, found))[:6]) or 'empty'}")


def _event(found: JSON, body: bytes) -> Envelope:
    content, name = _content(found), text(found, "event")
    about = ident(content, "message_id") or ident(content, "comment_id")
    action = text(content, "comment_action")
    when = "" if name in (RECEIVED, SENT) else ident(content, "timestamp") or ident(found, "create_time")
    return Envelope(key("event", name, about, action, when), body, ident(found, "user_openid"))


def with_replies(comment: JSON) -> list[Envelope]:
    """A listed comment and the replies that came along."""
    video, own = ident(comment, "video_id"), needed(comment, "comment_id")
    replies = [{"parent_comment_id": own, **reply} for reply in several(comment, "reply_list")]
    return [commented(one, video) for one in ({**comment, "reply_list": None}, *replies)]


def commented(comment: JSON, video: str) -> Envelope:
    kept = {name: value for name, value in comment.items() if value is not None}
    return Envelope(key("comment", needed(comment, "comment_id")), encoded({"comment": kept, "video": video}))


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    found = _object(raw)
    if "comment" in found:
        return [_comment(inner(found, "comment"), ident(found, "video"), connection)]
    return [] if why_not(found, connection) else [_heard(found, connection)]


def skipped(raw: bytes, connection: Connection) -> str:
    found = _object(raw)
    return "" if "comment" in found else why_not(found, connection)


def why_not(found: JSON, connection: Connection) -> str:
    """Why an event gives no message; "" when it does."""
    name, content = text(found, "event"), _content(found)
    if ident(found, "user_openid") not in ("", connection.external_id):
        return "it is about another account"
    if name in (RECEIVED, SENT):
        return ""
    if name in SILENT:
        return SILENT[name]
    if name.startswith("authorization.removed"):
        return f"the permission was taken back (reason {ident(content, 'reason') or 'unknown'})"
    if not ident(content, "comment_id"):
        return f"an event that says nothing to us: {name[:60] or 'none'}"
    if text(content, "comment_action").startswith("delete"):
        return ""
    names_somebody = ident(content, "user_id") or ident(content, "unique_identifier")
    return (
        ""
        if names_somebody and text(content, "text")
        else "a comment without its words: the next round reads it"
    )


def _heard(found: JSON, connection: Connection) -> IncomingMessage:
    content = _content(found)
    if text(found, "event") in (RECEIVED, SENT):
        return _message(content, connection)
    at = _moment(content.get("timestamp") or found.get("create_time"))
    if text(content, "comment_action").startswith("delete"):
        return IncomingMessage("deleted", needed(content, "comment_id"), at)
    made = {"create_time": int(at.timestamp()), **content}
    return _comment(made, ident(content, "video_id"), connection)


def _message(content: JSON, connection: Connection) -> IncomingMessage:
    """A direct message; our own come back as well."""
    sender, kind = inner(content, "from_user"), text(content, "type")
    who, talk = ident(sender, "id"), needed(content, "conversation_id")
    ours = who == connection.external_id or (
        not who and ident(inner(content, "to_user"), "id") != connection.external_id
    )
    words = text(inner(content, "text"), "body") if kind in ("text", "") else ""
    link = address(inner(content, "share_post"), "embed_url")
    return IncomingMessage(
        kind="created",
        external_id=needed(content, "message_id"),
        at=_moment(content.get("timestamp")),
        thread=talk,
        visibility="private",
        author=_author(
            connection.external_id if ours else who or f"somebody in {talk}", text(content, "from")
        ),
        text=words or link or OTHER.get(kind, lambda: _("[Something that TikTok shows in its app.]"))(),
        by_brand=ours,
        quote=ident(inner(content, "referenced_message_info"), "referenced_message_id"),
        facts={"conversation": talk, "kind": "message", "at": _moment(content.get("timestamp")).isoformat()},
    )


def _comment(one: JSON, video: str, connection: Connection) -> IncomingMessage:
    own, parent = needed(one, "comment_id"), ident(one, "parent_comment_id")
    parent = "" if parent in ("0", own) else parent
    video = ident(one, "video_id") or video
    who = ident(one, "user_id") or ident(one, "unique_identifier") or f"somebody at {own}"
    ours = one.get("owner") is True or who == connection.external_id
    return IncomingMessage(
        kind="created",
        external_id=own,
        at=_moment(one.get("create_time")),
        thread=parent or own,
        author=_author(
            connection.external_id if ours else who, text(one, "username"), text(one, "display_name")
        ),
        text=text(one, "text"),
        by_brand=ours,
        parent=parent,
        url=_url(connection.handle, video),
        facts={"video": video, "comment": own, "parent": parent, "kind": "comment"},
    )


def _author(who: str, handle: str, name: str = "") -> Author:
    return Author(who[:255], f"@{handle}"[:200] if handle else "", name[:200])


def _url(handle: str, video: str) -> str:
    return (
        f"https://www.tiktok.com/{handle}/video/{video}" if handle.startswith("@") and video.isdigit() else ""
    )


def _object(raw: bytes) -> JSON:
    found = decoded(raw)
    if not isinstance(found, dict):
        raise Unreadable("no object")
    return found


def _content(found: Mapping[str, Any]) -> JSON:
    """What happened: JSON as text, and in case TikTok mends that, as it is."""
    content = found.get("content")
    if isinstance(content, str):
        content = decoded(content.encode("utf-8", "surrogatepass")) if content.strip() else {}
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise Unreadable("the content is no object")
    return content


def _moment(value: Any) -> datetime:
    """Seconds, or milliseconds where they are that many; both are used, and both as text too."""
    if isinstance(value, str) and value.isdigit() and len(value) < 16:
        value = int(value)
    milliseconds = isinstance(value, int) and not isinstance(value, bool) and value > 100_000_000_000
    return unix(value / 1000 if milliseconds else value)
