"""`hark up`: prepare everything, start every process, keep them alive, stop them in order.

One process per data directory. It loads Django once and forks, so that the children share memory and start at once.
"""

import contextlib
import fcntl
import functools
import gc
import os
import resource
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TextIO

import msgspec

from hark.ops import demo as demos
from hark.ops import django_setup, identity, postgres, terminal, upgrading
from hark.ops.child import Child, how_it_ended
from hark.ops.environment import Environment, make_data_directory
from hark.ops.errors import OpsError
from hark.ops.processes import PROCESSES, listen

WATCHED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM}
LOOK_AROUND_SECONDS = 1.0
HEADLESS_SECONDS = 15.0  # PostgreSQL is so while it starts or stops, but not for so long
STOP_SECONDS = 10.0  # how long each process may take to end by itself
STOP_ORDER = ("web", "collectors", "worker", "jobs")  # no more comes in, then what is in hand is finished


def up(env: Environment, *, demo: bool, backup: bool = True) -> None:
    """Run until a signal. Raises OpsError when something can't be started."""
    make_data_directory(env)
    with _only_one(env) as lock, listen(env) as listening:
        try:
            open_files = raise_file_limit()
            if not env.database_url:
                terminal.say("Starting PostgreSQL …")
                postgres.start(env, terminal.say)
            applied = upgrading.apply(env, backup=backup)
            if applied:
                terminal.done(f"Database prepared ({applied} migrations).")
            link = demos.prepare(create=demo)
            _load_what_children_share()
            supervisor = Supervisor(env, listening, lock)
            supervisor.start()
            _welcome(env, link, open_files)
            supervisor.watch()
        finally:
            _close_connections()
            if not env.database_url and postgres.is_running(env):
                postgres.stop(env)
                terminal.done("PostgreSQL stopped. Everything is kept.")


def alone(env: Environment, name: str) -> None:
    """Run one process here and now, until a signal."""
    raise_file_limit()
    django_setup.load()
    upgrading.refuse_a_newer_database()
    upgrading.refuse_before_replay()
    if pending := django_setup.pending_migrations():
        raise OpsError(f"{len(pending)} migrations are missing in the database: run `hark migrate` first.")
    _close_connections()
    identity.begin(env, name)
    PROCESSES[name](env, None)


