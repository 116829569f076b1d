"""Where webhooks arrive: `/hooks/<hook key of an account>`, raw ASGI, before Django.

Signature over the raw bytes → events on a bounded queue → one writer commits whatever piled up during the last commit →
200. A request is answered only after its events are durable. Full queue or no database: 503 with Retry-After.
Measured 25 times cheaper than a Django view that inserts one row (docs/adr/0004).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from . import intake, signatures
from .base import Connection, Envelope, HookAnswer, HookRequest, Network, Unreadable
from .models import Account, Delivery

log = structlog.get_logger(__name__)

BODY_LIMIT = 8 * 2**20  # bytes; the largest documented webhook (Meta, 1,000 updates) stays below 1 MiB
QUEUE_LIMIT = 20_000  # events waiting for a commit
QUEUE_BYTES = 64 * 2**20
BATCH = 500  # rows a statement: the fastest size measured for unnest
REMEMBER_SECONDS = 5.0  # how long a changed secret or a disconnected account may still be the old one
UNKNOWN_LIMIT = 10_000
WRITERS = 2  # connections that commit
APPEND = f"""
    WITH stored AS ({intake.APPEND_SQL.replace("%s", "%b")} RETURNING 1)
    SELECT pg_notify('{intake.WAKE}', '') WHERE EXISTS (SELECT FROM stored)
"""  # noqa: S608  (names of ours)


@dataclass(slots=True)
class Door:
    """An account as the edge knows it: its network and the secrets that open it."""

    account_id: int
    brand_id: int
    network: Network
    connection: Connection
    secrets: tuple[str, ...]
    until: float


@dataclass(slots=True)
class Parcel:
    """The events of one request, and the promise that they are stored."""

    rows: list[tuple[int, int, Envelope, int, str]]
    size: int
    stored: asyncio.Future[None]


@dataclass
class Edge:
    """The state of this process: doors it knows, parcels on the queue, the writer."""

    doors: dict[str, Door | float] = field(default_factory=dict)  # a number: unknown until then
    queue: deque[Parcel] = field(default_factory=deque)
    waiting_rows: int = 0
    waiting_bytes: int = 0
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    writers: list[asyncio.Task[None]] = field(default_factory=list)
    closing: bool = False

    def is_full(self, rows: int, size: int) -> bool:
        return self.waiting_rows + rows > QUEUE_LIMIT or self.waiting_bytes + size > QUEUE_BYTES


edge = Edge()


async def start() -> None:
    edge.closing = False
    edge.wake = asyncio.Event()
    edge.writers = [asyncio.create_task(_write()) for _ in range(WRITERS)]


async def stop() -> None:
    """Commit what has been accepted, then rest."""
    edge.closing = True
    edge.wake.set()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*edge.writers), 10)


async def receive(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    """One request at an account's hook."""
    try:
        answer = await _answer(scope, receive)
    except Exception as problem:
        log.exception("edge.failed", problem=str(problem))
        answer = HookAnswer(503, b"try again")
    headers = [(b"content-type", answer.content_type.encode()), (b"content-length", b"%d" % len(answer.body))]
    if answer.status in (429, 503):
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _answer(scope: Mapping[str, Any], receive: Any) -> HookAnswer:
    body = await _body(scope, receive)
    if isinstance(body, HookAnswer):
        return body
    try:
        door = await _door(scope["path"].removeprefix("/hooks/").rstrip("/"))
    except (psycopg.Error, DatabaseError, InterfaceError):
        return HookAnswer(503, b"the database can't be reached")
    if door is None:
        return HookAnswer(404, b"no such hook")
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]
    )
    query = scope["query_string"].decode("latin-1")
    path = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else scope["path"]
    url = settings.HARK_PUBLIC_URL + path + (f"?{query}" if query else "")
    request = HookRequest(scope["method"], dict(parse_qsl(query)), headers, body, url)
    if greeting := door.network.handshake(door.connection, request):
        return greeting
    if scope["method"] != "POST":
        return HookAnswer(405, b"POST only")
    signature = door.network.can.signature
    if signature is None or not signatures.verify(
        signature.scheme, door.secrets, headers, body, header=signature.header, url=url
    ):
        return HookAnswer(401, b"the signature does not fit")
    return await _store(door, body)


async def _store(door: Door, body: bytes) -> HookAnswer:
    try:
        envelopes = [(envelope, int(Delivery.State.WAITING), "") for envelope in door.network.split(body)]
    except Unreadable as problem:  # signed, so it is theirs: kept whole, shown, replayed after a fix
        whole = Envelope(f"unreadable:{hashlib.sha256(body).hexdigest()}", body)
        envelopes = [(whole, int(Delivery.State.UNREADABLE), str(problem))]
    if not envelopes:
        return HookAnswer(200)
    if edge.closing or edge.is_full(len(envelopes), len(body)):
        return HookAnswer(503, b"too much at once")
    rows = [
        (door.brand_id, door.account_id, envelope, state, problem) for envelope, state, problem in envelopes
    ]
    parcel = Parcel(rows, len(body), asyncio.get_running_loop().create_future())
    edge.waiting_rows += len(rows)
    edge.waiting_bytes += parcel.size
    edge.queue.append(parcel)
    edge.wake.set()
    try:
        await parcel.stored
    except psycopg.Error:
        return HookAnswer(503, b"the database can't be reached")
    return HookAnswer(200)


