"""Real server software of other people, started on loopback: each in a private folder, on ports of its own.

The AT Protocol network (PLC directory, PDS, AppView; its direct message service is a stand-in) and an OpenID provider
come from npm packages in the folder that `hark.ops.testing.peers_folder` finds. Leaving a peer stops exactly what it
started. PEERS_KEEP=1 keeps the folders for a look at the logs; PEERS_NODE names another Node.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from hark.ops.testing import lacking, peers_folder

ROOT = os.geteuid() == 0
START_SECONDS = 120


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_port(port: int, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode} before it listened")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on 127.0.0.1:{port} after {seconds} s")


def tool(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise FileNotFoundError(f"{name} is not installed")
    return found


class Peer:
    """A private folder and the processes started in it. `info` says where to reach them."""

    name = "peer"

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        self.folder = Path()
        self.info: dict[str, Any] = {}

    def start(self) -> None:
        raise NotImplementedError

    def spawn(
        self, *command: str | Path, user: str = "", env: dict[str, str] | None = None, stdout: Any = None
    ) -> subprocess.Popen[bytes]:
        options: dict[str, Any] = {}
        if user and ROOT:
            who = pwd.getpwnam(user)
            options = {
                "user": who.pw_uid,
                "group": who.pw_gid,
                "extra_groups": os.getgrouplist(user, who.pw_gid),
            }
        with (self.folder / f"{self.name}.log").open("ab") as log:
            process = subprocess.Popen(
                [str(part) for part in command], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=stdout or log,
                stderr=log, env={**os.environ, **(env or {})}, start_new_session=True, **options,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def stop(self, process: subprocess.Popen[bytes], number: int = signal.SIGTERM, grace: float = 8) -> None:
        if process.poll() is None:
            process.send_signal(number)
            try:
                process.wait(grace)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix=f"peer-{self.name}-"))
        self.folder.chmod(0o755)
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes):
            self.stop(process)
        if not os.environ.get("PEERS_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Peer):
    """A throw-away cluster, durability off. info: url."""

    name = "postgres"

    def start(self) -> None:
        programs = max(
            Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None
        )
        if programs is None:
            raise FileNotFoundError("postgresql is not installed")
        user = "postgres" if ROOT else getpass.getuser()
        if ROOT:
            shutil.chown(self.folder, user)
        data = self.folder / "data"
        made = self.spawn(
            programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
            "--no-sync", user=user,
        )  # fmt: skip
        if made.wait(60):
            raise RuntimeError((self.folder / "postgres.log").read_text())
        port = free_port()
        options = {
            "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
            "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200",
        }  # fmt: skip
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        wait_port(port, self.spawn(programs / "postgres", "-D", data, "-p", str(port), *settings, user=user))
        self.info = {"url": f"postgresql://postgres@127.0.0.1:{port}"}
        self._psql = programs / "psql"
        self.sql("select 1")

    def sql(self, text: str) -> str:
        done = None
        for _ in range(100):  # "the database system is starting up"
            done = subprocess.run(
                [self._psql, "-qAtX", "-d", self.info["url"] + "/postgres", "-c", text],
                capture_output=True,
                text=True,
            )
            if "starting up" not in done.stderr:
                break
            time.sleep(0.1)
        if done is None or done.returncode:
            raise RuntimeError(done.stderr if done else "no answer")
        return done.stdout.strip()

    def database(self, name: str) -> str:
        self.sql(f'create database "{name}"')
        return f"{self.info['url']}/{name}"

    def stop(self, process: subprocess.Popen[bytes], number: int = signal.SIGINT, grace: float = 8) -> None:
        super().stop(process, signal.SIGINT, grace)  # a fast shutdown


class Redis(Peer):
    """info: hostport."""

    name = "redis"

    def start(self) -> None:
        port = free_port()
        process = self.spawn(
            tool("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--dir", self.folder,
        )  # fmt: skip
        wait_port(port, process)
        self.info = {"hostport": f"127.0.0.1:{port}"}


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
def stores() -> Iterator[tuple[Postgres, Redis]]:
    """What the AT Protocol network keeps its own things in."""
    try:
        with Postgres() as postgres, Redis() as redis:
            yield postgres, redis
    except (FileNotFoundError, KeyError) as problem:
        lacking(f"a peer’s software ({problem})")


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
