"""What other servers keep their own things in: PostgreSQL and Redis."""

from __future__ import annotations

import getpass
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hark.ops.testing import lacking

from .peer import ROOT, Peer, free_port, tool, wait_port


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


@pytest.fixture(scope="session")
def stores() -> Iterator[tuple[Postgres, Redis]]:
    """What the AT Protocol network keeps its own things in."""
    try:
        with Postgres() as postgres, Redis() as redis:
            yield postgres, redis
    except (FileNotFoundError, KeyError) as problem:
        lacking(f"a peer’s software ({problem})")
