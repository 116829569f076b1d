"""A world that only the tests' clock moves, and Ternway's account in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from hark.channels.base import Author, Connection, IncomingMessage, OutgoingReply, Receipt
from hark.channels.networks.practice import api, world
from hark.channels.networks.practice.adapter import Practice
from hark.channels.networks.practice.models import World

NOON = datetime.fromisoformat("2026-01-05T12:00:00+00:00")


@dataclass
class Corner:
    """Ternway's corner of the practice network, and what a client of it sees."""

    row: World
    network: Practice = field(default_factory=Practice)
    after: int = 0

    @property
    def connection(self) -> Connection:
        return Connection(1, self.row.external_id, self.row.handle, {}, {}, self.network.can)

    def wait(self, **time: float) -> list[IncomingMessage]:
        """Let so much time pass; what was new in the feed."""
        self.row.refresh_from_db()
        world.advance(self.row.external_id, self.row.clock + timedelta(**time))
        return self.heard()

    def heard(self) -> list[IncomingMessage]:
        page = api.changes(self.row.external_id, self.after, 1000)
        self.after = page.after
        return [message for _, raw in page.events for message in self.network.read(raw, self.connection)]

    def reply(self, text: str, to: IncomingMessage | Author, **more: Any) -> Receipt:
        return self.network.send(self.connection, self.draft(text, to, **more))

    def draft(
        self, text: str, to: IncomingMessage | Author, *, private: bool = False, **more: Any
    ) -> OutgoingReply:
        author = to if isinstance(to, Author) else to.author
        answered = (
            to if isinstance(to, IncomingMessage) and to.visibility == "public" and not private else None
        )
        return OutgoingReply(
            key=more.pop("key", uuid4().hex),
            visibility="private" if private else "public",
            text=text,
            to=author,
            thread=answered.thread if answered else "",
            parent=answered.external_id if answered else "",
            **more,
        )


@pytest.fixture
def corner(db: Any) -> Corner:
    return Corner(world.open_world("ternway", name="Ternway", is_live=False, arrivals=False, now=NOON))


def customers_only(messages: list[IncomingMessage]) -> list[IncomingMessage]:
    return [message for message in messages if not message.by_brand]
