"""What Facebook and Instagram share in sending: direct messages, the one private reply, and finding them again.

Source: “Send API” and “Private replies” of the Messenger Platform; “Conversations API”.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import Author, Connection, OutgoingReply, Reach, Receipt, Refused, TryLater, Unsure

from . import graph, limits, windows
from .failures import reading, writing
from .shapes import ident, moment, needed, part, parts, text

SKEW = timedelta(minutes=5)  # between Meta's clock and ours
MOST_CONVERSATIONS = 25
REPLIED_ALREADY = {10900}  # a private reply was sent before; also told in words
QUICK_MOST, QUICK_LENGTH = 13, 20


def message(connection: Connection, reply: OutgoingReply) -> Receipt:
    """A direct message: into the conversation, or as the one private reply below a public comment."""
    if reply.parent_facts.get("standby"):
        raise Refused(
            "never", _("A colleague has taken this conversation in Meta's own inbox. It is answered there.")
        )
    limits.check(connection, reply)
    facts = reply.parent_facts
    if facts.get("comment") or facts.get("kind"):
        return private_reply(connection, reply)
    person = reply.thread or str(facts.get("person") or "")
    if not person or person.startswith(("unknown:", "@")):
        raise Refused("recipient_unreachable", _("The network does not tell us who this is."))
    kind = windows.kind(connection, reply)
    try:
        return _sent(connection, reply, {"id": person}, kind, person)
    except Refused as problem:
        late = problem.code == "window_closed" and kind is windows.RESPONSE
        if not late or not windows.may_be_tagged(connection, reply):
            raise
        return _sent(connection, reply, {"id": person}, windows.AGENT, person)  # our clock was behind


def private_reply(connection: Connection, reply: OutgoingReply) -> Receipt:
    """Once for each comment or post, within seven days. The receipt says whom it reached: in private they have another id."""
    facts = reply.parent_facts
    old = windows.age(facts)
    if old is not None and old > windows.PRIVATE_REPLY:
        raise Refused("window_closed", _("A comment can be answered in private for seven days; it is older."))
    comment = str(facts.get("comment") or "")
    to = {"comment_id": comment} if comment else {"post_id": reply.parent}
    try:
        return _sent(connection, reply, to, {}, "")
    except Refused as problem:
        if _was_replied(problem):
            raise Refused(
                "never",
                _("It was answered in private before; that can be done once. They have to write now."),
            ) from problem
        raise


def _was_replied(problem: Refused) -> bool:
    said = problem.__cause__
    if not isinstance(said, graph.GraphError):
        return False
    return said.code in REPLIED_ALREADY or "already replied" in said.text.lower()


def _sent(
    connection: Connection, reply: OutgoingReply, to: Mapping[str, str], kind: Mapping[str, str], person: str
) -> Receipt:
    words: dict[str, Any] = {"text": reply.text, "metadata": reply.key}
    quick = [
        {"content_type": "text", "title": one[:QUICK_LENGTH], "payload": one[:1000]}
        for one in reply.quick_replies
    ]
    if quick:
        words["quick_replies"] = quick[:QUICK_MOST]
    path, base = graph.path(connection.external_id, "messages"), {"recipient": to, **kind}
    said: dict[str, Any] = {}
    with writing():
        for file in reply.files[:1]:
            picture = {"attachment": {"type": "image", "payload": {}}, "metadata": reply.key}
            said = graph.post(connection, path, {**base, "message": picture}, graph.File("filedata", file))
        if reply.text.strip() or not reply.files:
            said = graph.post(connection, path, {**base, "message": words})
        mid = needed(said.get("message_id"), "message id")
        reached = ident(said.get("recipient_id")) or person
    return Receipt(
        mid,
        thread=reached or mid,
        facts={"person": reached},
        recipient=Author(reached) if reached and reached != person else None,
    )


def find_message(connection: Connection, reply: OutgoingReply, platform: str) -> Receipt | None:
    """Our own text in the conversations, since it was queued. Raises Unsure when twenty messages or 25 threads hide the answer."""
    if reply.queued_at is None:
        raise Unsure(_("It is not known when this was to be sent."))
    is_private_reply = bool(reply.parent_facts.get("comment") or reply.parent_facts.get("kind"))
    person = "" if is_private_reply else reply.thread
    with reading():
        said = graph.get(
            connection,
            graph.path(connection.external_id, "conversations"),
            platform=platform,
            user_id=person,
            fields="id,updated_time,participants,messages.limit(20){id,message,from,to,created_time}",
            limit=MOST_CONVERSATIONS,
        )
        found, complete = _ours(connection, reply, parts(said, "data"), reply.queued_at - SKEW)
    if len(found) == 1:
        return found[0]
    if found or not complete:
        raise Unsure(_("Meta's inbox shows no clear answer. Look there whether it was sent."))
    return None


def _ours(
    connection: Connection, reply: OutgoingReply, threads: list[dict[str, Any]], since: datetime
) -> tuple[list[Receipt], bool]:
    found: list[Receipt] = []
    complete = len(threads) < MOST_CONVERSATIONS or any(
        moment(one.get("updated_time")) < since for one in threads
    )
    for thread in threads:
        messages = parts(part(thread, "messages"), "data")
        recent = [one for one in messages if moment(one.get("created_time")) >= since]
        complete = complete and (len(recent) < 20)
        for one in recent:
            mine = ident(part(one, "from").get("id")) == connection.external_id
            if mine and text(one.get("message")) == reply.text:
                to = parts(part(one, "to"), "data")
                person = ident(to[0].get("id")) if to else reply.thread
                known = person == reply.thread or not person
                found.append(
                    Receipt(
                        needed(one.get("id"), "id"),
                        thread=person,
                        at=moment(one.get("created_time")),
                        facts={"person": person},
                        recipient=None if known else Author(person),
                    )
                )
    return found, complete


def reach(connection: Connection, facts: Mapping[str, Any], link: str) -> Reach:
    """The private reply while it is open; afterwards a link by which they write first."""
    old = windows.age(facts)
    open_still = old is None or old <= windows.PRIVATE_REPLY
    if (
        open_still
        and (facts.get("comment") or facts.get("kind") in ("post", "review"))
        and facts.get("kind") != "mention"
    ):
        return Reach(True, "private_reply")
    if link:
        return Reach(True, "dm_link", link)
    return Reach(
        False,
        reason=_("The time for a private reply has passed, and the account has no address to write to."),
    )


def with_private_reply(connection: Connection, reply: OutgoingReply) -> Author | None:
    """The private message that goes along with a public line. Safe to repeat: the network takes one for each comment."""
    try:
        return private_reply(connection, reply).recipient
    except Refused as problem:
        cause = problem.__cause__
        if isinstance(cause, Refused) and _was_replied(cause):
            return None
        raise
    except Unsure as problem:
        raise TryLater(60, _("Meta did not say whether the private message was sent.")) from problem
