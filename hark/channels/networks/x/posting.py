"""Posts, answers, direct messages, likes and deletions.

X takes no key of ours. A second copy of a text is refused by X itself; after a lost answer our own posts, or the
conversation, are looked through for the text since it was queued.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import Connection, OutgoingReply, Receipt, Refused, Unsure

from . import api, prices, shapes
from .shapes import instant, plain, record, records, text, the_id

SKEW = timedelta(seconds=5)
SETTLE_SECONDS = 3.0  # a post on its way when the answer was lost can be read after this long
LONGEST_PRIVATE = 10_000
LONGEST_PUBLIC = 25_000  # with Premium; X itself knows whether the account has it


def publish(connection: Connection, reply: OutgoingReply) -> Receipt:
    """Post an answer, or the next post of a thread."""
    said = _said(reply, LONGEST_PUBLIC)
    parent = _parent(connection, reply)
    body: dict[str, Any] = {"text": said}
    if parent:
        body["reply"] = {"in_reply_to_tweet_id": parent}
    if (
        reply.handoff == "dm_link"
        and connection.settings.get("link_as_button")
        and said.endswith(reply.handoff_url)
    ):
        body |= {
            "text": said.removesuffix(reply.handoff_url).rstrip(),
            "direct_message_deep_link": reply.handoff_url,
        }
    prices.allow_writing(connection)
    with api.line(connection).writing("post") as call:
        found = the_id(call("POST", "/2/tweets", json=body).body["data"])
    cost = prices.of_post(said, summoned=bool(parent))
    return _posted(connection, reply, found, datetime.now(UTC), cost)


def find_post(connection: Connection, reply: OutgoingReply) -> Receipt | None:
    """The one post of ours with this text since it was queued, below the same post; None when it surely is not there."""
    since = _since(reply)
    for rest in (0.0, SETTLE_SECONDS):
        time.sleep(rest)
        with api.line(connection).reading("own posts") as call:
            asked = {
                "max_results": 100,
                "start_time": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "tweet.fields": "author_id,created_at,entities,note_tweet,referenced_tweets",
            }
            said = call("GET", f"/2/users/{connection.external_id}/tweets", params=asked).body
            found = [item for item in records(said.get("data")) if _is_ours(item, reply)]
            if len(found) > 1:
                raise Unsure(_("Our posts hold this text more than once since then."))
            if found:
                at = instant(found[0].get("created_at"), the_id(found[0]))
                return _posted(
                    connection, reply, the_id(found[0]), at, prices.of_post(reply.text, summoned=True)
                )
    return None


def write(connection: Connection, reply: OutgoingReply) -> Receipt:
    """Send a direct message to the one person it is for."""
    said, address = _said(reply, LONGEST_PRIVATE), _address(reply)
    prices.allow_writing(connection)
    with api.line(connection).writing("message") as call:
        data = call("POST", f"/2/dm_conversations/{address}/messages", json={"text": said}).body["data"]
        found = the_id({"id": data["dm_event_id"]})
        return _written(
            found, shapes.conversation(data.get("dm_conversation_id")) or reply.thread, datetime.now(UTC)
        )


def find_message(connection: Connection, reply: OutgoingReply) -> Receipt | None:
    since, address = _since(reply), _address(reply)
    for rest in (0.0, SETTLE_SECONDS):
        time.sleep(rest)
        with api.line(connection).reading("one conversation") as call:
            asked = {"max_results": 20, "dm_event.fields": api.MESSAGE_FIELDS, "event_types": "MessageCreate"}
            said = call("GET", f"/2/dm_conversations/{address}/dm_events", params=asked).body
            found = [
                item
                for item in records(said.get("data"))
                if item.get("sender_id") == connection.external_id
                and instant(item.get("created_at"), the_id(item)) >= since
                and _same(plain(item.get("text")), reply.text, item)
            ]
            if len(found) > 1:
                raise Unsure(_("The conversation holds this text more than once since then."))
            if found:
                thread = shapes.conversation(found[0].get("dm_conversation_id")) or reply.thread
                return _written(
                    the_id(found[0]), thread, instant(found[0].get("created_at"), the_id(found[0]))
                )
    return None


def withdraw(connection: Connection, external_id: str, facts: Mapping[str, Any]) -> None:
    """Delete one of our posts. A message would only vanish from our own view, so it is not pretended."""
    if facts.get("convo"):
        raise Refused("never", _("X can't take a direct message back from the other side."))
    with api.line(connection).writing("delete") as call:
        call("DELETE", f"/2/tweets/{_id(facts.get('id') or external_id)}")


def like(connection: Connection, external_id: str, facts: Mapping[str, Any]) -> Receipt:
    if connection.settings.get("tier") != "enterprise":
        raise Refused("never", _("X lets only Enterprise apps like posts."))
    found = _id(facts.get("id") or external_id)
    with api.line(connection).writing("like") as call:
        call("POST", f"/2/users/{connection.external_id}/likes", json={"tweet_id": found})
    return Receipt(external_id=f"like-{found}")


def _said(reply: OutgoingReply, most: int) -> str:
    if not reply.text.strip():
        raise Refused("never", _("There is nothing to send."))
    if len(reply.text) > most:
        raise Refused("too_long", _("It is longer than X takes."))
    if not reply.text.isprintable() and "\0" in reply.text:
        raise Refused("never", _("It holds a sign that X does not take."))
    if reply.files:
        raise Refused("never", _("Pictures can't be sent to X from here yet."))
    return reply.text


def _parent(connection: Connection, reply: OutgoingReply) -> str:
    """The id to answer: of the newest version. Raises Refused where X would not let a self-serve app answer."""
    if not reply.parent:
        return ""
    facts = reply.parent_facts
    if facts.get("summoned") is False and connection.settings.get("tier") != "enterprise":
        raise Refused(
            "never",
            _(
                "X lets us answer only posts that mention us, answer us or quote us. Answer this one on X itself."
            ),
        )
    return _id(facts.get("id") or reply.parent)


def _address(reply: OutgoingReply) -> str:
    """The path of the conversation: with the person, or a known one (a group has no single person)."""
    convo = str(reply.parent_facts.get("convo") or "")
    if convo and "-" not in convo and shapes.ID.fullmatch(convo):
        return convo
    if reply.to is None or not shapes.ID.fullmatch(reply.to.external_id):
        raise Refused("recipient_unreachable", _("It is not known whom to write to."))
    return f"with/{reply.to.external_id}"


def _id(value: object) -> str:
    if not shapes.ID.fullmatch(str(value)):
        raise Refused("gone", _("That is no post on X."))
    return str(value)


def _since(reply: OutgoingReply) -> datetime:
    if reply.queued_at is None:
        raise Unsure(_("It is not known since when to look for it."))
    return reply.queued_at - SKEW


def _is_ours(item: dict[str, Any], reply: OutgoingReply) -> bool:
    refs = {text(ref.get("type")): text(ref.get("id")) for ref in records(item.get("referenced_tweets"))}
    parent = str(reply.parent_facts.get("id") or reply.parent)
    long = text(record(item.get("note_tweet")).get("text"))
    return refs.get("replied_to", "") == parent and _same(plain(long or item.get("text")), reply.text, item)


def _same(shown: str, sent: str, item: dict[str, Any]) -> bool:
    """Whether X shows what we sent: links are shortened there, and answers begin with mentions."""
    for one in records(record(item.get("entities")).get("urls")):
        shown = shown.replace(text(one.get("url")) or "\0", text(one.get("expanded_url")))
    shown, sent = (" ".join(shapes.without_joined(some.strip()).split()) for some in (shown, sent))
    return shown == sent


def _posted(connection: Connection, reply: OutgoingReply, found: str, at: datetime, cost: int) -> Receipt:
    url = f"https://x.com/{connection.handle.removeprefix('@') or 'i/web'}/status/{found}"
    return Receipt(found, reply.thread or found, url, at, {"id": found, "summoned": True}, cost)


def _written(found: str, thread: str, at: datetime) -> Receipt:
    return Receipt(found, thread, "https://x.com/messages", at, {"convo": thread}, prices.MESSAGE)
