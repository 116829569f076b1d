"""What is refused, and how: clearly, never with a 500, and nothing is stored."""

from __future__ import annotations

import uuid

import pytest

from hark.channels.models import Delivery
from hark.visits import limits

from .conftest import SITE, Visitor, connect, take_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b'"x"', 422),
        (b"\xff\xfe", 422),
        (b'{"client_id": "x"}', 422),
        (b'{"client_id": "12345678", "text": 1}', 422),
        (b'{"client_id": "12345678", "text": ""}', 422),
        (b'{"client_id": "12345678", "text": " \\n "}', 422),
        (b'{"client_id": "short", "text": "Hello"}', 422),
        (b'{"client_id": "1234567/", "text": "Hello"}', 422),
        (b'{"client_id": "12345678", "text": "Hello", "page": {"url": 1}}', 422),
        (b'{"client_id": "12345678", "text": "' + b"x" * 10_001 + b'"}', 413),
        (b'{"client_id": "12345678", "text": "' + b"x" * 170_000 + b'"}', 413),
        (b"[" * 30_000, 422),
    ],
)
def test_a_body_that_can_not_be_a_message(visitor, body, status):
    visitor.begins()
    answer = visitor.asks("POST", "messages", body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "\0",
        "a\0b",
        "\u202e",
        "😀" * 9_999,
        "'; DROP TABLE cases_message; --",
        "{{ 7 * 7 }}",
        "\\",
    ],
)
def test_odd_texts_are_kept(visitor, text):
    assert visitor.says(text).status_code == 200
    take_in()
    assert visitor.sees() == [("in", text.replace("\0", "\ufffd"))]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://[", "data:text/html,x", "https://u:p@a.example/x?y"]
)
def test_the_page_is_an_address_or_nothing(visitor, url):
    assert visitor.says("Hello", page={"url": url, "title": "x" * 5000}).status_code == 200
    take_in()
    raw = bytes(Delivery.objects.get().raw)
    assert b"javascript:" not in raw
    assert b"data:" not in raw
    assert b"u:p@" not in raw


@pytest.mark.parametrize(
    "after", ["x", "0", "2026-01-01", "0001-01-01T00:00:00%2B00:00", "9999-12-31T23:59:59-12:00"]
)
def test_a_cursor_that_is_none(visitor, after):
    visitor.begins()
    assert visitor.asks("GET", f"events?after={after}").status_code in (200, 422)


@pytest.mark.parametrize("key", ["", "nope", "x" * 65, "\0", "é"])
def test_an_unknown_chat(webchat, key):
    assert Visitor(webchat).asks("POST", "sessions", {"key": key}).status_code == 404


def test_the_hook_key_of_another_network_is_no_chat(practice):
    assert Visitor(practice.account).begins().status_code == 404


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (SITE, 200),
        ("http://testserver", 200),
        ("https://evil.example", 403),
        ("https://www.ternway.example.evil.example", 403),
        ("http://www.ternway.example", 403),
        ("https://www.ternway.example:8443", 403),
        ("null", 403),
    ],
)
def test_only_the_sites_of_the_account_may_ask(webchat, origin, status):
    visitor = Visitor(webchat)
    asked = {"key": webchat.hook_key}
    answer = visitor.asks("POST", "sessions", asked, headers={"Origin": origin})
    assert answer.status_code == status
    visitor.begins()
    line = {"client_id": str(uuid.uuid4()), "text": "Hello"}
    assert visitor.asks("POST", "messages", line, headers={"Origin": origin}).status_code == status


def test_the_token_of_one_brand_opens_nothing_at_another(visitor, nordhav):
    visitor.says("Hello")
    take_in()
    stranger = Visitor(connect(nordhav))
    stranger.token = visitor.token
    answer = stranger.begins()
    assert answer.json()["events"] == []
    assert answer.json()["token"] != visitor.token


def test_too_many_messages_of_one_session(visitor, still):
    visitor.begins()
    for number in range(limits.MESSAGES_OF_SESSION.most):
        assert visitor.says(f"Line {number}").status_code == 200
    answer = visitor.says("One too many")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= limits.MESSAGES_OF_SESSION.seconds
    assert Delivery.objects.count() == limits.MESSAGES_OF_SESSION.most


def test_too_many_sessions_of_one_address(webchat, still):
    for _ in range(limits.NEW_SESSIONS.most):
        assert Visitor(webchat).begins().status_code == 200
    assert Visitor(webchat).begins().status_code == 429
    elsewhere = Visitor(webchat)
    asked = {"key": webchat.hook_key}
    assert elsewhere.asks("POST", "sessions", asked, REMOTE_ADDR="198.51.100.7").status_code == 200


def test_guessing_tokens_ends_soon(webchat, still):
    nobody = Visitor(webchat)
    statuses = []
    for number in range(limits.UNKNOWN_TOKENS.most + 3):
        nobody.token = f"guess-{number}"
        statuses.append(nobody.asks("GET", "events").status_code)
    assert statuses[-1] == 429
    assert set(statuses) == {401, 429}


def test_an_ipv6_home_counts_as_one(rf):
    one = rf.get("/", REMOTE_ADDR="2001:db8:1:2:3:4:5:6")
    other = rf.get("/", REMOTE_ADDR="2001:db8:1:2:ffff::1")
    assert limits.address_of(one) == limits.address_of(other) == "2001:db8:1:2::/64"
    assert limits.address_of(rf.get("/", REMOTE_ADDR="nonsense")) == "unknown"


@pytest.mark.parametrize(("method", "path"), [("GET", "sessions"), ("PUT", "messages"), ("POST", "events")])
def test_other_methods(visitor, method, path):
    visitor.begins()
    assert visitor.asks(method, path, {}).status_code == 405
