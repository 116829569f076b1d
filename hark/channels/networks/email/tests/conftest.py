"""Ternway's mailbox on a real mail server, connected by the form, and the adapter at work on it."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from hark.channels.base import Author, Batch, Connection, IncomingMessage, OutgoingReply
from hark.channels.networks.email.adapter import Email
from hark.channels.networks.email.connect import ConnectForm
from tests.bluesky_people import until
from tests.letters import Mailbox
from tests.peers.mail import Mail

network = Email()


def form_data(mail: Mail, box: Mailbox, **other: Any) -> dict[str, Any]:
    info = mail.info
    return {
        "handle": box.address, "name": "Ternway", "imap_host": info["host"], "imap_port": info["imaps_port"],
        "smtp_host": info["host"], "smtp_port": info["smtp_port"], "imap_tls": "tls",
        "smtp_tls": "starttls", "password": box.password, "sent_copy": "self",
        "plus": True,
    } | other  # fmt: skip


def connect(mail: Mail, box: Mailbox, **other: Any) -> Connection:
    form = ConnectForm(form_data(mail, box, **other))
    assert form.is_valid(), form.errors
    fields = form.connected()
    return Connection(
        1, fields["external_id"], fields["handle"], fields["credentials"], {**fields["settings"]}, Email.can
    )


def answer(message: IncomingMessage, text: str, **other: Any) -> OutgoingReply:
    given = {
        "key": str(uuid.uuid4()), "visibility": "private", "text": text, "to": message.author,
        "thread": message.thread, "parent": message.external_id, "parent_facts": message.facts,
        "queued_at": datetime.now(UTC),
    }  # fmt: skip
    return OutgoingReply(**{**given, **other})


def somebody(address: str) -> Author:
    return Author(address, address)


class Collected:
    """`collect` in a thread of its own. Envelopes are kept once a key, as the intake log does."""

    def __init__(self, account: Connection, cursor: Mapping[str, Any] | None = None) -> None:
        self.account, self.cursor = account, dict(cursor or {})
        self.raw: dict[str, bytes] = {}
        self.gaps: list[str] = []
        self.repeated = 0
        self.rounds = 0
        self.failure: BaseException | None = None

    def __enter__(self) -> Collected:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        until(lambda: self.rounds or self.failure, "a first round")
        return self

    def _run(self) -> None:
        self._task = self._loop.create_task(self._collect())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except BaseException as failure:
            self.failure = failure
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _collect(self) -> None:
        batches = network.collect(self.account, self.cursor)
        try:
            async for batch in batches:
                self._take(batch)
        finally:
            await batches.aclose()  # type: ignore[attr-defined]

    def _take(self, batch: Batch) -> None:
        for envelope in batch.envelopes:
            self.repeated += envelope.event_key in self.raw
            self.raw.setdefault(envelope.event_key, envelope.raw)
        self.cursor = dict(batch.cursor or self.cursor)
        self.gaps.append(batch.gap)
        self.rounds += not batch.envelopes and not batch.gap

    def __exit__(self, *_: object) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join(30)

    @property
    def messages(self) -> list[IncomingMessage]:
        return [message for raw in list(self.raw.values()) for message in network.read(raw, self.account)]

    def sees(self, wanted: Callable[[IncomingMessage], bool], what: str) -> IncomingMessage:
        def look() -> IncomingMessage | None:
            if self.failure:
                raise self.failure
            return next((message for message in self.messages if wanted(message)), None)

        found: IncomingMessage = until(look, what, 20)
        return found

    def said(self, text: str) -> IncomingMessage:
        return self.sees(lambda message: text in message.text, f"“{text}”")


@pytest.fixture
def care(mail: Mail) -> Mailbox:
    return Mailbox(mail, "care")


@pytest.fixture
def maya(mail: Mail) -> Mailbox:
    return Mailbox(mail, "maya")


@pytest.fixture
def account(mail: Mail, care: Mailbox) -> Connection:
    return connect(mail, care)


@pytest.fixture
def hark(account: Connection) -> Iterator[Collected]:
    with Collected(account) as collected:
        yield collected
    if collected.failure:
        raise collected.failure
