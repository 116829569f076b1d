"""Where webhooks arrive: `/hooks/<hook key of an account>`, before Django: by doorman.py, or as raw ASGI.

Signature over the raw bytes → events on a bounded queue → a writer commits whatever piled up during its last commit
(writer.py) → 200. A request is answered only after its events are durable. Full queue or no database: 503 with Retry-After.
Measured 25 times cheaper than a Django view that inserts one row (docs/adr/0004).
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from hark import counting

from . import signatures
from .base import Connection, Envelope, HookAnswer, HookRequest, Network, Skipped, Unreadable
from .credentials import Sealed
from .models import Account, Delivery
from .writer import Writer

log = structlog.get_logger(__name__)

BODY_LIMIT = 8 * 2**20  # bytes; the largest documented webhook (Meta, 1,000 updates) stays below 1 MiB
REMEMBER_SECONDS = 5.0  # how long a changed secret or a disconnected account may still be the old one
AHEAD_SECONDS = 1.0  # a door in use is looked up so long before it is forgotten: nobody waits for that
LOOK_AGAIN_SECONDS = 0.2  # no more often: what does not fit may be signed with a secret made since
UNKNOWN_LIMIT = 10_000
INSIDE_LIMIT = (
    2_000  # requests being checked and stored: half a second's work; who would wait longer is told at once
)
STORED, AWAY = HookAnswer(200), HookAnswer(503, b"the database can't be reached")
BUSY = HookAnswer(503, b"too much at once")
REFUSED = counting.HOOKS_REFUSED.labels("503")


@dataclass(slots=True)
class Door:
    """An account as the edge knows it: its network and the secrets that open it."""

    account_id: int
    brand_id: int
    network: Network
    connection: Connection
    secrets: tuple[str, ...]
    until: float
    beside: Mapping[
        str, int
    ]  # the brand's other accounts on this network that the same secret opens, by their own id


@dataclass
class Edge:
    """The state of this process: the doors it knows, and who writes."""

    doors: dict[str, Door | float] = field(default_factory=dict)  # a number: unknown until then
    looking: dict[str, asyncio.Task[Door | None]] = field(default_factory=dict)  # under way, one a door
    writer: Writer | None = None
    inside: int = 0  # requests that were let in and have no answer yet
    turned_away: int = 0  # in this turn of the loop

    @property
    def is_full(self) -> bool:
        return self.inside >= INSIDE_LIMIT

    def turn_away(self) -> HookAnswer:
        """What those hear who have no room. They are counted once a turn: each by itself would cost as much as the rest."""
        if not self.turned_away:
            asyncio.get_running_loop().call_soon(self._count)
        self.turned_away += 1
        return BUSY

    def _count(self) -> None:
        REFUSED.inc(self.turned_away)
        self.turned_away = 0


edge = Edge()


async def start() -> None:
    edge.writer = Writer()
    edge.writer.start()


async def stop() -> None:
    """Commit what has been accepted, then rest."""
    edge.looking.clear()
    if edge.writer:
        await edge.writer.stop()


async def receive(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    """One request at an account's hook that came another way than doorman.py's: in pieces, in chunks, a handshake."""
    body = await _body(scope, receive)  # outside of the count: whoever sends slowly shuts nobody out
    if isinstance(body, HookAnswer):
        answer = counted(body)
    elif edge.is_full:
        answer = edge.turn_away()
    else:
        edge.inside += 1
        answer = await take_in(scope["path"].removeprefix("/hooks/").rstrip("/"), _from_asgi(scope, body))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers(answer)})
    await send({"type": "http.response.body", "body": answer.body})


async def take_in(key: str, asked: HookRequest) -> HookAnswer:
    """The answer to a request that was counted as inside, which it is no more with it. Whatever happens, there is one."""
    try:
        return counted(await _judge(key, asked))
    except Exception as problem:
        log.exception("edge.failed", problem=str(problem))
        return counted(HookAnswer(503, b"try again"))
    finally:
        edge.inside -= 1


def counted(answer: HookAnswer) -> HookAnswer:
    if answer.status >= 400:
        counting.HOOKS_REFUSED.labels(str(answer.status)).inc()
    return answer


def headers(answer: HookAnswer) -> list[tuple[bytes, bytes]]:
    found = [(b"content-type", answer.content_type.encode()), (b"content-length", b"%d" % len(answer.body))]
    return [*found, (b"retry-after", b"1")] if answer.status in (429, 503) else found


def hook_request(method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> HookRequest:
    """A request at `target`, path and query as they were sent. Names of headers are lower case."""
    return HookRequest(method, tuple(headers), body, settings.HARK_PUBLIC_URL + target)


def _from_asgi(scope: Mapping[str, Any], body: bytes) -> HookRequest:
    target = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    if query := scope["query_string"].decode("latin-1"):
        target += f"?{query}"
    headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
    return hook_request(scope["method"], target, headers, body)


async def _judge(key: str, asked: HookRequest) -> HookAnswer:
    try:
        door = await _door(key)
        if door is None:
            return HookAnswer(404, b"no such hook")
        if asked.method != "POST":
            return door.network.handshake(door.connection, asked) or HookAnswer(405, b"POST only")
        signed = _is_signed(door, asked)
        if not signed and door.until - time.monotonic() < REMEMBER_SECONDS - LOOK_AGAIN_SECONDS:
            door = await _looking(key) or door
            signed = _is_signed(door, asked)
    except (psycopg.Error, DatabaseError, InterfaceError):
        return AWAY
    if not signed and door.network.can.signature and door.network.can.signature.silent:
        return STORED  # as the standard wants it: who tries signatures learns nothing
    if not signed:
        return HookAnswer(401, b"the signature does not fit")
    return await _store(door, asked.body)


def _is_signed(door: Door, asked: HookRequest) -> bool:
    signature = door.network.can.signature
    return signature is not None and signatures.verify(
        signature.scheme, door.secrets, asked.headers, asked.body, header=signature.header, url=asked.url
    )


async def _store(door: Door, body: bytes) -> HookAnswer:
    try:
        events = door.network.split(body)
        state, problem = int(Delivery.State.WAITING), ""
    except Skipped:
        return STORED
    except Unreadable as reason:  # signed, so it is theirs: kept whole, shown, replayed after a fix
        events = [Envelope(f"unreadable:{hashlib.sha256(body).hexdigest()}", body)]
        state, problem = int(Delivery.State.UNREADABLE), str(reason)
    if not events:
        return STORED
    if not edge.writer or not edge.writer.has_room(len(events), len(body)):
        return BUSY
    try:
        rows = [
            (door.brand_id, door.beside.get(event.to, door.account_id), event, state, problem)
            for event in events
        ]
        await edge.writer.store(rows, len(body))
    except psycopg.Error:
        return AWAY
    return STORED


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
    if isinstance(known, Door) and known.until > now:
        if known.until - AHEAD_SECONDS < now:
            _begin_to_look(key)
        return known
    if isinstance(known, float) and known > now:
        return None
    return await _looking(key)


async def _looking(key: str) -> Door | None:
    """One look at the database for all who ask: thirty at once had stood still for 0.2 s every five seconds."""
    return await asyncio.shield(_begin_to_look(key))


def _begin_to_look(key: str) -> asyncio.Task[Door | None]:
    task = edge.looking.get(key)
    if task is None or task.done():
        task = edge.looking[key] = asyncio.create_task(_look(key))
        task.add_done_callback(lambda done: _have_looked(key, done))
    return task


def _have_looked(key: str, task: asyncio.Task[Door | None]) -> None:
    edge.looking.pop(key, None)
    if not task.cancelled() and task.exception():  # whoever waits for it is told; the next one looks again
        log.warning("edge.door_not_read", problem=str(task.exception()))


async def _look(key: str) -> Door | None:
    door = await sync_to_async(_find_door, thread_sensitive=False)(key)
    if len(edge.doors) > UNKNOWN_LIMIT:
        edge.doors.clear()
    edge.doors[key] = door or time.monotonic() + REMEMBER_SECONDS
    return door


def _find_door(key: str) -> Door | None:
    close_old_connections()
    try:
        account = Account.objects.connected().filter(hook_key=key[:64].replace("\0", "")).first()
        if account is None:
            return None
        held, signature = account.credentials, account.network.can.signature
        names = signature.credentials if signature else ()
        secrets = tuple(held[name] for name in names if held.get(name))
        return Door(
            account.pk,
            account.brand_id,
            account.network,
            account.connection(),
            secrets,
            time.monotonic() + REMEMBER_SECONDS,
            _beside(account, names[:1]),
        )
    finally:
        connection.close()


def _beside(account: Account, names: tuple[str, ...]) -> dict[str, int]:
    """Who else an event at this door may be for: accounts of the same app, so that nobody's secret opens another's."""
    if not names or names[0] == "hook_secret":  # made by us for this account alone
        return {}
    secret = _secret(account, names[0])
    others = Account.objects.connected().filter(brand=account.brand_id, channel=account.channel)
    return {
        other.external_id: other.pk
        for other in others.exclude(pk=account.pk)
        if secret and _secret(other, names[0]) == secret
    }


def _secret(account: Account, name: str) -> str:
    try:
        return str(account.credentials.get(name) or "")
    except Sealed:  # its key is lost: it must be connected anew
        return ""
