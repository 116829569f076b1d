"""What happens on a Page: comments, visitors' posts, mentions elsewhere, recommendations, reactions.

Sources: “Webhooks for Pages” (feed, mention, ratings) of the Graph API. Old bodies name the author by `sender_id`, newer ones
by `from`; without permission neither is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from django.utils.translation import gettext as _

from hark.channels.base import Author, IncomingMedia, IncomingMessage

from ..meta.shapes import Found, author, ident, link, medium, needed, part, text, when

POSTS = {"post", "status", "photo", "video", "share", "note"}
ADDED, CHANGED = {"add"}, {"edit", "edited"}
REACTIONS = {"reaction", "like"}


def read(change: Mapping[str, Any], brand: str, at: Any) -> Found:
    """What one change says. `brand` is the Page, `at` the time of the entry. Raises Unreadable."""
    field, value = text(change.get("field")), change.get("value")
    if field not in ("feed", "mention", "ratings") or not isinstance(value, dict):
        return f"a change of “{field[:60]}”, which says nothing to us"
    item, verb = text(value.get("item")), text(value.get("verb"))
    if item in REACTIONS:
        return _reaction(value, verb, brand, at)
    if item == "rating":
        return _rating(value, verb, brand, at)
    if item == "comment":
        return _post(value, verb, "comment_id", brand, at, field)
    if item in POSTS:
        return _post(value, verb, "post_id", brand, at, field)
    return f"{item[:40] or 'something'} ({verb[:40]}) on the Page, without words of anybody"


def _who(value: Mapping[str, Any], of: str) -> Author:
    origin = part(value, "from")
    who = ident(origin.get("id")) or ident(value.get("sender_id")) or ident(value.get("reviewer_id"))
    name = origin.get("name") or value.get("sender_name") or value.get("reviewer_name")
    return author(who, name, of, _("Facebook user"))


def _post(value: Mapping[str, Any], verb: str, named: str, brand: str, at: Any, field: str) -> Found:
    """A post or a comment: below a comment the parent is that comment, else the post it stands below."""
    if verb == "remove":
        return [_removed(value, needed(value.get(named), named), at)]
    if verb not in ADDED | CHANGED:
        return f"{verb[:40]} of a {'comment' if named == 'comment_id' else 'post'}: its words are the same"
    if verb in CHANGED and not isinstance(value.get("message"), str):
        return "an edit without its new words"
    here = needed(value.get(named), named)
    root = ident(value.get("post_id")) or here
    parent = ident(value.get("parent_id")) or (root if named == "comment_id" else "")
    kind: Literal["created", "edited"] = "created" if verb in ADDED else "edited"
    who = _who(value, here)
    said_at = when(value.get("created_time"), at) if kind == "created" else when(at)
    return [
        IncomingMessage(
            kind,
            here,
            said_at,
            thread=root,
            author=who,
            text=text(value.get("message"))
            or (
                _("[The Page was mentioned. Facebook tells where, not what was said: open it there.]")
                if field == "mention"
                else ""
            ),
            by_brand=who.external_id == brand,
            parent="" if parent == here else parent,
            url=link(value.get("permalink_url")) or f"https://www.facebook.com/{here}",
            media=_files(value),
            version="" if kind == "created" else _version(at),
            facts={
                "post": root,
                "comment": here if named == "comment_id" else "",
                "kind": "mention" if field == "mention" else named.removesuffix("_id"),
                "at": said_at.isoformat(),
                **({"link": link(value["link"])} if link(value.get("link")) else {}),
            },
        )
    ]


def _version(at: Any) -> str:
    """Rises with each edit: a digit string of the seconds at which we were told."""
    return f"{int(when(at).timestamp()):012d}"


def _files(value: Mapping[str, Any]) -> tuple[IncomingMedia, ...]:
    """Pictures and videos by their addresses, which are signed and expire."""
    found = medium("image", value.get("photo")) + medium("video", value.get("video"))
    photos = value.get("photos")
    for address in photos if isinstance(photos, list) else ():
        found += medium("image", address)
    if value.get("item") in ("photo", "video"):
        found += medium("image" if value["item"] == "photo" else "video", value.get("link"))
    return found


def _removed(value: Mapping[str, Any], here: str, at: Any) -> IncomingMessage:
    return IncomingMessage(
        "deleted", here, when(at, value.get("created_time")), thread=ident(value.get("post_id"))
    )


def _rating(value: Mapping[str, Any], verb: str, brand: str, at: Any) -> Found:
    """A recommendation, for or against, sometimes with stars from before 2018."""
    here = needed(value.get("open_graph_story_id") or value.get("post_id"), "open_graph_story_id")
    if verb == "remove":
        return [_removed(value, here, at)]
    if verb not in ADDED | CHANGED:
        return f"{verb[:40]} of a recommendation: its words are the same"
    who, said_at = _who(value, here), when(value.get("created_time"), at)
    stars = value.get("rating")
    return [
        IncomingMessage(
            "created" if verb in ADDED else "edited",
            here,
            said_at,
            thread=ident(value.get("post_id")) or here,
            author=who,
            text=text(value.get("review_text")),
            by_brand=who.external_id == brand,
            url=link(value.get("permalink_url")),
            version="" if verb in ADDED else _version(at),
            rating=stars
            if isinstance(stars, int) and not isinstance(stars, bool) and 1 <= stars <= 5
            else None,
            facts={
                "post": ident(value.get("post_id")) or here,
                "kind": "review",
                "recommends": text(value.get("recommendation_type"))[:20],
                "at": said_at.isoformat(),
            },
        )
    ]


def _reaction(value: Mapping[str, Any], verb: str, brand: str, at: Any) -> Found:
    to = ident(value.get("comment_id")) or ident(value.get("post_id"))
    if not to:
        return "a like of the Page itself"
    if verb != "add":
        return f"{verb[:40]} of a reaction: what was counted stays"
    who = _who(value, to)
    shown = text(value.get("reaction_type")) or "like"
    return [
        IncomingMessage(
            "reacted",
            to,
            when(value.get("created_time"), at),
            author=who,
            reaction=shown[:40],
            by_brand=who.external_id == brand,
        )
    ]


def comment(found: Mapping[str, Any], brand: str) -> Found:
    """A comment as the Graph API gives it, when the Page is read again."""
    here = needed(found.get("id"), "id")
    who = author(
        ident(part(found, "from").get("id")), part(found, "from").get("name"), here, _("Facebook user")
    )
    above = part(found, "parent")
    post = ident(part(found, "object").get("id")) or here.rpartition("_")[0]
    root = f"{brand}_{post}" if brand and "_" not in post else post
    said_at = when(found.get("created_time"))
    return [
        IncomingMessage(
            "created",
            here,
            said_at,
            thread=root,
            author=who,
            text=text(found.get("message")),
            by_brand=who.external_id == brand,
            parent=ident(above.get("id")) or root,
            url=link(found.get("permalink_url")) or f"https://www.facebook.com/{here}",
            facts={"post": root, "comment": here, "kind": "comment", "at": said_at.isoformat()},
        )
    ]