async def _body(scope: Mapping[str, Any], receive: Any) -> bytes | HookAnswer:
    """The raw body, within the limit. Compressed bodies are refused: no network that we speak sends them."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > BODY_LIMIT:
            return HookAnswer(413, b"too large")
        if name == b"content-encoding" and value.lower() != b"identity":
            return HookAnswer(415, b"send it uncompressed")
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return HookAnswer(400, b"cut off")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_LIMIT:
            return HookAnswer(413, b"too large")
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


async def _door(key: str) -> Door | None:
    now = time.monotonic()
    known = edge.doors.get(key)
    if isinstance(known, Door):
        if known.until > now:
            return known
    elif known is not None and known > now:
        return None
    door = await sync_to_async(_find_door, thread_sensitive=False)(key)
    if len(edge.doors) > UNKNOWN_LIMIT:
        edge.doors.clear()
    edge.doors[key] = door or now + REMEMBER_SECONDS
    return door


def _find_door(key: str) -> Door | None:
    close_old_connections()
    try:
        account = Account.objects.connected().filter(hook_key=key[:64].replace("\0", "")).first()
        if account is None:
            return None
        secret = account.credentials.get("hook_secret", "")
        secrets = tuple(one for one in (secret, account.credentials.get("hook_secret_before", "")) if one)
        return Door(
            account.pk,
            account.brand_id,
            account.network,
            account.connection(),
            secrets,
            time.monotonic() + REMEMBER_SECONDS,
        )
    finally:
        connection.close()


# The writer ------------------------------------------------------------------------------------------


async def _write() -> None:
    """Commit whatever piled up while the last commit was under way; no timer is faster than that.

    Two of these, so that requests are verified while others are being committed.
    """
    database: psycopg.AsyncConnection[Any] | None = None
    while not (edge.closing and not edge.queue):
        if not edge.queue:
            edge.wake.clear()
            await edge.wake.wait()
            continue
        parcels = _take()
        try:
            database = await _open(database)
            await _commit(database, [row for parcel in parcels for row in parcel.rows])
            _settle(parcels, None)
        except psycopg.DataError:
            await _commit_one_by_one(database, parcels)
        except (psycopg.Error, OSError) as problem:
            log.warning("edge.not_stored", problem=str(problem))
            database = None
            _settle(parcels, psycopg.OperationalError(str(problem)))
    if database:
        await database.close()


def _take() -> list[Parcel]:
    """As many parcels as fill some statements; a request is never split over two commits."""
    taken: list[Parcel] = []
    rows = 0
    while edge.queue and rows < 4 * BATCH:
        parcel = edge.queue.popleft()
        rows += len(parcel.rows)
        taken.append(parcel)
    return taken


def _settle(parcels: list[Parcel], problem: Exception | None) -> None:
    for parcel in parcels:
        edge.waiting_rows -= len(parcel.rows)
        edge.waiting_bytes -= parcel.size
        if parcel.stored.done():
            continue
        if problem is None:
            parcel.stored.set_result(None)
        else:
            parcel.stored.set_exception(problem)


async def _open(database: psycopg.AsyncConnection[Any] | None) -> psycopg.AsyncConnection[Any]:
    if database is not None and not database.closed:
        return database
    parameters = connection.get_connection_params()
    for ours in ("cursor_factory", "context"):
        parameters.pop(ours, None)
    return await psycopg.AsyncConnection.connect(**parameters, autocommit=True)


async def _commit(
    database: psycopg.AsyncConnection[Any], rows: list[tuple[int, int, Envelope, int, str]]
) -> None:
    """Durable when this returns. In one order for all writers, so that two of them can't wait for each other."""
    rows.sort(key=lambda row: (row[1], row[2].event_key))
    if len(rows) <= BATCH:  # one statement is one transaction and one round trip
        await database.execute(APPEND, [False, *intake.rows(rows)], prepare=True)
        return
    async with database.transaction():
        for first in range(0, len(rows), BATCH):
            await database.execute(APPEND, [False, *intake.rows(rows[first : first + BATCH])], prepare=True)


async def _commit_one_by_one(database: psycopg.AsyncConnection[Any] | None, parcels: list[Parcel]) -> None:
    """One request in the batch holds what the database refuses: the others must not suffer for it."""
    for parcel in parcels:
        try:
            database = await _open(database)
            await _commit(database, parcel.rows)
            _settle([parcel], None)
        except psycopg.Error as problem:
            log.warning("edge.refused_by_database", problem=str(problem))
            _settle([parcel], problem)
