"""A server that misbehaves never makes two posts, never loses one, and never shows a traceback."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hark.channels import http
from hark.channels.base import (
    Author,
    Connection,
    NeedsReconnect,
    OutgoingFile,
    OutgoingReply,
    Refused,
    TryLater,
    Unsure,
)
from hark.channels.contract import FOUR, outcome
from hark.channels.networks.bluesky import api, messages
from hark.channels.networks.bluesky.adapter import Bluesky
from hark.channels.networks.bluesky.chats import Chats
from hark.channels.networks.bluesky.progress import Progress
from hark.channels.networks.bluesky.sessions import Session
from hark.web import outbound

network = Bluesky()
DID = "did:plc:ternwayternwayternwayter"
MAYA = Author("did:plc:mayamayamayamayamayamaya", "maya.test")
PARENT = f"at://{MAYA.external_id}/app.bsky.feed.post/3n32uo5deuk2f"
FACTS = {"uri": PARENT, "cid": "bafyabc", "root_uri": PARENT, "root_cid": "bafyabc"}
CREATE, SEND = "com.atproto.repo.createRecord", "chat.bsky.convo.sendMessage"
GOOD = {
    "app.bsky.feed.getPosts": {"posts": [{"uri": PARENT, "viewer": {}}]},
    "com.atproto.repo.getRecord": {"uri": PARENT, "cid": "bafyabc", "value": {"text": "x"}},
    "com.atproto.identity.resolveHandle": {"did": MAYA.external_id},
    "com.atproto.server.createSession": {"accessJwt": "new", "refreshJwt": "new", "did": DID},
    "com.atproto.server.refreshSession": {"accessJwt": "new", "refreshJwt": "new", "did": DID},
    "chat.bsky.convo.getConvoForMembers": {"convo": {"id": "c1"}},
    "chat.bsky.convo.getConvoAvailability": {"canChat": True},
    "chat.bsky.convo.getMessages": {"messages": []},
    CREATE: {"uri": f"at://{DID}/app.bsky.feed.post/3n32uo7nprk2f", "cid": "bafyown"},
    SEND: {"id": "m1", "sentAt": "2026-11-20T10:00:00Z"},
}
NOT_FOUND = (400, {"error": "RecordNotFound", "message": "Could not locate record"})


class Server:
    """Answers as told: `say[nsid]` is (status, body), bytes, "hang" or "close"; else what is good."""

    def __init__(self) -> None:
        self.say: dict[str, object] = {}
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.rfile.read(int(self.headers.get("content-length") or 0))
                nsid = self.path.partition("?")[0].removeprefix("/xrpc/")
                outer.asked.append(nsid)
                told = outer.say.get(nsid, (200, GOOD.get(nsid, {})))
                if told == "hang":
                    time.sleep(3)
                if told in ("hang", "close"):
                    self.close_connection = True
                    return
                status, body = told if isinstance(told, tuple) else (200, told)
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {**outer.headers, "content-length": str(len(raw))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def do_POST(self):
                self.do_GET()

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def account(self) -> Connection:
        credentials = {
            "pds": f"http://localhost:{self.http.server_port}", "password": "abcd", "access": "old", "refresh": "old",
        }  # fmt: skip
        return Connection(1, DID, "ternway.test", credentials, {}, Bluesky.can)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    monkeypatch.setattr(http, "_client", cache(lambda: outbound.client(timeout=1)))
    monkeypatch.setattr(messages, "SETTLE_SECONDS", 0)
    found = Server()
    yield found
    found.http.shutdown()
    found.http.server_close()


def post(**options) -> OutgoingReply:
    given = {"key": "k1", "visibility": "public", "text": "We are sorry.", "to": MAYA, "parent": PARENT}
    return OutgoingReply(**{**given, "parent_facts": FACTS, "queued_at": datetime.now(UTC), **options})


def message(**options) -> OutgoingReply:
    return post(**{"visibility": "private", "parent": "", "parent_facts": {}, "thread": "c1", **options})


@pytest.mark.parametrize(
    "trouble", ["hang", "close", (500, {}), (502, {"error": "UpstreamFailure"}), (200, b"<html>"), (200, [])]
)
@pytest.mark.parametrize(("write", "nsid"), [(post, CREATE), (message, SEND)])
def test_when_the_answer_is_lost_nobody_claims_to_know(server, write, nsid, trouble):
    server.say = {nsid: trouble, "com.atproto.repo.getRecord": NOT_FOUND}
    with pytest.raises(Unsure):
        network.send(server.account, write())
    assert server.asked.count(nsid) == 1, "a call that may have worked is not made twice"


@pytest.mark.parametrize("trouble", ["hang", "close", (500, {}), (429, {}), (200, b"]["), (200, {})])
@pytest.mark.parametrize(
    ("write", "nsid"),
    [(post, "com.atproto.repo.getRecord"), (message, "chat.bsky.convo.getConvoForMembers")],
)
def test_before_anything_was_sent_trouble_means_later(server, write, nsid, trouble):
    server.say = {nsid: trouble}
    lacking = {"parent_facts": {}} if write is post else {"thread": ""}
    with pytest.raises((TryLater, Refused)) as failure:
        network.send(server.account, write(**lacking))
    assert isinstance(failure.value, TryLater) or trouble == (200, {})
    assert CREATE not in server.asked
    assert SEND not in server.asked


def test_a_post_whose_answer_was_lost_but_is_there_counts_as_sent(server):
    server.say = {CREATE: (500, {"error": "InternalServerError"})}
    receipt = network.send(server.account, post())
    assert receipt.facts["cid"] == "bafyabc"


def test_whoever_is_asked_to_wait_makes_no_further_call(server):
    server.say = {"app.bsky.feed.getPosts": (429, {})}
    with pytest.raises(TryLater):
        network.send(server.account, post())
    assert CREATE not in server.asked


def test_a_look_after_a_lost_answer_that_is_told_to_wait_says_for_how_long(server):
    server.say = {CREATE: (500, {}), "com.atproto.repo.getRecord": (429, {})}
    server.headers = {"retry-after": "70"}
    with pytest.raises(Unsure) as failure:
        network.send(server.account, post())
    assert failure.value.seconds == 70


@pytest.mark.parametrize(
    ("told", "failure", "says"),
    [
        ((400, {"error": "InvalidRequest", "message": "bad facet"}), Refused, "bad facet"),
        ((413, {}), Refused, "too large"),
        ((401, {"error": "AccountTakedown", "message": "taken down"}), NeedsReconnect, "taken down"),
        ((429, {}), TryLater, "slow down"),
    ],
)
def test_what_the_server_says_is_told(server, told, failure, says):
    server.say = {CREATE: told, "com.atproto.repo.getRecord": NOT_FOUND}
    with pytest.raises(failure, match=says):
        network.send(server.account, post())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "x" * 301}, "301 characters"),
        ({"text": "👩‍👩‍👧‍👧" * 130}, "bytes"),
        ({"text": " "}, "nothing to send"),
        ({"files": (OutgoingFile("a.png", "image/png", b"x", ""),)}, "no description"),
        ({"files": (OutgoingFile("a.pdf", "application/pdf", b"x", "a"),)}, "not a picture"),
        ({"files": (OutgoingFile("a.png", "image/png", b"x" * 2_000_001, "a"),)}, "2 MB"),
        ({"files": (OutgoingFile("a.png", "image/png", b"x", "a"),) * 5}, "4 pictures"),
    ],
)
def test_what_bluesky_would_not_take_is_refused_before_anything_is_asked(server, change, said):
    with pytest.raises(Refused, match=said):
        network.send(server.account, post(**change))
    assert server.asked == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("BlockedActor", "blocked"),
        ("MessagesDisabled", "no direct messages"),
        ("NotFollowedBySender", "they follow"),
        ("ConvoLocked", "locked"),
        ("RecipientNotFound", "no longer there"),
    ],
)
def test_who_can_not_be_written_to_is_told_with_the_reason(server, name, says):
    server.say = {SEND: (400, {"error": name, "message": "no"})}
    with pytest.raises(Refused, match=says) as refusal:
        network.send(server.account, message())
    assert refusal.value.code == "recipient_unreachable"


def test_a_spent_token_is_renewed_and_the_call_made_again(server):
    server.say = {SEND: (400, {"error": "ExpiredToken", "message": "Token has expired"})}

    with pytest.raises(NeedsReconnect):
        network.send(server.account, message())
    assert server.asked == [SEND, "com.atproto.server.refreshSession", SEND]


def test_a_spent_refresh_token_falls_back_on_the_app_password(server):
    server.say = {
        SEND: (401, {"error": "InvalidToken"}),
        "com.atproto.server.refreshSession": (400, {"error": "ExpiredToken"}),
        "com.atproto.server.createSession": (
            401,
            {"error": "AuthenticationRequired", "message": "Invalid password"},
        ),
    }
    with pytest.raises(NeedsReconnect, match="Invalid password"):
        network.send(server.account, message())


def test_the_wait_is_read_from_the_servers_own_clock(server):
    server.say = {SEND: (429, {"error": "RateLimitExceeded"})}
    server.headers = {
        "ratelimit-limit": "3000", "ratelimit-remaining": "0", "ratelimit-policy": "3000;w=300",
        "ratelimit-reset": str(int(time.time()) + 120),
    }  # fmt: skip
    with pytest.raises(TryLater) as later:
        network.send(server.account, message())
    assert 115 <= later.value.seconds <= 125


def test_a_nearly_used_allowance_makes_the_polls_rest(server):
    server.headers = {
        "ratelimit-limit": "3000",
        "ratelimit-remaining": "20",
        "ratelimit-reset": str(int(time.time()) + 60),
    }
    assert 55 <= api.query(server.account.credentials["pds"], "x.y.z", {}).pause_seconds <= 65
    server.headers["ratelimit-remaining"] = "2000"
    assert api.query(server.account.credentials["pds"], "x.y.z", {}).pause_seconds == 0


ODD = [{}, [], None, 7, "x", {"posts": 7}, {"posts": [7]}, {"posts": [{"viewer": 7}]}, {"convo": 7}, {"convo": {}},
       {"messages": [7]}, {"messages": [{"sentAt": 7}]}, {"uri": 7}, {"uri": "at://x", "cid": []}, {"id": None},
       {"value": 7, "cid": "b", "uri": "u"}, {"canChat": "yes"}, {"did": 7}, {"accessJwt": 7}]  # fmt: skip


@pytest.mark.parametrize("body", ODD, ids=json.dumps)
def test_answers_of_another_shape_end_in_one_of_the_four(server, body):
    server.say = dict.fromkeys(GOOD, (200, body))
    account = server.account
    verbs = [network.send, network.find_sent]
    for write in (post(), post(parent_facts={}), message(), message(thread=""), post(text="hi @maya.test")):
        for verb in verbs:
            found = outcome(verb, account, write)
            assert found is None or isinstance(found, FOUR) or found.external_id
    for verb in (
        lambda: network.like(account, PARENT, {}),
        lambda: network.withdraw(account, f"at://{DID}/app.bsky.feed.post/3n32uo7nprk2f", {}),
        lambda: network.reach(account, MAYA, {}),
    ):
        outcome(verb)


def test_a_group_conversation_is_left_out(server):
    """An answer meant for one of them would be read by all. (The test network's stand-in knows pairs only.)"""
    kind = "chat.bsky.convo.defs#"
    entries = [
        {
            "$type": kind + "logCreateMessage", "rev": f"r{convo}", "convoId": convo,
            "message": {"id": f"m{convo}", "sender": {"did": MAYA.external_id}, "sentAt": "2026-11-20T10:00:00Z", "text": convo},
        }
        for convo in ("pair", "crowd")
    ]  # fmt: skip
    members = {"pair": 2, "crowd": 3}
    session = Session(server.account)
    progress = Progress({})
    for convo, entry in zip(members, entries, strict=True):
        server.say = {
            "chat.bsky.convo.getLog": (200, {"logs": [entry], "cursor": entry["rev"]}),
            "chat.bsky.convo.getConvo": (200, {"convo": {"id": convo, "members": [{}] * members[convo]}}),
        }
        found, _ = Chats(session, progress).news()
        assert bool(found) == (convo == "pair")
        assert progress.log == entry["rev"]
