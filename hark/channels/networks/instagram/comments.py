"""Comments and mentions on Instagram, as webhooks give them and as the Graph API does when a post is read again.

Sources: “Webhooks” and “IG Comment” of the Instagram Platform. A mention comes as ids alone; its words need a second reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import Author, IncomingMessage

from ..meta.shapes import Found, author, ident, link, moment, needed, part, parts, text, when


def read(change: Mapping[str, Any], brand: str, handle: str, at: Any) -> Found:
    """What one change says. `brand` and `handle` are the account's, `at` the time of the entry. Raises Unreadable."""
    field, value = text(change.get("field")), change.get("value")
    if not isinstance(value, dict):
        return f"a change of “{field[:60]}”, which says nothing to us"
    if field in ("comments", "live_comments"):
        return [_comment(value, brand, handle, at, is_live=field == "live_comments")]
    if field == "mentions":
        return [_mention(value, at)]
    return f"a change of “{field[:60]}”, which says nothing to us"


def _who(found: Mapping[str, Any], here: str) -> Author:
    origin = part(found, "from") or part(found, "user")
    name = text(origin.get("username")) or text(found.get("username"))
    who = ident(origin.get("id")) or (f"@{name}" if name else "")
    return author(who, name, here, _("Instagram user"), name)


def _comment(
    value: Mapping[str, Any], brand: str, handle: str, at: Any, *, is_live: bool = False, media: str = ""
) -> IncomingMessage:
    """Below the post when no comment is named; replies to a reply are filed under the top comment by Instagram itself."""
    here = needed(value.get("id"), "comment id")
    post, who = part(value, "media"), _who(value, here)
    root = ident(post.get("id")) or media or here
    said_at = when(value.get("timestamp"), at)
    return IncomingMessage(
        "created",
        here,
        said_at,
        thread=root,
        author=who,
        text=text(value.get("text")),
        by_brand=who.external_id == brand or (bool(handle) and who.handle == handle),
        parent=ident(value.get("parent_id")) or (root if root != here else ""),
        facts={
            "media": root,
            "comment": here,
            "top": ident(value.get("parent_id")) or here,
            "kind": "live" if is_live else "comment",
            "at": said_at.isoformat(),
            **({"ad": ident(post["ad_id"])} if ident(post.get("ad_id")) else {}),
        },
    )


def _mention(value: Mapping[str, Any], at: Any) -> IncomingMessage:
    media, comment = needed(value.get("media_id"), "media_id"), ident(value.get("comment_id"))
    here = comment or f"mention {media}"
    said_at = when(value.get("timestamp"), at)
    return IncomingMessage(
        "created",
        here,
        said_at,
        thread=media,
        author=author("", "", here, _("Instagram user")),
        text=_("[The account was mentioned. Instagram tells where, not what was said: open it there.]"),
        parent=media if comment else "",
        facts={"media": media, "comment": comment, "kind": "mention", "at": said_at.isoformat()},
    )


def is_comment(found: Mapping[str, Any]) -> bool:
    return "text" in found and "timestamp" in found


def given(found: Mapping[str, Any], brand: str, handle: str) -> list[IncomingMessage]:
    """A comment as the Graph API gives it, with the replies that came along. Raises Unreadable."""
    top = _comment(found, brand, handle, None)
    below = [
        _comment({"parent_id": top.external_id, **item}, brand, handle, None, media=top.thread)
        for item in parts(part(found, "replies"), "data")
        if is_comment(item)
    ]
    return [top, *below]


def mentioned(found: Mapping[str, Any], brand: str) -> Found:
    """The second reading of a mention: a comment, or a post with its caption. Raises Unreadable."""
    media, comment = part(found, "mentioned_media"), part(found, "mentioned_comment")
    if comment:
        return [_comment(comment, brand, "", None)]
    here = needed(media.get("id"), "id")
    name, said_at = text(media.get("username")), moment(media.get("timestamp"))
    return [
        IncomingMessage(
            "created",
            f"mention {here}",
            said_at,
            thread=here,
            author=author(f"@{name}" if name else "", name, here, _("Instagram user"), name),
            text=text(media.get("caption")),
            url=link(media.get("permalink")),
            facts={"media": here, "comment": "", "kind": "mention", "at": said_at.isoformat()},
        )
    ]
