"""What goes out: comments, modmail, and what can be done to them after. Votes are never given: Reddit forbids it to programs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import (
    Author,
    Connection,
    OutgoingReply,
    Reach,
    Receipt,
    Refused,
    Skipped,
    TextLimit,
    Unreadable,
    Unsure,
)
from hark.channels.shapes import encoded

from . import api, reading

TEXT = TextLimit("chars", 10_000)
THING = re.compile(r"t[13]_[a-z0-9]{1,12}")
TALK = re.compile(r"[a-z0-9]{1,12}")
SKEW = timedelta(minutes=2)


def publish(connection: Connection, reply: OutgoingReply) -> Receipt:
    line = api.line(connection)
    if not reply.text.strip():
        raise Refused("never", _("There is nothing to send."))
    if len(reply.text) > TEXT.value:
        counts = {"count": len(reply.text), "most": TEXT.value}
        raise Refused("too_long", _("It has %(count)d characters; Reddit takes %(most)d.") % counts)
    if reply.visibility == "private":
        talk = _talk(reply)
        answer = line.post(
            f"/api/mod/conversations/{talk}", body=reply.text, isInternal="false", isAuthorHidden="false"
        )
        return _newest(answer.raw, connection, reply) or _unnamed()
    answer = line.post("/api/comment", thing_id=_thing(reply.parent), text=reply.text)
    made = api.things(answer)
    return _newest(encoded(made), connection, reply) or _unnamed()


def find_sent(connection: Connection, reply: OutgoingReply) -> Receipt | None:
    """Our own words there since it was queued: in the account's comments, or in the conversation."""
    if reply.queued_at is None:
        raise Unsure(_("It is not known since when to look for it."))
    line = api.line(connection)
    if reply.visibility == "private":
        found = line.get(f"/api/mod/conversations/{_talk(reply)}")
    else:
        _thing(reply.parent)
        found = line.get(f"/user/{connection.external_id}/comments", limit=100, sort="new")
    return _newest(encoded(found), connection, reply)


def edit(connection: Connection, name: str, text: str) -> Receipt:
    api.things(api.line(connection).post("/api/editusertext", thing_id=_thing(name), text=text))
    return Receipt(external_id=name)


def withdraw(connection: Connection, name: str) -> None:
    api.line(connection).post("/api/del", id=_thing(name))


def reach(connection: Connection, author: Author, facts: Mapping[str, Any]) -> Reach:
    """Private messages became a chat without an interface; modmail stands open where the brand moderates."""
    community = str(facts.get("community") or "")
    if community and community.lower() in moderated(connection):
        url = f"https://www.reddit.com/message/compose?to=r/{community}"
        return Reach(True, "dm_link", url=url, reason=_("They write to the moderators, which is us."))
    return Reach(
        False,
        reason=_("Reddit has no private messages for programs. A link to the brand’s own chat leads on."),
    )


def moderated(connection: Connection) -> list[str]:
    """The communities that the brand moderates, in lower case."""
    told = connection.settings.get("moderates")
    return [str(one).lower() for one in told] if isinstance(told, list) else []


def _newest(raw: bytes, connection: Connection, reply: OutgoingReply) -> Receipt | None:
    """The one message in an answer that is ours and says this; None when there is none. Raises Unsure for two."""
    matching = []
    try:
        for envelope in reading.split(raw):
            for message in reading.read(envelope.raw, connection):
                same = " ".join(message.text.split()) == " ".join(reply.text.split())
                below = reply.visibility == "private" or message.parent == reply.parent
                late = reply.queued_at is None or message.at >= reply.queued_at - SKEW
                if message.by_brand and same and below and late:
                    matching.append(message)
    except (Unreadable, Skipped):
        return None
    if len(matching) > 1:
        raise Unsure(_("The same words stand there more than once since then."))
    return (
        Receipt(one.external_id, one.thread, one.url, one.at, dict(one.facts))
        if matching and (one := matching[0])
        else None
    )


def _unnamed() -> Receipt:
    raise Unsure(_("Reddit did not say whether it was published."))


def _thing(name: str) -> str:
    if not THING.fullmatch(name):
        raise Refused("gone", _("That is no comment or post here."))
    return name


def _talk(reply: OutgoingReply) -> str:
    talk = str(reply.parent_facts.get("modmail") or reply.thread.removeprefix("modmail "))
    if not TALK.fullmatch(talk):
        raise Refused("recipient_unreachable", _("Only modmail can be answered in private on Reddit."))
    return talk
