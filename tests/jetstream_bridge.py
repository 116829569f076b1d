"""Jetstream for the test network: the real firehose of its PDS, told again as JSON in the first or the second form."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from atproto import CAR, FirehoseSubscribeReposClient, models, parse_subscribe_repos_message
from websockets.asyncio.server import ServerConnection, serve

from tests.peers.networks import Atproto

V2 = "network.bsky.jetstream.subscribeEvents"


class Bridge:
    """`url(first=…)` is what an account's `jetstream` setting names. Replays from a cursor; drop() cuts all lines."""

    def __init__(self, network: Atproto) -> None:
        self.events: list[tuple[int, dict[str, Any]]] = []
        self.clients: set[ServerConnection] = set()
        self.connections = 0
        params = models.ComAtprotoSyncSubscribeRepos.Params(cursor=0)
        self.hose = FirehoseSubscribeReposClient(params, base_uri=network.info["firehose"].rsplit("/", 1)[0])
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()

    def url(self, *, first: bool = True) -> str:
        return f"ws://localhost:{self.port}/" + ("subscribe" if first else f"xrpc/{V2}")

    def __enter__(self) -> Self:
        threading.Thread(target=self.hose.start, args=(self._hear,), daemon=True).start()
        self.thread = threading.Thread(
            target=self.loop.run_until_complete, args=(self._serve(),), daemon=True
        )
        self.thread.start()
        assert self.ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, _: TracebackType | None
    ) -> None:
        self.hose.stop()
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(10)

    async def _serve(self) -> None:
        self.stopping = asyncio.Event()
        async with serve(self._client, "127.0.0.1", 0) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            self.ready.set()
            await self.stopping.wait()

    def drop(self) -> None:
        for client in list(self.clients):
            asyncio.run_coroutine_threadsafe(client.close(), self.loop).result(5)

    def _hear(self, message: Any) -> None:
        found = parse_subscribe_repos_message(message)
        if not isinstance(found, models.ComAtprotoSyncSubscribeRepos.Commit):
            return
        blocks = CAR.from_bytes(found.blocks).blocks
        for op in found.ops:
            collection, _, rkey = op.path.partition("/")
            record = blocks.get(op.cid) if op.cid else None
            event = {
                "did": found.repo, "rev": found.rev, "operation": op.action, "collection": collection, "rkey": rkey,
                **({"cid": str(op.cid), "record": record} if record else {}),
            }  # fmt: skip
            self.events.append((time.time_ns() // 1000, event))

    async def _client(self, client: ServerConnection) -> None:
        self.connections += 1
        self.clients.add(client)
        parts = urlsplit(client.request.path if client.request else "")
        asked = parse_qs(parts.query)
        first = not parts.path.endswith(V2)
        if bad := set(asked) & (
            {"dids", "collections", "kinds"} if first else {"wantedDids", "wantedCollections"}
        ):
            await client.close(1008, f"unknown parameter {bad}")
            return
        dids = set(asked["wantedDids" if first else "dids"])
        collections = set(asked["wantedCollections" if first else "collections"])
        now = time.time_ns() // 1000 if first else len(self.events)
        since = int(asked.get("cursor", ["0"])[0]) or now
        told = 0
        try:
            while True:
                for at, event in self.events[told:]:
                    told += 1
                    seq = at if first else told
                    if seq > since and event["did"] in dids and event["collection"] in collections:
                        frame = _first(at, event) if first else _second(at, told, event)
                        await client.send(json.dumps(frame, default=str))
                await asyncio.sleep(0.05)
                if client.close_code is not None:
                    return
        finally:
            self.clients.discard(client)


def _first(at: int, event: dict[str, Any]) -> dict[str, Any]:
    commit = {name: value for name, value in event.items() if name != "did"}
    return {"did": event["did"], "time_us": at, "kind": "commit", "commit": commit}


def _second(at: int, seq: int, event: dict[str, Any]) -> dict[str, Any]:
    time_ = datetime.fromtimestamp(at / 1e6, UTC).isoformat()
    return {"$type": "message", "payload": {"$type": f"{V2}#commit", "seq": seq, "time": time_, **event}}
