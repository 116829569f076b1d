"""Ternway's chat, and visitors who talk to it the way the window does."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from hark.channels.models import Account
from hark.journeys import arrival, reply
from hark.visits import limits

SECRET = "hark-test-secret"
SITE = "https://www.ternway.example"


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet(db):
    cache.clear()


@pytest.fixture
def still(monkeypatch):
    """The limits' clock stands still, so that no minute ends while a test counts."""
    monkeypatch.setattr(limits, "now", lambda: 1_795_510_030)


@pytest.fixture
def webchat(ternway):
    return connect(ternway)


def connect(brand, **settings: Any) -> Account:
    account = Account(
        brand=brand,
        channel="webchat",
        external_id=f"chat-{brand.slug}",
        handle=f"www.{brand.slug}.example",
        name=brand.name,
        settings={"origins": [f"https://www.{brand.slug}.example"], **settings},
    )
    account.seal({"identity_secret": SECRET})
    account.save()
    return account


@pytest.fixture
def visitor(webchat):
    return Visitor(webchat)


class Visitor:
    """One browser."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.http = Client(enforce_csrf_checks=True)
        self.token = ""
        self.session: dict[str, Any] = {}

    def asks(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        raw = body if isinstance(body, bytes | type(None)) else json.dumps(body)
        return self.http.generic(
            method,
            f"/chat/v1/{path}",
            raw or b"",
            "application/json",
            headers=headers | more.pop("headers", {}),
            **more,
        )

    def begins(self, **asked: Any) -> Any:
        answer = self.asks("POST", "sessions", {"key": self.account.hook_key, **asked})
        if answer.status_code == 200:
            self.session = answer.json()
            self.token = self.session["token"]
        return answer

    def says(self, text: str, key: str = "", **more: Any) -> Any:
        if not self.token:
            self.begins()
        return self.asks("POST", "messages", {"client_id": key or str(uuid.uuid4()), "text": text, **more})

    def sees(self, after: str = "") -> list[tuple[str, str]]:
        """Who said what, oldest first: "in" is the visitor's own."""
        answer = self.asks("GET", f"events?after={after}" if after else "events")
        assert answer.status_code == 200, answer.content
        return [(event["direction"], event["text"]) for event in answer.json()["events"]]


def take_in() -> None:
    while arrival.work():
        pass


def answers(case, by, text: str) -> None:
    """The agent answers in private, and it goes out."""
    case.refresh_from_db()
    case.brand.undo_seconds = 0
    case.brand.save()
    reply.queue(case, by=by, private=True, text=text, seen_version=case.version, confirmed=True)
    while reply.deliver():
        pass
