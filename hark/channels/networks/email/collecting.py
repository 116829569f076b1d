"""Following a mailbox: the letters after the last UID, again and again; between rounds the server tells (IDLE).

No thread waits for an account that is quiet: its socket is watched by the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from hark.channels import polling
from hark.channels.base import Batch, Connection, Envelope

from . import names, servers
from .envelopes import Place, pack
from .letters import parse

POLL_SECONDS = (
    300.0  # with IDLE a safety net, shorter than the 29 minutes after which a server may hang up (RFC 2177)
)
NO_IDLE_SECONDS = 60.0
HISTORY_HOURS = 24.0
MOST_BYTES = 30 * 2**20  # of one letter; what is longer is cut, and says so
BATCH_BYTES = 8 * 2**20
BATCH = 50


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(16, thread_name_prefix="email")


os.register_at_fork(after_in_child=_pool.cache_clear)


async def collect(connection: Connection, cursor: Mapping[str, Any]) -> AsyncIterator[Batch]:
    """Batches for ever. Raises TryLater and NeedsReconnect; asked again, it goes on from its cursor."""
    loop = asyncio.get_running_loop()
    follower = Follower(connection, cursor)
    if gap := follower.away():
        yield Batch((), gap=gap)
    opened = contextlib.ExitStack()
    try:
        client = await loop.run_in_executor(
            _pool(), lambda: opened.enter_context(servers.mailbox(connection))
        )
        while True:
            round_ = follower.round(client)
            while (batch := await loop.run_in_executor(_pool(), next, round_, None)) is not None:
                yield batch
            await follower.rest(client)
    finally:
        await loop.run_in_executor(_pool(), opened.close)


class Follower:
    """One mailbox being followed. Settings: poll_seconds, history_hours, sent_copy."""

    def __init__(self, connection: Connection, cursor: Mapping[str, Any]) -> None:
        self.connection = connection
        self.places: dict[str, dict[str, int]] = {
            str(box): dict(place)
            for box, place in (cursor.get("boxes") or {}).items()
            if isinstance(place, Mapping)
        }
        self.polled_at = _time(cursor.get("polled_at"))

    def away(self) -> str:
        """Since when nothing was read, in words; "" when it was just now, or never before."""
        return polling.away(self.polled_at, self._number("poll_seconds", POLL_SECONDS))

    def round(self, client: servers.Mailbox) -> Iterator[Batch]:
        """Everything new in the inbox and in the folder of sent mail. The last batch says that all is caught up."""
        gap = self.away()
        with servers.told():
            sent = client.find_special_folder(b"\\Sent")
            yield from self._box(client, "INBOX", sent=False, sent_box=sent, gap=gap)
            if sent:
                yield from self._box(client, sent, sent=True, sent_box=sent, gap=gap)
            # IDLE tells what comes from now on: what came while the other folder was read has to be looked for.
            next_uid = client.select_folder("INBOX").get(b"UIDNEXT")
            if int(next_uid or 1) > self.places["INBOX"]["uid"] + 1:
                yield from self._box(client, "INBOX", sent=False, sent_box=None, gap=gap)
        self.polled_at = _now()
        yield self._batch([])

    def _box(
        self, client: servers.Mailbox, box: str, *, sent: bool, sent_box: str | None, gap: str
    ) -> Iterator[Batch]:
        status = client.select_folder(box)
        place = self.places.setdefault(box, {})
        validity = int(status[b"UIDVALIDITY"])
        if place.get("validity") != validity:
            if (
                place
            ):  # the server numbered anew: our numbers mean nothing, so the days in question are read again
                gap = gap or _("the mailbox, after its server renumbered it")
            uids = client.search(["SINCE", self._since().date()])
            place.clear()
            place["validity"] = validity
            place["uid"] = min([*uids, int(status.get(b"UIDNEXT") or 1)]) - 1
        else:
            uids = client.search(["UID", f"{place['uid'] + 1}:*"])
        waiting = sorted(
            uid for uid in uids if uid > place["uid"]
        )  # “n:*” gives the last letter even when it is older
        for start in range(0, len(waiting), BATCH):
            yield from self._some(client, waiting[start : start + BATCH], place, sent=sent, gap=gap)
            if not sent and sent_box and self.own:
                self._put_away(client, sent_box)
        if waiting:
            place["uid"] = max(place["uid"], waiting[-1])

    def _some(
        self, client: servers.Mailbox, uids: list[int], place: dict[str, int], *, sent: bool, gap: str
    ) -> Iterator[Batch]:
        """These letters in batches of some megabytes; the cursor moves with each."""
        self.own: list[int] = []
        told = client.fetch(uids, ["INTERNALDATE", "RFC822.SIZE"])
        found: list[Envelope] = []
        size = 0
        for uid in uids:
            about = told.get(uid)
            if about is None:  # moved or deleted meanwhile
                continue
            section = f"BODY.PEEK[]<0.{MOST_BYTES}>"  # PEEK: it stays unread for those who read it elsewhere
            answer = client.fetch([uid], [section]).get(uid) or {}
            letter = next((value for name, value in answer.items() if name.startswith(b"BODY[]")), b"")
            if not letter or not letter.strip():
                continue
            full = int(about[b"RFC822.SIZE"])
            at = about[b"INTERNALDATE"]
            found.append(pack(Place(_aware(at), sent, full if full > len(letter) else 0), letter))
            if not sent and names.own_thread(self.connection.credentials, _message_id(letter)):
                self.own.append(uid)
            size += len(letter)
            if size > BATCH_BYTES:
                place["uid"] = uid
                yield self._batch(found, gap)
                found, size = [], 0
        place["uid"] = uids[-1]
        if found:
            yield self._batch(found, gap)

    def _put_away(self, client: servers.Mailbox, sent_box: str) -> None:
        """Our own copies: they came to the inbox to prove that the letter left, and belong to what was sent."""
        client.add_flags(self.own, [b"\\Seen"])
        if client.has_capability("MOVE"):
            client.move(self.own, sent_box)
        else:
            client.copy(self.own, sent_box)
            client.delete_messages(self.own)
            if client.has_capability("UIDPLUS"):
                client.uid_expunge(self.own)
        self.own = []

    def _since(self) -> datetime:
        if self.polled_at:
            return self.polled_at - timedelta(days=1)  # SINCE knows days only, in the server's own zone
        return _now() - timedelta(hours=self._number("history_hours", HISTORY_HOURS))

    def _number(self, name: str, usual: float) -> float:
        try:
            return max(0.1, float(self.connection.settings.get(name) or usual))
        except (TypeError, ValueError):
            return usual

    def _batch(self, found: list[Envelope], gap: str = "") -> Batch:
        cursor = {
            "boxes": {box: dict(place) for box, place in self.places.items()},
            "polled_at": self.polled_at.isoformat() if self.polled_at else None,
        }
        return Batch(tuple(found), cursor, gap)

    async def rest(self, client: servers.Mailbox) -> None:
        """Until the server says that something came, or the time is up."""
        loop = asyncio.get_running_loop()
        if not client.has_capability("IDLE"):
            await asyncio.sleep(self._number("poll_seconds", NO_IDLE_SECONDS))
            return
        until = time.monotonic() + self._number("poll_seconds", POLL_SECONDS)
        await loop.run_in_executor(_pool(), _begin_idle, client)
        heard: list[Any] = []
        while not heard and (left := until - time.monotonic()) > 0:
            if not await _readable(client.socket().fileno(), left):
                break
            heard = await loop.run_in_executor(_pool(), _heard, client)  # “OK still here” is nothing
        await loop.run_in_executor(_pool(), _end_idle, client)


def _begin_idle(client: servers.Mailbox) -> None:
    with servers.told():
        client.idle()


def _heard(client: servers.Mailbox) -> list[Any]:
    with servers.told():
        return [said for said in client.idle_check(timeout=0) if said[0] != b"OK"]


def _end_idle(client: servers.Mailbox) -> None:
    with servers.told():
        client.idle_done()


async def _readable(descriptor: int, seconds: float) -> bool:
    loop = asyncio.get_running_loop()
    come = asyncio.Event()
    loop.add_reader(descriptor, come.set)
    try:
        await asyncio.wait_for(come.wait(), seconds)
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(descriptor)
    return True


def _message_id(letter: bytes) -> str:
    head, _gap, _body = letter[:65_536].replace(b"\r\n", b"\n").partition(b"\n\n")
    return parse(head + b"\n\n").message_id


def _now() -> datetime:
    return datetime.now(UTC)


def _aware(at: datetime) -> datetime:
    return at.astimezone(
        UTC
    )  # imapclient gives the server's time in the machine's own zone, without saying so


def _time(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None
