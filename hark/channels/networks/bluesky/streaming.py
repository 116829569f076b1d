"""Following Jetstream for one account: deletions at once, and a nudge to poll when something concerns the brand."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from urllib.parse import urlsplit

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from hark.channels.base import Envelope, Unreadable
from hark.web import outbound

from . import envelopes, jetstream, shapes
from .progress import Progress

log = structlog.get_logger(__name__)

REWIND_US = 5_000_000  # cursors belong to one host and are not exact
KEPT_US = 36 * 3600 * 1_000_000  # about as far as the stream can be replayed
REFRESH_SECONDS = 30.0  # how often new authors may make us connect anew
LONGEST_WAIT = 120.0


class DirectConnect(connect):
    """No redirects: where the stream is was judged before."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


class Stream:
    """The stream of one account. `nudge` is set when the polls should look now; `found` holds what is to be stored."""

    def __init__(
        self, base: str, brand: str, progress: Progress, refresh_seconds: float = REFRESH_SECONDS
    ) -> None:
        self.base, self.brand, self.progress = base, brand, progress
        self.refresh_seconds = refresh_seconds
        self.nudge = asyncio.Event()
        self.check_all = False  # an account closed, or events were missed: read watched posts again
        self.found: list[Envelope] = []
        self.at = progress.stream_at if progress.stream_host == base else 0  # how far the stream was heard
        self._dids: set[str] = set()
        self._followed = False  # connected before: what happened meanwhile may have been missed

    def taken(self) -> list[Envelope]:
        """What was found, to be stored now; the cursor moves with it."""
        found, self.found = self.found, []
        self.progress.stream_host, self.progress.stream_at = self.base, self.at
        return found

    async def follow(self) -> None:
        """Until cancelled. Trouble here is no trouble of the account: the polls find everything, only later."""
        wait = 1.0
        while True:
            try:
                await self._once()
                wait = 1.0
            except (
                OSError,
                WebSocketException,
                TimeoutError,
                outbound.AddressRefused,
                Unreadable,
            ) as problem:
                log.info("bluesky_stream_lost", problem=str(problem)[:200], wait_seconds=wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)

    async def _once(self) -> None:
        """One connection, until it ends or somebody new is to be followed."""
        self._dids = {self.brand, *self.progress.authors()}
        since, first = self.at, jetstream.V2 not in self.base
        if since and first:
            if since < time.time() * 1e6 - KEPT_US:
                self.check_all = True  # an old cursor is moved up silently: what lies between is read again
            since -= REWIND_US
        url = outbound.check_url(jetstream.address(self.base, sorted(self._dids), since))
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "wss" else 80)
        loop = asyncio.get_running_loop()
        [address, *_] = await loop.run_in_executor(None, outbound.addresses, parts.hostname or "", port)
        secure = ssl.create_default_context() if parts.scheme == "wss" else None
        async with DirectConnect(
            url, host=address, port=port, ssl=secure, proxy=None, open_timeout=10, max_size=2**20
        ) as socket:
            if self._followed and not since:
                self.check_all = True  # nothing was heard yet, so there is no place to take it up from
                self.nudge.set()
            self._followed = True
            await self._listen(socket)

    async def _listen(self, socket: ClientConnection) -> None:
        begun = time.monotonic()
        while True:
            with contextlib.suppress(TimeoutError):
                self._take(await asyncio.wait_for(socket.recv(), min(self.refresh_seconds, 5.0)))
            newcomers = self.progress.authors() - self._dids
            if newcomers and time.monotonic() - begun > self.refresh_seconds:
                return

    def _take(self, frame: str | bytes) -> None:
        raw = frame.encode() if isinstance(frame, str) else frame
        try:
            found = shapes.decoded(raw)
            if found.get("$type") == "error":
                self._refused(found)
            if not jetstream.is_event(found):
                return
            event = jetstream.event(found)
        except (Unreadable, msgspec.ValidationError):
            return  # somebody's broken record: nothing of ours
        self.at = max(self.at, event.cursor)
        if event.kind == "account" and event.did in self._dids:
            self.check_all = True
        elif event.operation == "delete" and event.uri in self.progress.watched:
            self.found.append(envelopes.streamed(raw, event))
        elif event.operation == "update" and event.uri in self.progress.watched:
            self.check_all = True
        elif not jetstream.concerns(event, self.brand):
            return
        self.nudge.set()

    def _refused(self, found: object) -> None:
        """An error frame of the second form ends the connection; a cursor that is too old is given up."""
        if "CursorTooOld" in str(found):
            self.at, self.check_all = 0, True
        raise OSError(f"Jetstream: {str(found)[:200]}")
