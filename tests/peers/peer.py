"""Somebody else's server software, started in a private folder and stopped again."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

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
