"""The worker: takes in what arrived, sends what is due, wakes what has slept. Claimed in batches from our own tables.

Woken by PostgreSQL's NOTIFY, and by a short timer in case a notice was lost. Arrival and outbox run in threads of their
own, so that a slow network never delays a message on its way in.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import psycopg
import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from hark.actions import calling
from hark.cases.actions import wake_due
from hark.cases.copying import copy_due
from hark.channels import intake
from hark.clocks.reminding import remind_due
from hark.journeys import arrival, reply
from hark.replies import approving, outbox

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 1.0
SENDERS = 4  # threads; each holds one connection while it talks to a network
stopping = threading.Event()


class Loop(threading.Thread):
    """Runs a verb for as long as it finds work, then waits to be woken. Survives a database that goes away."""

    def __init__(self, name: str, work: Callable[[], int], patience: Callable[[], float]) -> None:
        super().__init__(name=name, daemon=True)
        self.work, self.patience = work, patience
        self.woken = threading.Event()

    def run(self) -> None:
        trouble = 0.0
        while not stopping.is_set():
            self.woken.clear()
            try:
                if self.work():
                    trouble = 0.0
                    continue
                wait = self.patience()
            except (OperationalError, InterfaceError, psycopg.Error) as problem:
                log.warning("worker.database_away", loop=self.name, problem=str(problem).split("\n")[0])
                wait = trouble = min(5.0, trouble + 0.5)
                connection.close()
            except Exception:
                log.exception("worker.failed", loop=self.name)
                wait = trouble = min(30.0, trouble + 1.0)
                close_old_connections()
            self.woken.wait(wait)
        connection.close()


def main() -> None:
    """Run until told to stop; a batch under way is finished first."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    run()


def run() -> None:
    arrivals = Loop("arrival", arrival.work, lambda: LOOK_AGAIN_SECONDS)
    senders = [Loop(f"outbox-{number}", lambda: reply.deliver(1), until_due) for number in range(SENDERS)]
    alarm = Loop("alarm", wake_due, lambda: LOOK_AGAIN_SECONDS * 5)
    promises = Loop("promises", remind_due, lambda: LOOK_AGAIN_SECONDS * 5)
    approvals = Loop("approvals", approving.escalate_due, lambda: LOOK_AGAIN_SECONDS * 5)
    actions = Loop("actions", calling.work, lambda: LOOK_AGAIN_SECONDS)
    copier = Loop("copies", copy_due, lambda: LOOK_AGAIN_SECONDS)
    loops = [arrivals, *senders, alarm, promises, approvals, actions, copier]
    for loop in loops:
        loop.start()
    while not stopping.is_set():
        try:
            _listen(arrivals, senders)
        except psycopg.Error as problem:
            log.warning("worker.bus_lost", problem=str(problem).split("\n")[0])
            stopping.wait(LOOK_AGAIN_SECONDS)
    for loop in loops:
        loop.woken.set()
    for loop in loops:
        loop.join(30)


def until_due() -> float:
    """How long a sender may rest."""
    seconds = outbox.next_due_seconds()
    return LOOK_AGAIN_SECONDS if seconds is None else min(LOOK_AGAIN_SECONDS, max(0.02, seconds))


def _listen(arrivals: Loop, senders: list[Loop]) -> None:
    parameters = connection.get_connection_params()
    for ours in ("cursor_factory", "context"):
        parameters.pop(ours, None)
    with psycopg.connect(**parameters, autocommit=True) as listener:
        listener.execute(f"LISTEN {intake.WAKE}")
        listener.execute(f"LISTEN {reply.OUTBOX_WAKE}")
        for loop in [arrivals, *senders]:
            loop.woken.set()
        while not stopping.is_set():
            for notice in listener.notifies(timeout=LOOK_AGAIN_SECONDS, stop_after=1):
                for loop in [arrivals] if notice.channel == intake.WAKE else senders:
                    loop.woken.set()
