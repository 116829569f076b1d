"""Mastodon, from a stranger's post to the closed book, and a server that stumbles. The customer's client is Mastodon.py."""

from __future__ import annotations

import asyncio
import json
import threading
import time

import pytest
from mastodon import Mastodon as Client
from websockets.sync.server import serve

from hark.cases.models import Case, Message
from hark.channels import http
from hark.channels.base import Author, NeedsReconnect, OutgoingReply, Refused, TryLater, Unsure
from hark.channels.markup import plain
from hark.channels.networks.mastodon import posting
from hark.channels.networks.mastodon.adapter import Mastodon
from hark.channels.networks.mastodon.collecting import Follower
from hark.journeys import correcting, ways
from hark.replies.models import Reply
from tests import looping

from .desk import answers, closes_the_book, collects, connect, invites, leaves
from .mastodon import Server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server():
    with Server() as found:
        found.person("ternway", "Ternway")
        found.person("maya", "Maya Lindqvist")
        yield found


@pytest.fixture
def account(server, at_once):
    return connect(
        at_once,
        "mastodon",
        {"server": server.url, "token": "token-ternway", "accept_strangers": True},
        poll_seconds=0.1,
    )


@pytest.fixture
def maya(server) -> Client:
    return Client(access_token="token-maya", api_base_url=server.url, version_check_mode="none")


def below(client: Client, status) -> list[str]:
    return [one.content for one in client.account_statuses(900) if one.in_reply_to_id == status.id]


def test_from_a_strangers_post_to_the_closed_book(server, account, maya, tomas):
    assert server.policy["for_private_mentions"] == "accept"
    post = maya.status_post("@ternway my pushchair came back with a snapped frame")
    collects(account)
    case = Case.objects.get()
    assert (case.person.name, case.state) == ("Maya Lindqvist", Case.State.WAITING)

    answers(case, tomas, "I am so sorry, Maya. I’m Tomas, and I stay with you.")
    [seen] = [one for one in maya.notifications() if one.type == "mention"]
    assert seen.status.in_reply_to_id == post.id
    assert "I stay with you" in seen.status.content

    assert ways.reach_of(case).mechanism == "direct_visibility"
    invites(case, tomas, "Maya, I will write to you directly.")
    answers(case, tomas, "Is the left leg off completely?", private=True)
    direct = maya.notifications()[0].status
    assert (direct.visibility, direct.in_reply_to_id) == ("direct", post.id)

    maya.status_post("@ternway it is. My booking is TW-4471.", in_reply_to_id=direct.id, visibility="direct")
    collects(account)
    case.refresh_from_db()
    assert case.has_private
    said = case.messages.get(text__contains="TW-4471")
    assert said.private
    answers(case, tomas, "The desk in hall B has a loan one.", private=True)
    assert maya.notifications()[0].status.visibility == "direct"

    line = closes_the_book(case, tomas)
    assert case.state == Case.State.CLOSED
    assert maya.notifications()[0].status.visibility == "public"
    assert line.split()[0] in maya.notifications()[0].status.content
    collects(account)
    assert Case.objects.count() == 1
    assert Message.objects.filter(outbound=True).count() == 5  # the echoes of ours are ours
    assert not Message.objects.exclude(edited_at=None).exists()


def test_what_comes_twice_and_in_disorder_is_there_once(server, account, maya):
    for number in range(90):  # more than two pages
        maya.status_post(f"@ternway number {number}")
    collects(account, twice=True)
    collects(account, twice=True)
    assert Message.objects.count() == 90


def test_a_gap_of_any_length_is_read_again(server, account, maya):
    maya.status_post("@ternway before")
    collects(account)
    account.cursor["polled_at"] = "2026-01-01T00:00:00+00:00"
    account.save()
    for number in range(100):
        server.says("token-maya", f"@ternway while away {number}")
    batches = collects(account)
    assert batches[0].gap.startswith("since 01 Jan")
    assert batches[-1].gap == ""
    assert Message.objects.count() == 101


def test_edits_deletions_and_likes_are_seen(server, account, maya):
    post = maya.status_post("@ternway is it late?", spoiler_text="flights")
    gone = maya.status_post("@ternway never mind")
    collects(account)
    assert Message.objects.get(external_id=post.id).text.startswith("flights\n\n")
    maya.status_update(post.id, "@ternway is it cancelled?", spoiler_text="flights")
    maya.status_delete(gone.id)
    account.settings["recheck_seconds"] = 0.05
    account.save()
    time.sleep(0.1)
    found = Follower(account.connection(), account.cursor)._read_again()
    assert {one.event_key.split()[1] for one in found} == {str(post.id), str(gone.id)}
    kinds = [message.kind for one in found for message in account.network.read(one.raw, account.connection())]
    assert sorted(kinds) == ["deleted", "edited"]


def test_an_answer_of_ours_is_edited_liked_and_taken_back(server, account, maya, tomas):
    post = maya.status_post("@ternway hello")
    collects(account)
    answers(Case.objects.get(), tomas, "Good mroning.")
    ours = Message.objects.get(outbound=True)
    network, connection = account.network, account.connection()
    network.edit(connection, ours.external_id, "Good morning.", ours.facts)
    assert "Good morning." in maya.status(ours.external_id).content
    assert maya.status(ours.external_id).mentions[0].acct == "maya"
    correcting.like(Message.objects.get(outbound=False), by=tomas)
    assert maya.notifications()[0].type == "favourite"
    assert maya.notifications()[0].status.id == post.id
    network.withdraw(connection, ours.external_id, {})
    network.withdraw(connection, ours.external_id, {})
    assert ours.external_id not in server.statuses


