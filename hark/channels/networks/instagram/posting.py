"""What the account says and does in public: replies, likes, hiding, taking back. Comments can't be edited.

Source: “IG Comment”, “IG User mentions” and “likes” of the Instagram Platform.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import Connection, OutgoingReply, Receipt, Refused, Unsure

from ..meta import graph, limits
from ..meta.failures import reading, writing
from ..meta.sending import SKEW, with_private_reply
from ..meta.shapes import ident, moment, needed, part, parts, text

MOST_TAGS = 4  # hashtags of one comment; more are refused without a reason


def comment(connection: Connection, reply: OutgoingReply) -> Receipt:
    """Answer below a comment; an invitation takes its private message along, first."""
    limits.check(connection, reply)
    facts, top = reply.parent_facts, _top(reply)
    if facts.get("kind") == "live":
        raise Refused(
            "never",
            _("A comment on a live video can't be answered in public. Answer in private while it runs."),
        )
    if reply.text.count("#") > MOST_TAGS:
        raise Refused("never", _("Instagram takes at most four hashtags in a comment."))
    reached = with_private_reply(connection, reply) if reply.handoff == "private_reply" else None
    with writing():
        if facts.get("kind") == "mention":
            where = {
                name: str(facts.get(key))
                for name, key in (("media_id", "media"), ("comment_id", "comment"))
                if facts.get(key)
            }
            said = graph.post(
                connection, graph.path(connection.external_id, "mentions"), {**where, "message": reply.text}
            )
        elif top == facts.get("media"):
            said = graph.post(connection, graph.path(top, "comments"), {"message": reply.text})
        else:
            said = graph.post(connection, graph.path(top, "replies"), {"message": reply.text})
        return _receipt(needed(said.get("id"), "id"), reply, top, recipient=reached)


def _top(reply: OutgoingReply) -> str:
    """The comment that replies are filed below."""
    if not reply.parent:
        raise Refused("never", _("There is nothing to answer."))
    return str(reply.parent_facts.get("top") or reply.parent)


def _receipt(here: str, reply: OutgoingReply, top: str, **more: Any) -> Receipt:
    media = str(reply.parent_facts.get("media") or reply.thread)
    facts = {"media": media, "comment": here, "top": top, "kind": "comment"}
    return Receipt(here, thread=reply.thread or media, facts=facts, **more)


def find_comment(connection: Connection, reply: OutgoingReply) -> Receipt | None:
    """Our own words below what was answered, since they were queued. Raises Unsure when they stand there twice."""
    top = _top(reply)
    if reply.parent_facts.get("kind") == "mention":
        raise Unsure(
            _(
                "Instagram does not show what stands below somebody else's post. Look there whether it was sent."
            )
        )
    since = reply.queued_at - SKEW if reply.queued_at else None
    edge = "comments" if top == reply.parent_facts.get("media") else "replies"
    with reading():
        said = graph.get(
            connection, graph.path(top, edge), fields="id,from,username,text,timestamp", limit=100
        )
        found = [
            _receipt(needed(one.get("id"), "id"), reply, top, at=moment(one.get("timestamp")))
            for one in parts(said, "data")
            if _is_ours(one, connection)
            and text(one.get("text")) == reply.text
            and (since is None or moment(one.get("timestamp")) >= since)
        ]
    if len(found) > 1:
        raise Unsure(_("The same words stand below it twice. Look there whether it was sent."))
    return found[0] if found else None


def _is_ours(found: Mapping[str, Any], connection: Connection) -> bool:
    handle = connection.handle.removeprefix("@")
    return (
        ident(part(found, "from").get("id")) == connection.external_id
        or text(found.get("username")) == handle != ""
    )


def withdraw(connection: Connection, here: str, facts: Mapping[str, Any]) -> None:
    if facts.get("person"):
        raise Refused("never", _("Instagram does not let a direct message be taken back from outside."))
    with writing():
        graph.delete(connection, graph.path(here))


def like(connection: Connection, here: str, facts: Mapping[str, Any]) -> Receipt:
    """A heart: for a comment only where the account is connected by Facebook; in private always."""
    with writing():
        if person := facts.get("person"):
            body = {
                "recipient": {"id": str(person)},
                "sender_action": "react",
                "payload": {"message_id": here, "reaction": "love"},
            }
            graph.post(connection, graph.path(connection.external_id, "messages"), body)
        elif connection.settings.get("login") == "instagram":
            raise Refused("never", _("Likes need the account to be connected by its Facebook Page."))
        else:
            graph.post(connection, graph.path(connection.external_id, "likes"), {"comment_id": here})
    return Receipt(f"like {here}")


def hide(connection: Connection, here: str, hidden: bool) -> None:
    with writing():
        graph.post(connection, graph.path(here), {"hide": hidden})


MEDIA = "id,comments.limit(50){id,text,timestamp,from,username,parent_id,replies{id,text,timestamp,from,username}}"


def recent_comments(connection: Connection) -> Iterator[Mapping[str, Any]]:
    """The newest comments below the newest posts, each with its replies."""
    said = graph.get(connection, graph.path(connection.external_id, "media"), fields=MEDIA, limit=50)
    for post in parts(said, "data"):
        for one in parts(part(post, "comments"), "data"):
            below = parts(part(one, "replies"), "data")
            for found in [one, *({"parent_id": one.get("id"), **reply} for reply in below)]:
                yield {**found, "replies": None, "media": {"id": post.get("id")}}
