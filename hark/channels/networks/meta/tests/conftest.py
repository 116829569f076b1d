"""Ternway's three accounts at the stand-in."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pytest

from hark.channels import http
from hark.channels.base import Author, Connection, IncomingMessage, OutgoingReply
from hark.channels.registry import network_of
from hark.web import outbound
from tests.networks import meta, meta_world

ACCOUNTS = {
    "facebook": (meta_world.PAGE, "ternway", "page-token"),
    "instagram": (meta_world.ACCOUNT, "@ternway", "insta-token"),
    "whatsapp": (meta_world.NUMBER, "+351 21 000 0000", "cloud-token"),
}


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    monkeypatch.setattr(http, "_client", cache(lambda: outbound.client(timeout=2)))
    with meta.Meta() as found:
        monkeypatch.setenv("HARK_META_GRAPH", found.url)
        yield found


@pytest.fixture
def account():
    """An account as its adapter sees it: `account("facebook", human_agent=True)`."""

    def made(slug: str, **settings) -> Connection:
        external_id, handle, token = ACCOUNTS[slug]
        credentials = {"token": token, "app_key": meta_world.SECRET, "verify_token": meta_world.WORD}
        return Connection(1, external_id, handle, credentials, settings, network_of(slug).can)

    return made


@pytest.fixture
def heard(account):
    """The message in a webhook."""

    def read(slug: str, body: dict) -> IncomingMessage:
        network = network_of(slug)
        raw, _headers = meta.Meta.signed(None, body)  # type: ignore[arg-type]
        [message] = [
            one for envelope in network.split(raw) for one in network.read(envelope.raw, account(slug))
        ]
        return message

    return read


def answer(
    to: IncomingMessage, text: str = "We are sorry.", *, private: bool | None = None, **more
) -> OutgoingReply:
    """A reply to what was heard, as the outbox makes it."""
    is_private = to.visibility == "private" if private is None else private
    opens = is_private and to.visibility == "public"
    given = {
        "key": "k1",
        "visibility": "private" if is_private else "public",
        "text": text,
        "to": to.author or Author("nobody"),
        "thread": "" if opens else to.thread,
        "parent": to.external_id,
        "parent_facts": dict(to.facts),
        "queued_at": datetime.now(UTC),
    }
    return OutgoingReply(**{**given, **more})
