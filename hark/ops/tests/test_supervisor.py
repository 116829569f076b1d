"""`hark up` as somebody lives with it: it starts, things die, it is stopped, it starts again."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hark.ops.tests.conftest import Installation, python_for

PATIENCE_SECONDS = 60


@dataclass
class Running:
    """A `hark up` in the background."""

    installation: Installation
    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text()

    @property
    def pids(self) -> dict[str, int]:
        path = self.installation.data / "processes.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def is_ready(self) -> bool:
        return self.get("/health/ready") == 200

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[[Installation], Running]]:
    made: list[Running] = []

    def start(installation: Installation, port: int | None = None) -> Running:
        port = port or free_port()
        log = tmp_path / f"up-{len(made)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [python_for(installation.uid), "-P", "-m", "hark.ops", "up"],
                env=installation.variables(HARK_PORT=str(port)),
                user=installation.uid,
                group=installation.uid,
                extra_groups=[] if installation.uid else None,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd="/",
                start_new_session=True,
            )
        running = Running(installation, port, process, log)
        made.append(running)
        until(lambda: running.is_ready() or process.poll() is not None, running)
        assert process.poll() is None, running.said
        return running

    yield start
    for running in made:
        if running.process.poll() is None:
            running.stop(signal.SIGTERM)


def test_it_starts_with_a_demo_and_a_link_stops_and_starts_again(installation: Installation, up):
    running = up(installation)
    assert set(running.pids) == {"supervisor", "web", "worker", "jobs", "collectors"}
    assert "Ternway" in running.said
    link = re.search(r"http://127\.0\.0\.1:\d+(/in/\S+)", running.said)
    assert link
    assert running.get(link[1]) == 200
    pids = running.pids

    assert running.stop() == 0
    assert "Everything is kept" in running.said
    assert not any(is_alive(pid) for pid in pids.values())
    assert installation.hark("db", "status").returncode == 1

    again = up(installation)
    assert "Demo brand" not in again.said
    assert installation.ask("SELECT count(*) FROM brands_brand") == [(1,)]


def test_what_dies_is_started_again_and_said(lived_in: Installation, up):
    running = up(lived_in)
    before = running.pids
    for name in ("web", "worker", "jobs", "collectors"):
        os.kill(before[name], signal.SIGKILL)
    until(
        lambda: all(
            running.pids.get(name, pid) != pid for name, pid in before.items() if name != "supervisor"
        ),
        running,
    )
    until(running.is_ready, running)
    for name in ("web", "worker", "jobs", "collectors"):
        assert f"{name} was killed by SIGKILL; starting it again in 0.5 s" in running.said


def test_the_database_is_started_again_too(lived_in: Installation, up):
    running = up(lived_in)
    pid = lived_in.postmaster
    assert pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: lived_in.postmaster not in (None, pid) and running.is_ready(), running)
    assert "PostgreSQL is gone; starting it again" in running.said
    assert lived_in.ask("SELECT count(*) FROM brands_brand") == [(1,)]


def test_kill_9_of_the_supervisor_leaves_nothing_behind_that_matters(lived_in: Installation, up):
    running = up(lived_in)
    pids = running.pids
    os.kill(pids["supervisor"], signal.SIGKILL)
    running.process.wait(10)
    until(lambda: not any(is_alive(pid) for pid in pids.values()), running)

    again = up(lived_in, running.port)  # the port is free, and the database that went on is adopted
    assert again.stop() == 0
    assert lived_in.hark("db", "status").returncode == 1


def test_who_is_suspended_for_a_while_goes_on(lived_in: Installation, up):
    running = up(lived_in)
    running.process.send_signal(signal.SIGSTOP)
    time.sleep(2.5)  # longer than it waits for a signal
    running.process.send_signal(signal.SIGCONT)
    time.sleep(1)
    assert "Stopping" not in running.said
    assert running.is_ready()


def test_a_taken_port_and_a_second_supervisor_are_said(lived_in: Installation, up, folder: Path):
    running = up(lived_in)
    second = lived_in.hark("up", HARK_PORT=str(free_port()))
    assert second.returncode == 1
    assert f"running already on {lived_in.data} (process {running.process.pid})" in second.stderr

    other = Installation(folder / "other", None).hark("up", HARK_PORT=str(running.port))
    assert other.returncode == 1
    assert f"Port {running.port} on 127.0.0.1 is taken by process" in other.stderr
    assert f"HARK_PORT={running.port + 1}" in other.stderr
    assert not (folder / "other" / "postgres").exists()


def test_somebody_impatient_presses_ctrl_c_twice(lived_in: Installation, up):
    running = up(lived_in)
    stuck = running.pids["worker"]
    os.kill(stuck, signal.SIGSTOP)
    running.process.send_signal(signal.SIGINT)
    until(lambda: "Stopping" in running.said, running)
    time.sleep(1)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(9) == 0
    assert not is_alive(stuck)
    assert "by force" in running.said


def test_a_process_can_run_alone(lived_in: Installation, up, tmp_path: Path):
    lived_in.hark("db", "stop")
    lonely = lived_in.hark("run", "web")
    assert lonely.returncode == 1
    assert "hark db start" in lonely.stderr

    lived_in.hark("db", "start")
    port = free_port()
    variables = lived_in.variables(HARK_PORT=str(port))
    with (tmp_path / "web.log").open("wb") as log:
        web = subprocess.Popen(
            [python_for(None), "-P", "-m", "hark.ops", "run", "web"],
            env=variables,
            stdout=log,
            stderr=log,
            cwd="/",
        )
    running = Running(lived_in, port, web, tmp_path / "web.log")
    try:
        until(running.is_ready, running)
    finally:
        web.terminate()
        web.wait(30)
        lived_in.hark("db", "stop")


def test_a_database_newer_than_the_code_is_refused(lived_in: Installation):
    assert "Nothing to do" in lived_in.hark("migrate").stdout
    lived_in.ask(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('cases', '9999_from_the_future', now())"
    )
    for command in ("migrate", "up"):
        answer = lived_in.hark(command, HARK_PORT=str(free_port()))
        assert answer.returncode == 1
        assert "newer than this code: it knows cases.9999_from_the_future" in answer.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(true: Callable[[], bool], running: Running) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < give_up_at, running.said
        time.sleep(0.2)


def is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
