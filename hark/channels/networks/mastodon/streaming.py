"""The account's stream: it rings the bell for the next round, and tells of deletions at once. Polling finds all else.

https://docs.joinmastodon.org/methods/streaming/ — the payload of a frame is JSON in a text.
"""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlencode, urlsplit

import structlog
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from hark.channels import polling
from hark.channels.base import Connection, Envelope, Unreadable
from hark.channels.shapes import decoded
from hark.web import outbound

from . import reading
from .api import Server

log = structlog.get_logger(__name__)
LONGEST_WAIT = 120.0


class DirectConnect(connect):
    """No redirects: where the stream is was judged before."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


class Stream:
    """`nudge` is set when a round should begin now; `found` holds deletions to be stored."""

    def __init__(self, connection: Connection, server: Server) -> None:
        base = str(connection.settings.get("streaming") or "").rstrip("/")
        self.url = f"{base}/api/v1/streaming?{urlencode({'stream': 'user'})}" if base else ""
        self.token = server.token
        self.nudge = asyncio.Event()
        self.found: list[Envelope] = []

    async def follow(self) -> None:
        """Until cancelled. Trouble here is no trouble of the account: rounds find everything, only later."""
        wait = 1.0
        while True:
            try:
                await self._once()
                wait = 1.0
            except (OSError, WebSocketException, TimeoutError, outbound.AddressRefused) as problem:
                log.info("mastodon_stream_lost", problem=str(problem)[:200], wait_seconds=wait)
                wait = min(wait * 2, LONGEST_WAIT)
            await asyncio.sleep(wait)

    async def _once(self) -> None:
        url = outbound.check_url(self.url)
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "wss" else 80)
        loop = asyncio.get_running_loop()
        [address, *_] = await loop.run_in_executor(None, outbound.addresses, parts.hostname or "", port)
        secure = ssl.create_default_context() if parts.scheme == "wss" else None
        async with DirectConnect(
            url, host=address, port=port, ssl=secure, proxy=None, open_timeout=10, max_size=2**20,
            additional_headers={"authorization": f"Bearer {self.token}"},
        ) as socket:  # fmt: skip
            self.nudge.set()  # what was said before it was open
            async for frame in socket:
                self._take(frame.encode() if isinstance(frame, str) else frame)

    def _take(self, raw: bytes) -> None:
        try:
            frame = decoded(raw)
        except Unreadable:
            return
        if not isinstance(frame, dict):
            return
        if frame.get("event") == "delete" and isinstance(frame.get("payload"), str):
            try:
                self.found.append(reading.deletion(frame["payload"], polling.now()))
            except Unreadable:
                return
        self.nudge.set()