def test_an_answer_is_never_wider_than_what_it_answers():
    for level, private, expected in [
        ("public", False, "public"), ("unlisted", False, "unlisted"), ("private", False, "private"),
        ("direct", False, "direct"), ("nonsense", False, "direct"), ("public", True, "direct"),
    ]:  # fmt: skip
        reply = OutgoingReply(
            "k", "private" if private else "public", "x", None, parent_facts={"level": level}
        )
        assert posting._level(reply) == expected


def test_links_count_23_and_the_domain_of_a_mention_nothing():
    assert posting.length("@lea@far.example see https://far.example/" + "x" * 300) == len("@lea see ") + 23


@pytest.mark.parametrize(
    "how", ["500 after", "reset after", "malformed", "truncated", "empty", "reset before"]
)
def test_an_answer_that_was_lost_makes_no_second_post(server, account, maya, tomas, how):
    maya.status_post("@ternway hello")
    collects(account)
    server.fails(how, on="POST /api/v1/statuses")
    row = answers(Case.objects.get(), tomas, "Good morning.")
    assert row.state == Reply.State.SENT
    assert sum("Good morning" in one["content"] for one in server.statuses.values()) == 1
    collects(account)
    assert Message.objects.filter(outbound=True).count() == 1


@pytest.mark.parametrize("how", ["429", "429 bare", "500 before"])
def test_a_server_that_asks_us_to_wait_is_waited_for(server, account, maya, tomas, how):
    maya.status_post("@ternway hello")
    collects(account)
    server.fails(how, on="POST /api/v1/statuses", times=2)
    row = answers(Case.objects.get(), tomas, "Good morning.")
    assert row.state == Reply.State.SENT
    assert sum("Good morning" in one["content"] for one in server.statuses.values()) == 1


def test_how_long_to_wait_is_what_the_server_says(server, account):
    server.fails("429", on="POST /api/v1/statuses", seconds=40)
    with pytest.raises(TryLater) as told:
        account.network.send(account.connection(), reply_to_maya())
    assert 35 < told.value.seconds < 45


def test_a_token_revoked_mid_send_holds_what_was_to_be_said(server, account, maya, tomas, at_once):
    maya.status_post("@ternway hello")
    collects(account)
    server.tokens.pop("token-ternway")
    row = answers(Case.objects.get(), tomas, "Good morning.")
    assert row.state == Reply.State.HELD
    with pytest.raises(NeedsReconnect):
        collects(account)
    server.tokens["token-ternway"] = "900"
    connect(at_once, "mastodon", {"server": server.url, "token": "token-ternway"})
    leaves()
    row.refresh_from_db()
    assert row.state == Reply.State.SENT


@pytest.mark.parametrize("how", ["malformed", "truncated", "empty", "reset after", "500 after", "429"])
def test_a_page_that_came_to_harm_is_asked_for_again(server, account, maya, how):
    maya.status_post("@ternway hello")
    server.fails(how, on="GET /api/v1/notifications")
    with pytest.raises(TryLater):
        collects(account)
    http._waits.clear()
    collects(account)
    assert Message.objects.count() == 1


def test_what_is_gone_or_too_long_is_said_to_the_author(server, account, maya):
    with pytest.raises(Refused) as told:
        account.network.send(account.connection(), reply_to_maya(text="x" * 600))
    assert told.value.code == "too_long"
    with pytest.raises(Unsure):
        account.network.find_sent(account.connection(), reply_to_maya())


def test_the_stream_tells_of_a_deletion_at_once(server, at_once, maya):
    sent = threading.Event()

    def speak(socket):
        assert socket.request.headers["authorization"] == "Bearer token-ternway"
        socket.send(":thump")
        socket.send(json.dumps({"stream": ["user"], "event": "delete", "payload": "117020580452511285"}))
        sent.set()
        time.sleep(1)

    with serve(speak, "127.0.0.1", 0) as streaming:
        threading.Thread(target=streaming.serve_forever, daemon=True).start()
        server.streaming = f"ws://localhost:{streaming.socket.getsockname()[1]}"
        account = connect(
            at_once, "mastodon", {"server": server.url, "token": "token-ternway"}, poll_seconds=60
        )
        found = []

        async def listen():
            async for batch in account.network.collect(account.connection(), {}):
                found.extend(batch.envelopes)
                if found:
                    return

        looping.run(asyncio.wait_for(listen(), 10))
    assert sent.is_set()
    assert found[0].event_key == "status 117020580452511285 gone"


def test_html_becomes_text_with_whole_links_and_handles():
    said = plain(
        '<p>Hi <a class="u-url mention" href="https://h/@a">@<span>a</span></a><br>see <a href="https://long.example/x">'
        '<span class="invisible">https://</span><span class="ellipsis">long.ex</span></a> &amp; '
        '<a href="https://h/tags/x" class="mention hashtag">#x</a></p><p>two<script>alert(1)</script></p>',
        {"https://h/@a": "a@h"},
    )  # fmt: skip
    assert said == "Hi @a@h\nsee https://long.example/x & #x\n\ntwo"


def reply_to_maya(**given) -> OutgoingReply:
    told = {"key": "k", "visibility": "public", "text": "Good morning.", "to": Author("x", "maya@localhost")}
    return OutgoingReply(**{**told, **given})


def test_a_form_says_what_is_wrong(server):
    form_class = Mastodon().connect_form()
    form = form_class({"server": server.url, "token": "no such"})
    assert form.is_valid()
    with pytest.raises(Exception, match="does not know this token"):
        form.connected()
    assert not form_class({"server": "http://169.254.169.254", "token": "x"}).is_valid()
