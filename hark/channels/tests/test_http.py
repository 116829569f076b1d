"""Calls to networks: how long to wait is read from every header that networks use, and secrets stay out of the log."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
import structlog

from hark.channels import http
from hark.channels.base import Connection, NeedsReconnect, Refused, TryLater, Unsure
from hark.channels.registry import network_of
from tests.networks.kit import Call, Say, StandIn, route

NOW = 1_795_000_000.0
DATE = format_datetime(datetime.fromtimestamp(NOW, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        (
            {
                "date": DATE,
                "retry-after": format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True),
            },
            91,
        ),
        ({"date": DATE, "x-rate-limit-reset": str(int(NOW) + 300)}, 301),  # X
        ({"date": DATE, "x-ratelimit-reset": "2026-11-18T16:27:20.000Z"}, http.LONGEST_WAIT_SECONDS),
        ({"x-ratelimit-reset": "42.5"}, 42.5),  # Reddit: seconds from now
        ({"date": DATE, "ratelimit-reset": str(int(NOW) + 60)}, 61),  # Bluesky
        ({"date": DATE, "ratelimit-reset": str(int(NOW) - 60)}, 1),
        ({"retry-after": "soon", "x-ratelimit-reset": "nan"}, http.UNKNOWN_WAIT_SECONDS),
        ({}, http.UNKNOWN_WAIT_SECONDS),
    ],
)
def test_how_long_a_limit_lasts(headers, seconds):
    at = datetime.fromtimestamp(NOW + 90_000, UTC).isoformat()
    if headers.get("x-ratelimit-reset", "").startswith("2026"):
        headers["x-ratelimit-reset"] = at
    assert http.until_reset(headers) == pytest.approx(seconds)


class Echo(StandIn):
    """No network at all: it says what it is told."""

    @route("POST", r"/bot(?P<token>[^/]+)/send")
    def send(self, call: Call) -> Say:
        return Say({"ok": call.json})

    @route("POST", r"/says/(?P<status>\d+)")
    def says(self, call: Call) -> Say:
        return Say({"error": "no"}, int(call.named["status"]))


@pytest.fixture
def line(monkeypatch):
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    http._client.cache_clear()
    http._waits.clear()
    with Echo() as network:
        account = Connection(7, "brand", "brand", {}, {}, network_of("practice").can)
        yield http.Line("Echo", account, network.url)


def test_a_call_is_traced_without_its_address(line):
    with structlog.testing.capture_logs() as logs, line.writing("send") as call:
        call("POST", "/botSECRET/send", json={"text": "hi"}, headers={"authorization": "Bearer HIDDEN"})
    [entry] = logs
    assert (entry["event"], entry["what"], entry["account"], entry["status"]) == (
        "network.call",
        "send",
        7,
        200,
    )
    assert "SECRET" not in str(logs)
    assert "HIDDEN" not in str(logs)


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (401, NeedsReconnect, NeedsReconnect), (403, Refused, Refused), (404, Refused, Refused), (429, TryLater, TryLater),
        (500, TryLater, Unsure), (503, TryLater, Unsure),
    ],
)  # fmt: skip
def test_an_error_status_is_one_of_four_failures(line, status, read, write):
    with pytest.raises(read), line.reading("one") as call:
        call("POST", f"/says/{status}")
    with pytest.raises(write), line.writing("other") as call:
        call("POST", f"/says/{status}")


def test_an_answer_of_another_shape_is_a_lost_one(line):
    with pytest.raises(Unsure), line.writing("send") as call:
        call("POST", "/bot1/send", json={}).body["data"]["id"]
    with pytest.raises(TryLater), line.reading("send") as call:
        call("POST", "/bot1/send", json={}).body["data"]["id"]


def test_an_address_inside_is_never_called(line, monkeypatch):
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "")
    with pytest.raises(TryLater), line.writing("send") as call:
        call("POST", "/bot1/send", json={})


def test_waiting_is_kept_by_account_and_kind_of_call(line):
    with pytest.raises(TryLater), line.reading("one") as call:
        call("POST", "/says/429")
    with pytest.raises(TryLater, match="asked us to wait"), line.reading("one") as call:
        call("POST", "/bot1/send", json={})
    with line.reading("another") as call:
        assert call("POST", "/bot1/send", json={}).status == 200
