"""What the Page says and does in public: comments, likes, hiding, taking back.

Source: “Comment” and “Photos” of the Graph API.
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

MOST = 100  # comments that are looked through below one post


def comment(connection: Connection, reply: OutgoingReply) -> Receipt:
    """Answer below a post or a comment; an invitation takes its private message along, first."""
    limits.check(connection, reply)
    below = _below(reply)
    reached = with_private_reply(connection, reply) if reply.handoff == "private_reply" else None
    body: dict[str, Any] = {"message": reply.text}
    with writing():
        for file in reply.files[:1]:
            photo = graph.post(
                connection,
                graph.path(connection.external_id, "photos"),
                {"published": "false"},
                graph.File("source", file),
            )
            body["attachment_id"] = needed(photo.get("id"), "photo id")
        said = graph.post(connection, graph.path(below, "comments"), body)
        return _receipt(needed(said.get("id"), "id"), reply, recipient=reached)


def _below(reply: OutgoingReply) -> str:
    if not reply.parent:
        raise Refused("never", _("There is nothing to answer."))
    return reply.parent


def _receipt(here: str, reply: OutgoingReply, **more: Any) -> Receipt:
    root = str(reply.parent_facts.get("post") or reply.thread or reply.parent)
    return Receipt(
        here,
        thread=reply.thread or root,
        url=f"https://www.facebook.com/{here}",
        facts={"post": root, "comment": here, "kind": "comment"},
        **more,
    )


def find_comment(connection: Connection, reply: OutgoingReply) -> Receipt | None:
    """Our own words below what was answered, since they were queued. Raises Unsure when they stand there twice."""
    below = _below(reply)
    since = reply.queued_at - SKEW if reply.queued_at else None
    with reading():
        said = graph.get(
            connection,
            graph.path(below, "comments"),
            filter="stream",
            order="reverse_chronological",
            fields="id,from,message,created_time",
            limit=MOST,
        )
        found = [
            _receipt(needed(one.get("id"), "id"), reply, at=moment(one.get("created_time")))
            for one in parts(said, "data")
            if ident(part(one, "from").get("id")) == connection.external_id
            and text(one.get("message")) == reply.text
            and (since is None or moment(one.get("created_time")) >= since)
        ]
    if len(found) > 1:
        raise Unsure(_("The same words stand below it twice. Look there whether it was sent."))
    return found[0] if found else None


def edit(connection: Connection, here: str, words: str, facts: Mapping[str, Any]) -> Receipt:
    _only_public(facts)
    with writing():
        graph.post(connection, graph.path(here), {"message": words})
    return Receipt(here, facts=dict(facts))


def withdraw(connection: Connection, here: str, facts: Mapping[str, Any]) -> None:
    _only_public(facts)
    with writing():
        graph.delete(connection, graph.path(here))


def like(connection: Connection, here: str, facts: Mapping[str, Any]) -> Receipt:
    _only_public(facts)
    with writing():
        graph.post(connection, graph.path(here, "likes"), {})
    return Receipt(f"like {here}")


def hide(connection: Connection, here: str, hidden: bool) -> None:
    with writing():
        graph.post(connection, graph.path(here), {"is_hidden": hidden})


def _only_public(facts: Mapping[str, Any]) -> None:
    if facts.get("person"):
        raise Refused(
            "never", _("Messenger does not let a message be changed, taken back or liked from outside.")
        )


FEED = (
    "id,comments.filter(stream).order(reverse_chronological).limit(100)"
    "{id,parent{id},from,message,created_time,permalink_url,is_hidden}"
)


def recent_comments(connection: Connection) -> Iterator[Mapping[str, Any]]:
    """The newest comments below the newest posts."""
    for post in parts(
        graph.get(connection, graph.path(connection.external_id, "feed"), fields=FEED, limit=50), "data"
    ):
        yield from parts(part(post, "comments"), "data")
