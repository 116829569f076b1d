"""Ternway's account on a real AT Protocol network, a customer, and a collector that keeps what it is given."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from hark.channels.base import Batch, Connection, IncomingMessage
from hark.channels.networks.bluesky.adapter import Bluesky
from hark.channels.networks.bluesky.connect import ConnectForm
from tests.bluesky_people import Somebody, until
from tests.peers.networks import Atproto


def connection(fields: Mapping[str, Any], **settings: Any) -> Connection:
    """An account as the adapter sees it, out of what the connect form gave."""
    return Connection(
        1,
        fields["external_id"],
        fields["handle"],
        fields["credentials"],
        {"poll_seconds": 0.3, **settings},
        Bluesky.can,
    )


def connect(somebody: Somebody, password: str, **fields: Any) -> dict[str, Any]:
    given = {
        "handle": somebody.handle, "password": password, "pds": somebody.network.info["pds"], "open_messages": True,
    }  # fmt: skip
    form = ConnectForm({**given, **fields})
    assert form.is_valid(), form.errors
    return form.connected()


class Collected:
    """`collect` running in a thread. Envelopes are kept once a key, as the intake log does."""

    def __init__(self, account: Connection, cursor: Mapping[str, Any] | None = None) -> None:
        self.account, self.network = account, Bluesky()
        self.cursor = dict(cursor or {})
        self.raw: dict[str, bytes] = {}
        self.gaps: list[str] = []
        self.credentials: Mapping[str, Any] | None = None
        self.failure: BaseException | None = None
        self.rounds = 0

    def __enter__(self) -> Collected:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def _run(self) -> None:
        self._task = self._loop.create_task(self._collect())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except BaseException as failure:
            self.failure = failure
        self._loop.close()

    async def _collect(self) -> None:
        batches = self.network.collect(self.account, self.cursor)
        try:
            async for batch in batches:
                self._take(batch)
        finally:
            await batches.aclose()  # type: ignore[attr-defined]

    def _take(self, batch: Batch) -> None:
        for envelope in batch.envelopes:
            self.raw.setdefault(envelope.event_key, envelope.raw)
        if batch.cursor is not None:
            self.cursor = dict(batch.cursor)
        if batch.credentials is not None:
            self.credentials = batch.credentials
        self.gaps.append(batch.gap)
        self.rounds += 1

    def __exit__(self, *_: object) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join(30)

    @property
    def messages(self) -> list[IncomingMessage]:
        found = list(self.raw.values())
        return [message for raw in found for message in self.network.read(raw, self.account)]

    def sees(
        self, wanted: Callable[[IncomingMessage], bool], what: str, seconds: float = 20
    ) -> IncomingMessage:
        def look() -> IncomingMessage | None:
            if self.failure:
                raise self.failure
            return next((message for message in self.messages if wanted(message)), None)

        found: IncomingMessage = until(look, what, seconds)
        return found

    def said(self, text: str, seconds: float = 20) -> IncomingMessage:
        return self.sees(
            lambda message: text in message.text and message.kind == "created", f"“{text}”", seconds
        )


@pytest.fixture
def ternway(atproto: Atproto) -> Somebody:
    """The brand, as the person who runs its account."""
    return Somebody(atproto, "ternway")


@pytest.fixture
def maya(atproto: Atproto) -> Somebody:
    """A customer."""
    return Somebody(atproto, "maya")


@pytest.fixture
def account(ternway: Somebody) -> Connection:
    """Hark's connection to the brand's account, with an app password."""
    return connection(connect(ternway, ternway.app_password()))


@pytest.fixture
def hark(account: Connection) -> Iterator[Collected]:
    with Collected(account) as collected:
        until(lambda: collected.rounds > 1 or collected.failure, "a first round")
        yield collected
    if collected.failure:
        raise collected.failure
