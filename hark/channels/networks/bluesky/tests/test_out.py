"""What an agent sends through Hark is there on the network, once."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from hark.channels import http
from hark.channels.base import (
    Author,
    NeedsReconnect,
    OutgoingFile,
    OutgoingReply,
    Refused,
    TryLater,
    Unsure,
)
from hark.channels.networks.bluesky import messages, posting, records, sessions
from hark.channels.networks.bluesky.adapter import Bluesky
from hark.web import outbound
from tests.bluesky_people import until

from .conftest import Collected
from .test_in import picture

pytestmark = pytest.mark.peer
network = Bluesky()


def reply(to, text, message=None, **options) -> OutgoingReply:
    """An answer to a message as the collector saw it, or a direct message to somebody."""
    given = {
        "key": str(uuid.uuid4()), "visibility": message.visibility if message else "private", "text": text,
        "to": Author(to.did, to.handle), "thread": message.thread if message else "",
        "parent": message.external_id if message else "", "parent_facts": message.facts if message else {},
        "queued_at": datetime.now(UTC),
    }  # fmt: skip
    return OutgoingReply(**{**given, **options})


def posts_of(somebody) -> list:
    return somebody.client.com.atproto.repo.list_records(
        {"repo": somebody.did, "collection": "app.bsky.feed.post", "limit": 100}
    ).records


def test_a_reply_stands_in_the_customers_thread(hark, account, atproto, ternway, maya):
    post = maya.says("where is my bag? 😢", to=ternway)
    receipt = network.send(
        account, reply(maya, f"We are sorry, @{maya.handle}! 🧳", hark.said("where is my bag"))
    )

    thread = until(lambda: (t := maya.sees_thread(post.uri)).replies and t, "the reply in the thread")
    [answer] = thread.replies
    assert answer.post.uri == receipt.external_id
    assert answer.post.record.reply.root.uri == answer.post.record.reply.parent.uri == post.uri
    [mention] = answer.post.record.facets
    assert mention.features[0].did == maya.did
    marked = answer.post.record.text.encode()[mention.index.byte_start : mention.index.byte_end]
    assert marked.decode() == f"@{maya.handle}"
    assert receipt.url.endswith(receipt.external_id.rpartition("/")[2])
    assert hark.said("We are sorry").by_brand, "it comes back as our own"
    [note] = until(
        lambda: [
            n
            for n in maya.client.app.bsky.notification.list_notifications({}).notifications
            if n.reason != "like"
        ],
        "the customer is told",
    )
    assert note.uri == receipt.external_id


def test_an_answer_further_down_keeps_the_root_even_when_its_facts_are_lost(hark, account, ternway, maya):
    own = ternway.says("New seats from May on.")
    first = maya.answers(own, "wider ones?")
    asked = hark.said("wider ones?")
    receipt = network.send(account, reply(maya, "By two centimetres.", replace(asked, facts={})))

    record = until(lambda: maya.sees_thread(receipt.external_id), "the reply").post.record
    assert (record.reply.root.uri, record.reply.parent.uri) == (own.uri, first.uri)
    assert record.reply.root.cid == own.cid


def test_a_long_answer_is_a_thread_of_several_posts(hark, account, ternway, maya):
    post = maya.says("explain the refund", to=ternway)
    first = reply(maya, "First: we check the booking. 1/2", hark.said("explain the refund"))
    one = network.send(account, first)
    two = network.send(
        account,
        replace(
            first,
            key=str(uuid.uuid4()),
            text="Then: the money leaves. 2/2",
            parent=one.external_id,
            parent_facts=one.facts,
        ),
    )
    thread = until(
        lambda: (t := maya.sees_thread(post.uri)).replies and t.replies[0].replies and t, "both posts"
    )
    assert thread.replies[0].replies[0].post.uri == two.external_id
    assert thread.replies[0].replies[0].post.record.reply.root.uri == post.uri


def test_pictures_leave_with_their_description(hark, account, ternway, maya):
    maya.says("which desk?", to=ternway)
    file = OutgoingFile("desk.png", "image/png", picture(), "The desk left of the door", 40, 30)
    receipt = network.send(account, reply(maya, "This one:", hark.said("which desk?"), files=(file,)))

    [image] = until(lambda: maya.sees_thread(receipt.external_id), "the picture").post.embed.images
    assert image.alt == "The desk left of the door"
    assert (image.aspect_ratio.width, image.aspect_ratio.height) == (40, 30)


def test_links_and_hashtags_are_marked_in_bytes(hark, account, ternway, maya):
    maya.says("how do I claim?", to=ternway)
    text = "Así: https://ternway.example/reclamación?x=1 – #equipaje 🧳"
    receipt = network.send(account, reply(maya, text, hark.said("how do I claim?")))

    record = until(lambda: maya.sees_thread(receipt.external_id), "the reply").post.record
    marked = [record.text.encode()[f.index.byte_start : f.index.byte_end].decode() for f in record.facets]
    assert marked == ["https://ternway.example/reclamación?x=1", "#equipaje"]


def test_the_same_reply_sent_twice_is_there_once(hark, account, ternway, maya):
    maya.says("are you there?", to=ternway)
    answer = reply(maya, "Yes, we are.", hark.said("are you there?"))
    assert network.find_sent(account, answer) is None
    once = network.send(account, answer)
    twice = network.send(account, answer)

    assert once.external_id == twice.external_id == network.find_sent(account, answer).external_id
    assert once.facts == twice.facts == network.find_sent(account, answer).facts
    assert [record.value.text for record in posts_of(ternway)].count("Yes, we are.") == 1


def test_a_like_counts_once_and_can_be_taken_back(hark, account, ternway, maya):
    post = maya.says("great crew today!", to=ternway)
    message = hark.said("great crew today")
    like = network.like(account, message.external_id, message.facts)
    assert network.like(account, message.external_id, message.facts).external_id == like.external_id
    until(lambda: maya.sees_thread(post.uri).post.like_count == 1, "the like")

    network.withdraw(account, like.external_id, {})
    until(lambda: maya.sees_thread(post.uri).post.like_count == 0, "no like")


def test_what_was_sent_can_be_withdrawn(hark, account, ternway, maya):
    maya.says("is it true?", to=ternway)
    receipt = network.send(account, reply(maya, "Surely not.", hark.said("is it true?")))
    network.withdraw(account, receipt.external_id, receipt.facts)
    network.withdraw(account, receipt.external_id, receipt.facts)

    assert all(record.value.text != "Surely not." for record in posts_of(ternway))
    with pytest.raises(Refused, match="can't be edited"):
        network.edit(account, receipt.external_id, "Surely.", {})
    with pytest.raises(Refused, match="our own"):
        network.withdraw(account, hark.said("is it true?").external_id, {})


def test_an_answer_to_a_post_that_is_gone_is_refused(hark, account, ternway, maya):
    post = maya.says("forget it", to=ternway)
    message = hark.said("forget it")
    maya.client.delete_post(post.uri)
    maya.network.settle()
    with pytest.raises(Refused) as refusal:
        network.send(account, reply(maya, "What can we do?", message))
    assert refusal.value.code == "gone"


def test_an_answer_that_nobody_would_see_is_refused(hark, account, ternway, maya):
    post = maya.says("no answers please", to=ternway)
    message = hark.said("no answers please")
    maya.client.com.atproto.repo.create_record(
        {
            "repo": maya.did, "collection": "app.bsky.feed.threadgate", "rkey": post.uri.rpartition("/")[2],
            "record": {
                "$type": "app.bsky.feed.threadgate", "post": post.uri, "allow": [],
                "createdAt": maya.client.get_current_time_iso(),
            },
        }
    )  # fmt: skip
    maya.network.settle()
    with pytest.raises(Refused, match="limited who may answer"):
        network.send(account, reply(maya, "Only this:", message))


# Direct messages --------------------------------------------------------------------------------------


def test_a_direct_message_is_answered_in_its_conversation(hark, account, ternway, maya):
    maya.writes(ternway, "my number is TW-1")
    receipt = network.send(
        account, reply(maya, "Thank you, found it: https://ternway.example/tw-1", hark.said("TW-1"))
    )

    assert maya.reads(ternway) == ["my number is TW-1", "Thank you, found it: https://ternway.example/tw-1"]
    own = hark.said("Thank you, found it")
    assert own.by_brand
    assert own.external_id == receipt.external_id


def test_reach_says_who_can_be_written_to(account, ternway, maya):
    author = Author(maya.did, maya.handle)
    shut = network.reach(account, author, {})
    assert (shut.possible, shut.mechanism) == (True, "link"), "they can write to us"
    assert shut.url == f"https://bsky.app/profile/{ternway.handle}"
    with pytest.raises(Refused) as refusal:
        network.send(account, reply(maya, "Hello in private."))
    assert refusal.value.code == "recipient_unreachable"

    maya.accepts_messages_from("all")
    open_to_all = network.reach(account, author, {})
    assert (open_to_all.possible, open_to_all.mechanism) == (True, "direct_dm")
    network.send(account, reply(maya, "Hello in private."))
    assert maya.reads(ternway) == ["Hello in private."]
    assert network.reach(account, author, {}).thread

    maya.accepts_messages_from("none")
    assert network.reach(account, author, {}).possible, "a conversation that is open stays open"


def test_there_is_no_way_when_both_sides_are_shut(account, ternway, maya):
    ternway.accepts_messages_from("following")
    reach = network.reach(account, Author(maya.did, maya.handle), {})
    assert not reach.possible
    assert "Connect it again" in reach.reason


def test_nobody_is_written_to_who_wants_no_messages(account, maya):
    maya.accepts_messages_from("none")
    with pytest.raises(Refused, match="accept no direct messages"):
        network.send(account, reply(maya, "Hello."))


def test_a_direct_message_whose_answer_was_lost_is_found_and_not_sent_again(
    account, atproto, ternway, maya, monkeypatch
):
    maya.accepts_messages_from("all")
    network.send(account, reply(maya, "Yes.", queued_at=datetime.now(UTC) - timedelta(minutes=1)))
    thread = network.reach(account, Author(maya.did), {}).thread
    answer = reply(maya, "Yes.", thread=thread, queued_at=datetime.now(UTC) + timedelta(seconds=2))
    monkeypatch.setattr(messages, "SETTLE_SECONDS", 0.1)
    assert network.find_sent(account, answer) is None, "the same words a minute ago were another message"

    time.sleep(2)
    monkeypatch.setattr(http, "_client", cache(lambda: outbound.client(timeout=1)))
    atproto.control("/chat/fault", [{"delayMs": 2000}])
    with pytest.raises(Unsure):
        network.send(account, answer)
    monkeypatch.setattr(messages, "SETTLE_SECONDS", 3)
    assert network.find_sent(account, answer).external_id
    assert maya.reads(ternway) == ["Yes.", "Yes."]

    network.send(account, answer)
    with pytest.raises(Unsure, match="more than once"):
        network.find_sent(account, answer)


def test_a_busy_direct_message_service_asks_to_wait(account, atproto, ternway, maya):
    maya.accepts_messages_from("all")
    network.send(account, reply(maya, "Good morning."))
    answer = reply(maya, "Ask away.", thread=network.reach(account, Author(maya.did), {}).thread)
    atproto.control("/chat/fault", [{"status": 429, "error": "RateLimitExceeded"}])
    with pytest.raises(TryLater) as later:
        network.send(account, answer)
    assert later.value.seconds > 0
    network.send(account, answer)
    assert maya.reads(ternway) == ["Good morning.", "Ask away."]

    atproto.control("/chat/fault", [{"status": 429, "error": "RateLimitExceeded"}])
    with Collected(account) as hark:
        until(lambda: hark.failure, "the collector is asked to wait too")
    assert isinstance(hark.failure, TryLater)


# The account ------------------------------------------------------------------------------------------


def test_a_session_is_renewed_and_signing_in_is_rare(account, ternway, maya, monkeypatch):
    calls = []
    real = sessions.api.procedure

    def counted(server, nsid, body, **options):
        calls.append(nsid.rpartition(".")[2])
        return real(server, nsid, body, **options)

    monkeypatch.setattr(sessions.api, "procedure", counted)
    for number in range(3):
        network.send(account, reply(maya, f"post {number}", visibility="public"))
    assert calls.count("createSession") == calls.count("refreshSession") == 0

    spent = replace(
        account, credentials={**account.credentials, "access": _expired(account.credentials["access"])}
    )
    network.send(spent, reply(maya, "after an hour", visibility="public"))
    network.send(spent, reply(maya, "and another", visibility="public"))
    assert (calls.count("createSession"), calls.count("refreshSession")) == (0, 1)
    assert sessions.Session(spent).credentials()["password"] == account.credentials["password"]

    both = replace(account, credentials={**account.credentials, "access": "spent", "refresh": "spent"})
    sessions._tokens.clear()
    network.send(both, reply(maya, "signed in anew", visibility="public"))
    assert calls.count("createSession") == 1


def _expired(token: str) -> str:
    """The same token, made to say that it ended: the client need not ask the server to know."""
    import base64
    import json

    head, body, sign = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["exp"] = 1
    return ".".join((head, base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("="), sign))


def test_a_revoked_app_password_asks_for_a_new_connection(account, ternway, maya):
    name = ternway.client.com.atproto.server.list_app_passwords().passwords[0].name
    ternway.client.com.atproto.server.revoke_app_password({"name": name})
    stale = replace(account, credentials={**account.credentials, "access": "", "refresh": ""})
    sessions._tokens.clear()
    with pytest.raises(NeedsReconnect):
        network.send(stale, reply(maya, "hello", visibility="public"))


def test_a_server_that_is_away_means_later_not_lost(account, maya):
    away = replace(account, credentials={**account.credentials, "pds": "http://localhost:1"})
    with pytest.raises(TryLater):
        network.send(away, reply(maya, "hello", visibility="public"))


def test_the_key_of_a_post_is_its_own_and_sorts_by_time():
    at = datetime(2026, 11, 20, 10, tzinfo=UTC)
    keys = {records.record_key(f"reply-{number}", at) for number in range(5000)}
    assert len(keys) == 5000
    assert all(len(key) == 13 and set(key) <= set(records.ALPHABET) for key in keys)
    assert records.record_key("a", at) == records.record_key("a", at)
    assert max(keys) < records.record_key("b", datetime(2026, 11, 20, 10, 0, 1, tzinfo=UTC))
    assert posting.shapes.AT_URI.fullmatch(f"at://did:plc:abc/app.bsky.feed.post/{keys.pop()}")
