"""Notifications of a page and comments below its posts, into messages.

How a comment nests inside a notification is not documented where it could be read: its words are looked for in both places
that are known, and where they are not there the comment itself is asked for by the next round (polling.py).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import Author, Connection, Envelope, IncomingMessage, Skipped, Unreadable
from hark.channels.shapes import (
    JSON,
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

COMMENT = re.compile(r"urn:li:comment:\((urn:li:\w+:[^,()]+),([^,()]+)\)")
ORGANIZATION = "urn:li:organization:"
SAID = {"COMMENT", "ADMIN_COMMENT", "COMMENT_EDIT"}
SILENT = {"LIKE": "somebody likes a post", "SHARE": "somebody shares a post, which says nothing to the page"}


def split(body: bytes) -> list[Envelope]:
    """One envelope a notification or comment. Raises Skipped for what is neither."""
    found = answered(body)
    if not isinstance(found, dict):
        raise Unreadable("not what LinkedIn documents: no object")
    if isinstance(found.get("notification"), dict):
        made = [notified(found["notification"])]
    elif isinstance(found.get("comment"), dict):
        made = [commented(found["comment"])]
    else:
        made = [notified(one) for one in several(found, "notifications")]
        made += [(commented if "message" in one else notified)(one) for one in several(found, "elements")]
    if not made:
        raise Skipped(f"no notification: {', '.join(sorted(map(str, found))[:6]) or 'empty'}")
    return list({envelope.event_key: envelope for envelope in made}.values())


def notified(one: JSON) -> Envelope:
    at = ident(one, "lastModifiedAt")
    name = key("notification", needed(one, "notificationId"), text(one, "action"), at)
    return Envelope(name, encoded({"notification": one}), _number(ident(one, "organizationalEntity")))


def commented(one: JSON) -> Envelope:
    changed = ident(inner(one, "lastModified"), "time") or ident(inner(one, "created"), "time")
    return Envelope(key("comment", urn_of(one), changed), encoded({"comment": one}))


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    found = decoded(raw)
    if not isinstance(found, dict):
        raise Unreadable("no object")
    if "comment" in found:
        return [_comment(inner(found, "comment"), connection)]
    one = inner(found, "notification")
    return [] if why_not(one, connection) else [_notification(one, connection)]


def skipped(raw: bytes, connection: Connection) -> str:
    found = decoded(raw)
    return (
        why_not(inner(found, "notification"), connection)
        if isinstance(found, dict) and "comment" not in found
        else ""
    )


def why_not(one: JSON, connection: Connection) -> str:
    """Why a notification gives no message; "" when it does."""
    action, page = text(one, "action"), ident(one, "organizationalEntity")
    if page and _number(page) != connection.external_id:
        return "it is about another page"
    if action in SILENT:
        return SILENT[action]
    if action in SAID and not _words(one):
        return "a comment without its words: the next round of asking reads it"
    if action in SAID or action in ("SHARE_MENTION", "COMMENT_DELETE"):
        return ""
    return f"an action that says nothing to us: {action[:60] or 'none'}"


def lacks_words(one: JSON) -> str:
    """The comment that has to be asked for, "" when the notification tells all."""
    return ident(one, "generatedActivity") if text(one, "action") in SAID and not _words(one) else ""


def urn_of(comment: JSON) -> str:
    """A comment's own URN, made of what it is below and its id where it is not given."""
    given = ident(comment, "commentUrn") or ident(comment, "$URN")
    return given or f"urn:li:comment:({needed(comment, 'object')},{needed(comment, 'id')})"


def _notification(one: JSON, connection: Connection) -> IncomingMessage:
    action, here, at = (
        text(one, "action"),
        needed(one, "generatedActivity"),
        _moment(one.get("lastModifiedAt")),
    )
    post = ident(one, "sourcePost")
    if action == "COMMENT_DELETE":
        return IncomingMessage("deleted", here, at)
    if action == "SHARE_MENTION":
        return _mention(one, here, at, connection)
    comment = inner(inner(one, "decoratedGeneratedActivity"), "comment")
    who = ident(comment, "owner") or ident(comment, "actor")
    ours = action == "ADMIN_COMMENT" or who == ORGANIZATION + connection.external_id
    who = ORGANIZATION + connection.external_id if ours else who
    return _said(
        here,
        at,
        who,
        _words(one),
        ident(comment, "parentComment"),
        post,
        ours,
        edited=action == "COMMENT_EDIT",
    )


def _comment(one: JSON, connection: Connection) -> IncomingMessage:
    made, changed = inner(one, "created").get("time"), inner(one, "lastModified").get("time")
    who = ident(one, "actor")
    edited = isinstance(changed, int) and isinstance(made, int) and changed > made
    at, ours = _moment(changed if edited else made), who == ORGANIZATION + connection.external_id
    words = text(inner(one, "message"), "text")
    return _said(
        urn_of(one), at, who, words, ident(one, "parentComment"), ident(one, "object"), ours, edited=edited
    )


def _said(
    here: str, at: datetime, who: str, words: str, parent: str, post: str, ours: bool, *, edited: bool
) -> IncomingMessage:
    found = COMMENT.fullmatch(here)
    root = found[1] if found else post or here
    return IncomingMessage(
        kind="edited" if edited else "created",
        external_id=here,
        at=at,
        thread=root,
        author=_author(who, here),
        text=words,
        by_brand=ours,
        parent=parent,
        url=f"https://www.linkedin.com/feed/update/{post or root}/",
        version=at.isoformat() if edited or not ours else "",
        facts={"object": root, "comment": here, "parent": parent},
    )


def _mention(one: JSON, here: str, at: datetime, connection: Connection) -> IncomingMessage:
    """A post that names the page. Where its words do not come along, it says so: they stand behind the link."""
    share = inner(inner(one, "decoratedGeneratedActivity"), "share")
    words = text(share, "text") or _(
        "[The page was mentioned. LinkedIn tells where, not what was said: open it there.]"
    )
    who = ident(share, "owner")
    return IncomingMessage(
        "created",
        here,
        at,
        thread=here,
        author=_author(who, here),
        text=words,
        by_brand=who == ORGANIZATION + connection.external_id,
        url=f"https://www.linkedin.com/feed/update/{here}/",
        facts={"object": here, "comment": "", "parent": ""},
    )


def _author(who: str, here: str) -> Author:
    """Known by URN alone: names need a permission of their own, and may be kept for a short time only."""
    return Author(external_id=(who or f"somebody at {here}")[:255], name=_("LinkedIn member"))


def _words(one: JSON) -> str:
    comment = inner(inner(one, "decoratedGeneratedActivity"), "comment")
    nested = comment.get("message")
    return text(comment, "text") or (text(nested, "text") if isinstance(nested, dict) else "")


def _number(urn: str) -> str:
    return urn.rpartition(":")[2]


def _moment(milliseconds: Any) -> datetime:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int):
        raise Unreadable("not a time in milliseconds")
    return unix(milliseconds / 1000).astimezone(UTC)
