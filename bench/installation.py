"""Hark as users start it: `hark up` on an embedded, durable PostgreSQL of its own, in a folder that goes away again."""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from hark.ops import environment, postgres
from hark.ops.postgres import place, processes

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS, STOP_SECONDS, DRAIN_SECONDS = 120, 60, 300
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True)
class Desk:
    """A brand with one practice account and its agents, each signed in."""

    brand: int
    slug: str
    account: int
    hook_key: str
    secret: str
    member: int
    cookies: list[str]


@dataclass
class Installation:
    folder: Path
    port: int = 0
    running: subprocess.Popen[bytes] | None = None
    variables: dict[str, str] = field(default_factory=dict)
    database_url: str = ""  # of another server than the embedded one
    server_pid: int = 0  # of that other server
    python: Path = Path(sys.executable)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)  # as root, PostgreSQL runs as somebody else who must pass through
        self.port = free_port()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HARK_")}
        self.variables = inherited | {
            "HARK_DATA": str(self.folder),
            "HARK_HOST": "127.0.0.1",
            "HARK_PROBE_SECONDS": "0",  # nothing but the load
            "HARK_PORT": str(self.port),
        }
        if self.database_url:
            self.variables["HARK_DATABASE_URL"] = self.database_url

    @property
    def env(self) -> environment.Environment:
        return environment.read(self.variables)

    def start(self) -> None:
        """Until it answers. Its words are in up.log."""
        with (self.folder / "up.log").open("ab") as log:
            self.running = subprocess.Popen(
                [str(self.python), "-P", "-m", "hark.ops", "up", "--no-demo"],
                cwd=ROOT,
                env=self.variables | {"PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        give_up_at = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self.running.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"Hark didn't start:\n{(self.folder / 'up.log').read_text()[-3000:]}")
            time.sleep(0.1)
        with self.connect() as connection:
            for name in DURABLE:
                [value] = connection.execute(f"SHOW {name}").fetchone() or [""]
                if value != "on":
                    raise RuntimeError(f"{name} is {value}: a figure without it is worth nothing")

    def stop(self) -> None:
        if self.running and self.running.poll() is None:
            self.running.send_signal(signal.SIGTERM)
            try:
                self.running.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.running.kill()
                self.running.wait()
        if postgres.is_running(self.env):
            postgres.stop(self.env)

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(postgres.dsn(self.env), autocommit=True)

    def one(self, sql: str, parameters: Any = ()) -> Any:
        """The single value that a statement gives."""
        with self.connect() as connection:
            row = connection.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def waiting(self) -> int:
        """Deliveries that nobody has taken in yet."""
        return int(self.one("SELECT count(*) FROM channels_delivery WHERE state = 0"))

    def drain(self) -> None:
        """Until everything that was accepted has been taken in."""
        give_up_at = time.monotonic() + DRAIN_SECONDS
        while self.waiting():
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"deliveries still wait after {DRAIN_SECONDS} s")
            time.sleep(0.2)

    def pids(self) -> list[int]:
        """The roots of the process trees that are ours: the supervisor, and PostgreSQL, which belongs to nobody."""
        server = self.server_pid or processes.postmaster_pid(place.find(self.env).home)
        return [pid for pid in (self.running and self.running.pid, server) if pid]

    def desks(self, brands: int = 1, agents: int = 1) -> list[Desk]:
        """Brands with a practice account each (its own customers silent) and signed-in agents."""
        made = subprocess.run(
            [sys.executable, "-m", "bench.desks", str(brands), str(agents)],
            cwd=ROOT,
            env=self.variables,
            check=True,
            stdout=subprocess.PIPE,
            timeout=300,
        )
        return [Desk(**desk) for desk in json.loads(made.stdout.splitlines()[-1])]

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        return False


@contextlib.contextmanager
def installed(folder: Path, name: str = "hark", **more: Any) -> Iterator[Installation]:
    """Hark running in `folder`/`name`; stopped and removed afterwards."""
    hark = Installation(folder / name, **more)
    try:
        hark.start()
        yield hark
    finally:
        hark.stop()
        remove(hark.folder)


def remove(folder: Path) -> None:
    """What an installation kept: its folder, and its database where that had to live elsewhere."""
    home = place.find(environment.read({"HARK_DATA": str(folder)}))
    if home.elsewhere:
        shutil.rmtree(home.home.parent, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def end_with_parent() -> None:
    """Linux: whatever happens to the measuring process, what it started is told to stop."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
