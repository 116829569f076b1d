"""The AT Protocol network and an OpenID provider, from npm packages."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from hark.ops.testing import lacking, peers_folder

from .peer import START_SECONDS, Peer, free_port, tool
from .stores import Postgres, Redis


class NodePeer(Peer):
    """A script that prints one line of JSON when it is ready."""

    script = ""

    def run(self, env: dict[str, str], *arguments: str) -> dict[str, Any]:
        home = peers_folder()
        if home is None or not (home / self.name / "node_modules").is_dir():
            raise FileNotFoundError(f"the npm packages of {self.name}")
        node = os.environ.get("PEERS_NODE") or tool("node")
        process = self.spawn(
            node, home / self.name / self.script, *arguments, env=env, stdout=subprocess.PIPE
        )
        got: list[bytes] = []
        done = threading.Event()

        def read() -> None:
            for line in process.stdout or ():
                if not got and b'"ready":true' in line:
                    got.append(line)
                    done.set()
            done.set()

        threading.Thread(target=read, daemon=True).start()
        done.wait(START_SECONDS)
        if not got:
            raise RuntimeError((self.folder / f"{self.name}.log").read_text()[-4000:] or "it did not start")
        found: dict[str, Any] = json.loads(got[0])
        return found


class Atproto(NodePeer):
    """A whole AT Protocol network. info: pds, appview, plc, chat, firehose, control."""

    name = "atproto"
    script = "network.mjs"

    def __init__(self, postgres: Postgres, redis: Redis, *, rate_limits: bool = False) -> None:
        super().__init__()
        self.postgres, self.redis, self.rate_limits = postgres, redis, rate_limits

    def start(self) -> None:
        self.info = self.run(
            {
                "PORT_BASE": str(_port_block()),
                "TMPDIR": str(self.folder),
                "PDS_RATE_LIMITS": "1" if self.rate_limits else "",
                "DB_POSTGRES_URL": self.postgres.database(f"atproto_{time.time_ns()}"),
                "REDIS_HOST": self.redis.info["hostport"],
            }
        )

    def control(self, path: str, body: Any = None) -> Any:
        """`/index/stop` and `/index/start` (the AppView), `/chat/fault` (what the next direct message calls get)."""
        content = json.dumps(body).encode() if body is not None else b""
        request = urllib.request.Request(self.info["control"] + path, method="POST", data=content)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def settle(self) -> None:
        """Return once the AppView has indexed everything the PDS emitted."""
        self.control("/settle")


class Oidc(NodePeer):
    """An OpenID provider. info: issuer, discovery, users. Client hark / hark-secret; any password."""

    name = "oidc"
    script = "provider.mjs"

    def __init__(self, redirect_uris: str, accounts: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.redirect_uris, self.accounts = redirect_uris, accounts

    def start(self) -> None:
        env = {"PORT": str(free_port()), "REDIRECT_URIS": self.redirect_uris}
        if self.accounts is not None:
            env["ACCOUNTS"] = json.dumps(self.accounts)
        self.info = self.run(env)


def _port_block() -> int:
    """The first of twenty ports of which the network's are free."""
    for base in range(21000, 29000, 20):
        with contextlib.ExitStack() as held:
            try:
                for number in (0, 2, 3, 4, 7, 10):
                    found = held.enter_context(socket.socket())
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    found.bind(("127.0.0.1", base + number))
            except OSError:
                continue
            return base
    raise RuntimeError("no free ports")


@pytest.fixture(scope="session")
def atproto(stores: tuple[Postgres, Redis]) -> Iterator[Atproto]:
    """The network, started once a run; every test makes fresh accounts on it."""
    with _network(Atproto(*stores)) as network:
        yield network


@pytest.fixture
def strict_atproto(stores: tuple[Postgres, Redis]) -> Iterator[Atproto]:
    """A network of its own whose server enforces its rate limits."""
    with _network(Atproto(*stores, rate_limits=True)) as network:
        yield network


@contextlib.contextmanager
def _network(network: Atproto) -> Iterator[Atproto]:
    """Started, and reachable for Hark, which refuses loopback otherwise."""
    try:
        network.__enter__()
    except FileNotFoundError as problem:
        lacking(f"a peer’s software ({problem})")
    before = {name: os.environ.get(name) for name in ("HARK_ALLOW_PRIVATE", "HARK_BLUESKY_PLC")}
    os.environ["HARK_ALLOW_PRIVATE"] = "localhost"
    os.environ["HARK_BLUESKY_PLC"] = network.info["plc"]
    try:
        yield network
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
        network.__exit__()
