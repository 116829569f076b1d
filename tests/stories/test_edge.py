"""Webhooks arrive: stored before they are acknowledged, or refused in so many words."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
import json

import pytest
from django.db import OperationalError

from hark.channels import edge, writer
from hark.channels.models import Account, Delivery
from tests import looping

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "practice-secret"


@pytest.fixture
def door(practice):
    edge.edge.doors.clear()
    return practice.account.hook_key


def event(number, **more):
    return {"key": f"e{number}", "id": f"m{number}", "at": "2026-01-05T10:00:00Z", "text": "Hello"} | more


def signed(body, secret=SECRET):
    return [(b"x-hark-signature", hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode())]


async def call(path, body, headers, *, method="POST", chunks=None):
    sent = []
    waiting = list(chunks or [body])

    async def receive():
        chunk = waiting.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": f"/hooks/{path}", "raw_path": f"/hooks/{path}".encode(),
        "query_string": b"", "headers": headers,
    }  # fmt: skip
    await edge.receive(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def deliver(*requests):
    """Run requests (path, body, headers) side by side against one edge, and give their answers."""

    async def together():
        await edge.start()
        try:
            return await asyncio.gather(*(call(*request) for request in requests))
        finally:
            await edge.stop()

    return looping.run(together())


def test_a_signed_event_is_stored_exactly_as_it_came_and_then_acknowledged(door):
    body = json.dumps(event(1, text="Olá 😀")).encode()
    [(status, _, _)] = deliver((door, body, signed(body)))

    assert status == 200
    delivery = Delivery.objects.get()
    assert (bytes(delivery.raw), delivery.event_key, delivery.state) == (body, "e1", Delivery.State.WAITING)


def test_many_at_once_and_twice_are_stored_once_each(door):
    bodies = [json.dumps(event(n)).encode() for n in range(240)]
    answers = deliver(*[(door, body, signed(body)) for body in bodies * 2])

    assert {status for status, _, _ in answers} == {200}
    assert Delivery.objects.count() == 240


def test_a_batch_is_split_into_its_events(door):
    body = json.dumps({"events": [event(n) for n in range(1000)]}).encode()
    [(status, _, _)] = deliver((door, body, signed(body)))
    assert (status, Delivery.objects.count()) == (200, 1000)


def test_many_who_ask_at_once_share_one_look_at_the_account(door, monkeypatch):
    looked = []
    find = edge._find_door
    monkeypatch.setattr(edge, "_find_door", lambda key: looked.append(key) or find(key))
    bodies = [json.dumps(event(n)).encode() for n in range(40)]
    answers = deliver(*[(door, body, signed(body)) for body in bodies])
    assert {status for status, _, _ in answers} == {200}
    assert looked == [door]


def test_a_door_in_use_is_looked_up_before_it_is_forgotten_and_nobody_waits(door, monkeypatch):
    body = json.dumps(event(1)).encode()
    deliver((door, body, signed(body)))
    known = edge.edge.doors[door]
    monkeypatch.setattr(edge, "AHEAD_SECONDS", edge.REMEMBER_SECONDS + 1)
    deliver((door, body, signed(body)))
    assert edge.edge.doors[door] is known or edge.edge.doors[door].until > known.until

    def away(key):
        raise OperationalError("the database is away")

    monkeypatch.setattr(edge, "_find_door", away)
    [(status, _, _)] = deliver((door, body, signed(body)))
    assert status == 200  # by the door that is still known
    edge.edge.doors[door].until = 0
    [(status, _, _)] = deliver((door, body, signed(body)))
    assert status == 503


@pytest.mark.parametrize(
    "headers",
    [
        lambda body: [],
        lambda body: signed(body, "another secret"),
        lambda body: signed(body + b" "),
        lambda body: signed(body) * 2,
        lambda body: [(b"x-hark-signature", b"")],
    ],
)
def test_a_forged_request_is_refused_and_stores_nothing(door, headers):
    body = json.dumps(event(1)).encode()
    [(status, _, _)] = deliver((door, body, headers(body)))
    assert (status, Delivery.objects.count()) == (401, 0)


def test_the_secret_before_still_opens_during_a_rotation(door):
    account = Account.objects.get()
    account.seal({"hook_secret": "new", "hook_secret_before": SECRET})
    account.save()
    body = json.dumps(event(1)).encode()
    assert [
        status for status, _, _ in deliver((door, body, signed(body)), (door, body, signed(body, "new")))
    ] == [200, 200]


def test_a_new_secret_opens_the_door_that_was_known_with_the_old_one(door, monkeypatch):
    monkeypatch.setattr(edge, "LOOK_AGAIN_SECONDS", 0)
    body = json.dumps(event(1)).encode()
    deliver((door, body, signed(body)))
    account = Account.objects.get()
    account.seal({"hook_secret": "new"})
    account.save()
    [(status, _, _)] = deliver((door, body, signed(body, "new")))
    assert status == 200


def test_an_unknown_or_disconnected_account_has_no_door(door):
    body = json.dumps(event(1)).encode()
    Account.objects.update(disconnected_at="2026-01-01T00:00:00Z")
    answers = deliver((door, body, signed(body)), ("nobody", body, signed(body)), ("\0", body, signed(body)))
    assert {(status, text) for status, _, text in answers} == {(404, b"no such hook")}


def test_a_signed_body_that_cannot_be_split_is_kept_whole_and_shown(door):
    body = b'{"events": [{"key": "a", '
    deliver((door, body, signed(body)), (door, body, signed(body)))

    [kept] = Delivery.objects.all()
    assert (kept.state, bytes(kept.raw)) == (Delivery.State.UNREADABLE, body)
    assert kept.problem


def test_too_large_and_compressed_bodies_are_refused_before_they_are_read(door):
    big = b"x" * (edge.BODY_LIMIT + 1)
    packed = gzip.compress(json.dumps(event(1)).encode())
    [large, zipped] = deliver(
        (door, big, signed(big)), (door, packed, [*signed(packed), (b"content-encoding", b"gzip")])
    )
    assert (large[0], zipped[0], Delivery.objects.count()) == (413, 415, 0)


def test_a_full_queue_says_when_to_come_again(door, monkeypatch):
    monkeypatch.setattr(writer, "QUEUE_LIMIT", 0)
    body = json.dumps(event(1)).encode()
    [(status, headers, _)] = deliver((door, body, signed(body)))
    assert (status, headers[b"retry-after"]) == (503, b"1")


def test_more_than_a_seconds_work_at_once_is_refused_and_the_rest_is_stored(door, monkeypatch):
    monkeypatch.setattr(edge, "INSIDE_LIMIT", 5)
    bodies = [json.dumps(event(number)).encode() for number in range(20)]
    answers = deliver(*((door, body, signed(body)) for body in bodies))
    refused = [headers for status, headers, _ in answers if status == 503]
    assert len(refused) == 15
    assert all(headers[b"retry-after"] == b"1" for headers in refused)
    assert Delivery.objects.count() == 5
    assert edge.edge.inside == 0


def test_without_a_database_nothing_is_acknowledged_and_later_everything_is(door, monkeypatch):
    body = json.dumps(event(1)).encode()

    def gone(*_args, **_kwargs):
        raise edge.psycopg.OperationalError("gone")

    with monkeypatch.context() as away:
        away.setattr(writer, "commit", gone)
        [(status, headers, _)] = deliver((door, body, signed(body)))
    assert (status, headers[b"retry-after"], Delivery.objects.count()) == (503, b"1", 0)
    [(status, _, _)] = deliver((door, body, signed(body)))
    assert (status, Delivery.objects.count()) == (200, 1)


def test_an_event_the_database_refuses_does_not_hurt_its_neighbours(door):
    good, bad = json.dumps(event(1)).encode(), json.dumps(event("\ud800")).encode()
    answers = deliver((door, good, signed(good)), (door, bad, signed(bad)))
    assert answers[0][0] == 200
    assert Delivery.objects.filter(event_key="e1").exists()
    assert Delivery.objects.count() == 2  # the other is kept too, readable or not
