"""Too much at once: who is turned away hears it at the door, and the connection goes on."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hark.channels import doorman, edge
from hark.channels.models import Delivery
from tests import looping
from tests.networks.desk import until
from tests.serving import hark

pytestmark = pytest.mark.django_db(transaction=True)
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@pytest.fixture
def line(practice) -> Iterator[socket.socket]:
    """A connection to a running Hark."""
    edge.edge.doors.clear()
    with (
        hark() as address,
        socket.create_connection((urlsplit(address).hostname, urlsplit(address).port), 10) as made,
    ):
        yield made


def post(practice, number: int) -> bytes:
    body = json.dumps(
        {"key": f"e{number}", "id": f"m{number}", "at": "2026-01-05T10:00:00Z", "text": "Hello"}
    ).encode()
    signature = hmac.new(b"practice-secret", body, hashlib.sha256).hexdigest()
    head = (
        f"POST /hooks/{practice.account.hook_key} HTTP/1.1\r\nHost: hark\r\nX-Hark-Signature: {signature}\r\n"
    )
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def answer(line: socket.socket) -> tuple[int, bytes]:
    """Status and head of one answer."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += line.recv(1)
    left = int(LENGTH.search(got)[1])
    while left:
        left -= len(line.recv(left))
    return int(got[9:12]), got.lower()


def test_who_is_turned_away_comes_again_on_the_same_connection(practice, line, monkeypatch):
    with monkeypatch.context() as crowd:
        crowd.setattr(edge, "INSIDE_LIMIT", 0)
        crowd.setattr(edge, "receive", lambda *_: pytest.fail("no request is made of what is turned away"))
        for _ in range(3):
            line.sendall(post(practice, 1))
            status, head = answer(line)
            assert (status, b"\r\nretry-after: 1\r\n" in head) == (503, True)
    assert not Delivery.objects.exists()

    line.sendall(post(practice, 1))
    assert answer(line)[0] == 200
    assert Delivery.objects.get().event_key == "e1"


def test_what_comes_in_pieces_is_refused_as_well_and_leaves_the_connection_whole(practice, line, monkeypatch):
    whole = post(practice, 2)
    with monkeypatch.context() as crowd:
        crowd.setattr(edge, "INSIDE_LIMIT", 0)
        for piece in (whole[:40], whole[40:-10], whole[-10:]):
            line.sendall(piece)
        status, head = answer(line)
        assert (status, b"\r\nretry-after: 1\r\n" in head) == (503, True)
    line.sendall(whole)
    assert answer(line)[0] == 200


def test_two_requests_in_one_piece_are_two_answers(practice, line):
    line.sendall(post(practice, 3) + post(practice, 4))
    assert [answer(line)[0], answer(line)[0]] == [200, 200]


def test_a_body_that_looks_like_a_request_is_a_body(practice, line):
    """The rest of a request under way is never taken for another one."""
    inner = post(practice, 5)
    head = b"POST /hooks/nobody HTTP/1.1\r\nHost: hark\r\nContent-Length: %d\r\n\r\n" % len(inner)
    line.sendall(head)
    line.sendall(inner)
    assert answer(line)[0] == 404
    assert not Delivery.objects.exists()


def test_pages_are_not_turned_away(line, monkeypatch):
    monkeypatch.setattr(edge, "INSIDE_LIMIT", 0)
    line.sendall(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert answer(line)[0] == 200


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Lines that rest are ended after 0.4 s instead of 5."""

    def made(self: doorman.Doorman, transport: asyncio.Transport) -> None:
        HttpToolsProtocol.connection_made(self, transport)
        self.timeout_keep_alive = 0.4

    monkeypatch.setattr(doorman.Doorman, "connection_made", made)


def test_who_was_turned_away_a_moment_ago_is_not_hung_up_on(impatient, line, practice, monkeypatch):
    """A line that rests is ended after some seconds, counted from the last answer whatever it was."""
    monkeypatch.setattr(edge, "INSIDE_LIMIT", 0)
    for _ in range(5):
        line.sendall(post(practice, 6))
        assert answer(line)[0] == 503
        time.sleep(0.2)
    began = time.monotonic()
    assert line.recv(1) == b""  # nobody speaks: it ends
    assert time.monotonic() - began < 2


def test_every_refusal_at_the_door_is_counted(line, practice, monkeypatch):
    monkeypatch.setattr(edge, "INSIDE_LIMIT", 0)
    before = edge.REFUSED._value.get()
    for _ in range(3):
        line.sendall(post(practice, 7))
        answer(line)
    until(lambda: edge.REFUSED._value.get() == before + 3, "three refusals")


def test_those_who_were_let_in_a_moment_ago_take_up_room_until_they_are_inside(monkeypatch):
    monkeypatch.setattr(edge, "INSIDE_LIMIT", 5)

    async def crowd():
        first = [edge.edge.lets_in() for _ in range(8)]
        await asyncio.sleep(0)
        return first, edge.edge.lets_in()

    assert looping.run(crowd()) == ([True] * 5 + [False] * 3, True)


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"POST /hooks/x HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi", True),
        (b"POST /hooks/x HTTP/1.1\r\ncontent-length:2\r\nA: b\r\n\r\nhi", True),
        (b"POST /hooks/x HTTP/1.1\r\nContent-Length: 3\r\n\r\nhi", False),
        (b"POST /hooks/x HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi!", False),
        (b"POST /hooks/x HTTP/1.1\r\nX: content-length: 2\r\n\r\nhi", False),
        (b"POST /hooks/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", False),
        (b"POST /hooks/x HTTP/1.1\r\nContent-Length: 2\r\n", False),
    ],
)
def test_only_a_whole_request_is_answered_at_the_door(data, whole):
    assert doorman.is_whole(data) is whole
