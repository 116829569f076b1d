"""The short way in: what is plain is answered at the door, let in or turned away, and the connection goes on."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hark.channels import doorman, edge
from hark.channels.models import Delivery
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


def test_a_plain_hook_is_stored_without_an_asgi_request(practice, line, monkeypatch):
    monkeypatch.setattr(edge, "receive", lambda *_: pytest.fail("no request is made of what is plain"))
    for number in (8, 9):
        line.sendall(post(practice, number))
        status, head = answer(line)
        assert (status, b"\r\ndate: " in head, b"retry-after" in head) == (200, True, False)
    line.sendall(post(practice, 9).replace(b"Hello", b"Hallo"))
    assert answer(line)[0] == 401
    assert sorted(Delivery.objects.values_list("event_key", flat=True)) == ["e8", "e9"]


def test_what_comes_while_the_first_is_being_stored_has_its_answer_after_it(practice, line):
    with writing_stopped():
        line.sendall(post(practice, 10))
        time.sleep(0.2)
        line.sendall(post(practice, 11).replace(b"Hello", b"Hallo"))
        time.sleep(0.2)
        line.sendall(post(practice, 12))
        time.sleep(0.2)
    assert [answer(line)[0] for _ in range(3)] == [200, 401, 200]
    assert sorted(Delivery.objects.values_list("event_key", flat=True)) == ["e10", "e12"]


def test_whoever_is_inside_when_hark_stops_has_its_answer_first(practice):
    edge.edge.doors.clear()
    with ExitStack() as running:
        address = urlsplit(running.enter_context(hark()))
        with socket.create_connection((address.hostname, address.port), 10) as line:
            with writing_stopped() as go_on:
                line.sendall(post(practice, 13))
                time.sleep(0.2)
                threading.Timer(0.4, go_on).start()
                running.close()
            assert answer(line)[0] == 200
            assert line.recv(1) == b""
    assert Delivery.objects.get().event_key == "e13"


def test_a_line_that_rests_after_an_event_is_ended_but_not_while_it_is_being_stored(
    impatient, line, practice
):
    with writing_stopped():
        line.sendall(post(practice, 14))
        time.sleep(1)
    assert answer(line)[0] == 200
    began = time.monotonic()
    assert line.recv(1) == b""
    assert time.monotonic() - began < 2


@contextmanager
def writing_stopped() -> Iterator[Callable[[], None]]:
    """No delivery can be written until this is over, or what it gives is called."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("LOCK TABLE channels_delivery IN SHARE MODE")
        yield other.rollback


def test_those_who_were_let_in_a_moment_ago_take_up_room(practice, monkeypatch):
    """Before the first of them has had its turn: all came at once."""
    edge.edge.doors.clear()
    monkeypatch.setattr(edge, "INSIDE_LIMIT", 3)
    with hark() as address, ExitStack() as lines, writing_stopped():
        where = (urlsplit(address).hostname, urlsplit(address).port)
        crowd = [lines.enter_context(socket.create_connection(where, 10)) for _ in range(8)]
        for number, line in enumerate(crowd):
            line.sendall(post(practice, 20 + number))
        time.sleep(0.5)
        assert edge.edge.inside == 3
        turned_away = [answer(line)[0] for line in crowd if select.select([line], [], [], 0)[0]]
        assert turned_away == [503] * 5
    assert edge.edge.inside == 0
