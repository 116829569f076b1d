"""Hark as its users run it, to be killed: `hark up` on a data directory of its own, with its embedded PostgreSQL."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from hark.ops import postgres
from hark.ops.postgres import processes
from hark.ops.tests.conftest import Installation, installed, python_for

PROCESSES = ("web", "worker", "jobs", "collectors")
LEASE_SECONDS = 12  # a dead sender's reply is looked after this soon; 90 for everybody else
PATIENCE_SECONDS = 90


@dataclass
class Product:
    """One installation, its supervisor, and the helpers that press on it from outside."""

    installation: Installation
    folder: Path
    port: int
    variables: dict[str, str] = field(default_factory=dict)  # of its processes
    supervisor: subprocess.Popen[bytes] | None = None
    helpers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.folder / "up.log"

    def hark(self, *words: str) -> None:
        answer = self.installation.hark(*words)
        assert answer.returncode == 0, answer.stderr

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.supervisor = subprocess.Popen(
                [python_for(None), "-P", "-m", "hark.ops", "up", "--no-demo"],
                env=self._variables(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
        self.until(self.is_ready, "it starts")

    def stop(self) -> None:
        """Helpers first, then everything in order."""
        for helper in self.helpers:
            if helper.poll() is None:
                helper.kill()
                helper.wait(10)
        if self.supervisor and self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGTERM)
            self.supervisor.wait(60)

    def helper(
        self, module: str, *words: str, wait: bool = False, outside: bool = False
    ) -> subprocess.Popen[bytes]:
        """A process beside the product, on the same data directory; or outside, where the product's variables don't hold."""
        with (self.folder / f"{module}.log").open("ab") as log:
            process = subprocess.Popen(
                [python_for(None), "-P", "-m", f"tests.torture.{module}", *words],
                env=self.installation.variables() if outside else self._variables(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
            )
        self.helpers.append(process)
        if wait:
            assert process.wait(PATIENCE_SECONDS) == 0, self.said(module)
        return process

    def said(self, module: str) -> str:
        return (self.folder / f"{module}.log").read_text(errors="replace")[-4000:]

    def pid_of(self, name: str) -> int | None:
        """The living process of this name; None while it is being started again."""
        if name == "postgres":
            return processes.postmaster_pid(postgres.place.find(self.installation.env).home)
        with contextlib.suppress(OSError, ValueError):
            pid = json.loads((self.installation.data / "processes.json").read_text()).get(name)
            return pid if pid and is_alive(pid) else None
        return None

    def kill(self, name: str) -> float:
        """kill -9, and the moment of it. The supervisor is started again by whoever runs the machine: by us."""
        self.until(lambda: self.pid_of(name) is not None, f"{name} lives")
        pid = self.pid_of(name)
        assert pid
        at = time.time()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if name == "supervisor":
            assert self.supervisor
            self.supervisor.wait(30)
            self.start()
        return at

    def is_ready(self) -> bool:
        assert self.supervisor
        assert self.supervisor.poll() is None, self.log.read_text(errors="replace")[-4000:]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=10) as answer:
                return answer.status == 200
        except (urllib.error.HTTPError, OSError):
            return False

    def is_whole(self) -> bool:
        return all(self.pid_of(name) for name in (*PROCESSES, "postgres")) and self.is_ready()

    def until(self, true: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
        give_up_at = time.monotonic() + seconds
        while not true():
            tail = self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""
            assert time.monotonic() < give_up_at, f"waited {seconds} s in vain until {what}\n{tail}"
            time.sleep(0.1)

    @contextlib.contextmanager
    def books(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection to the product's database."""
        with psycopg.connect(postgres.dsn(self.installation.env), connect_timeout=10) as connection:
            yield connection

    def _variables(self) -> dict[str, str]:
        shorter = {"HARK_PORT": str(self.port), "HARK_LEASE_SECONDS": str(LEASE_SECONDS)}
        return self.installation.variables(**shorter, **self.variables)


@contextlib.contextmanager
def product(folder: Path, variables: dict[str, str] | None = None) -> Iterator[Product]:
    """An empty, migrated installation; gone afterwards."""
    for installation in installed(folder / "data", None):
        made = Product(installation, folder, free_port(), variables or {})
        try:
            yield made
        finally:
            made.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