@dataclass
class Supervisor:
    env: Environment
    listening: socket.socket
    lock: TextIO
    children: list[Child] = field(default_factory=list)
    noted: dict[str, int] = field(default_factory=dict)  # what processes.json says
    headless_since: float | None = None  # PostgreSQL, on the monotonic clock

    def start(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)  # taken one by one in watch(), never in between
        for name in PROCESSES:
            count = self.env.web_processes if name == "web" else 1
            for number in range(1, count + 1):
                label = name if count == 1 else f"{name} {number}"
                run = functools.partial(self._run_in_child, name)
                # Web holds nothing that a kill could harm, and must not keep the port; the others finish their batch.
                ends_by = signal.SIGKILL if name == "web" else signal.SIGTERM
                self.children.append(Child(label, run, ends_by))
        for child in self.children:
            child.start()
        self._note()

    def watch(self) -> None:
        """Until SIGINT or SIGTERM: start again what dies. Then stop everything in order."""
        while True:
            if next_signal(LOOK_AROUND_SECONDS) in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                break
            self._look_around()
        self._stop()

    def _look_around(self) -> None:
        for child, status in self._reap():
            pause = child.fell()
            terminal.warn(f"{child.name} {how_it_ended(status)}; starting it again in {pause:.1f} s.")
        if not self.env.database_url:
            self._look_after_postgres()
        for child in self.children:
            if child.is_due():
                child.start()
        self._note()

    def _look_after_postgres(self) -> None:
        if not postgres.is_headless(self.env):
            self.headless_since = None
        elif self.headless_since is None:
            self.headless_since = time.monotonic()
        elif time.monotonic() - self.headless_since > HEADLESS_SECONDS:
            terminal.warn("PostgreSQL neither serves nor recovers; ending it.")
            postgres.end_at_once(self.env)
        if not postgres.is_running(self.env):
            terminal.warn("PostgreSQL is gone; starting it again.")
            try:
                postgres.start(self.env, terminal.say)
            except OpsError as error:
                terminal.fail(f"{error} Trying again.")

    def _reap(self) -> list[tuple[Child, int]]:
        ended = []
        for child in self.children:
            if child.pid is None:
                continue
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                child.send(signal.SIGKILL)  # what it may have left behind in its group
                ended.append((child, status))
        return ended

    def _stop(self) -> None:
        terminal.say("Stopping … (Ctrl-C again: at once)")
        forced = False
        for name in STOP_ORDER:
            going = [child for child in self.children if child.name.split()[0] == name and child.pid]
            for child in going:
                child.send(signal.SIGKILL if forced else signal.SIGTERM)
            forced = self._wait_for(going, forced)
        (self.env.data / "processes.json").unlink(missing_ok=True)

    def _wait_for(self, going: list[Child], forced: bool) -> bool:
        give_up_at = time.monotonic() + STOP_SECONDS
        while any(child.pid for child in going):
            for child, _ in self._reap():
                child.pid = None
            again = next_signal(0.1) in (signal.SIGINT, signal.SIGTERM)
            if again or time.monotonic() > give_up_at:
                late = ", ".join(child.name for child in going if child.pid)
                if late:
                    terminal.warn(f"Ending {late} by force.")
                for child in going:
                    child.send(signal.SIGKILL)
                forced = forced or again
                give_up_at = time.monotonic() + STOP_SECONDS
        return forced

    def _run_in_child(self, name: str) -> None:
        self.lock.close()  # the lock is the supervisor's alone
        if name != "web":
            self.listening.close()
        identity.begin(self.env, name)
        PROCESSES[name](self.env, self.listening if name == "web" else None)

    def _note(self) -> None:
        """processes.json: who runs as what, for people and tests. On a full disk it is written once there is room."""
        found = {"supervisor": os.getpid(), **{child.name: child.pid for child in self.children if child.pid}}
        if found == self.noted:
            return
        draft = self.env.data / ".processes.json"
        with contextlib.suppress(OSError):
            draft.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
            draft.replace(self.env.data / "processes.json")
            self.noted = found


def next_signal(seconds: float) -> signal.Signals:
    """The next of WATCHED; SIGALRM when none came in that time.

    Not sigtimedwait: in a process that was stopped for longer than the time-out it gives a signal that nobody has sent
    (CPython 3.11), and that was a SIGHUP.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds)
    return signal.Signals(signal.sigwait(WATCHED))


def raise_file_limit() -> int:
    """Let every live stream have its file: the soft limit goes up to the hard one, which is returned."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):  # macOS calls its limit infinite and then refuses it
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


@contextlib.contextmanager
def _only_one(env: Environment) -> Iterator[TextIO]:
    try:
        file = (env.data / django_setup.SUPERVISOR_LOCK).open("a+")
    except OSError as error:
        raise OpsError(
            f"{env.data} belongs to another user: run Hark as that user, or name another folder with HARK_DATA."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise OpsError(
                f"Hark is running already on {env.data} (process {file.read().strip() or '?'}). "
                "Stop that one, or name another folder with HARK_DATA."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield file


def _load_what_children_share() -> None:
    import importlib

    importlib.import_module("hark.config.asgi")
    _close_connections()  # a connection must not be shared over a fork
    gc.collect()
    gc.freeze()  # what is loaded now stays shared: the collector won't touch its pages


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()


def _welcome(env: Environment, link: str | None, open_files: int) -> None:
    out = terminal.out
    out.print()
    out.print(f"  [bold]Hark[/bold]  [bold cyan]{env.public_url}[/bold cyan]")
    if link:
        out.print(f"  [bold]Sign in once with[/bold]  [bold cyan]{env.public_url}{link}[/bold cyan]")
    else:
        out.print("  [dim]A one-time sign-in link: hark link EMAIL[/dim]")
    out.print(
        f"  [dim]Data in {env.data}, up to {open_files} open connections. Ctrl-C stops everything.[/dim]"
    )
    out.print()
