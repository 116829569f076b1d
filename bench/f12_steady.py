"""F12, small and steady: memory and installing ÷ the peers', and what still comes in when three times too much is sent.

Memory: Pss of Hark's processes and of the peers' four workers, PostgreSQL left out of all, idle and after a load; the mark takes
what is worse for us. Overload: one client, in a closed loop over 32 connections for the peak, then in an open loop at three times
that rate; who is refused must hear 429 or 503 with Retry-After, and nothing that was accepted may be missing. Installing: from an
empty folder to the first page, packages fetched as usual.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time

import uvloop

from . import peers
from .f1_intake import CONNECTIONS, signed
from .flood import Flood, closed, flood
from .harness import Goal, Result, Run, alternate, median, percentile
from .installation import ROOT, Desk, Installation, installed
from .memory import allow_files, tree_mib
from .posts import bodies

TIMES = 3  # overload ÷ peak
OPEN = 10_000  # connections of the open loop, there before it begins: too many events is asked, not too many connections
MOST_PER_SECOND = 15_000  # posts signed ahead for the peak
GOODPUT = Goal("F12", "events accepted at 3 × overload ÷ peak", "×", aim=0.95, least=0.8, part="goodput")
REFUSED = Goal(
    "F12", "a refusal is there after, p99", "ms", aim=100, least=100, higher_is_better=False, part="refusals"
)
INSTALL = Goal(
    "F12",
    "fresh install to the first page ÷ the quickest peer",
    "×",
    1.0,
    1.5,
    higher_is_better=False,
    part="install",
)
MEMORY = {
    "django-helpdesk": Goal(
        "F12",
        "memory ÷ django-helpdesk",
        "×",
        1.0,
        1.5,
        higher_is_better=False,
        part="memory ÷ django-helpdesk",
    ),
    "Request Tracker": Goal(
        "F12",
        "memory ÷ Request Tracker",
        "×",
        0.35,
        0.5,
        higher_is_better=False,
        part="memory ÷ Request Tracker",
    ),
}
GOAL = GOODPUT


def measure(run: Run) -> Result:
    allow_files(OPEN + 1_000)
    seconds, peak_seconds = run.size(60, 3, "seconds"), run.size(10, 2, "peak")
    with peers.serving(run, 1000) as (cluster, found), installed(run.folder) as hark:
        [desk] = hark.desks()
        idle = memory(hark, found)
        accepted, wrong = [0], []
        prefixes = (f"o{number:04}x" for number in itertools.count())

        def peak() -> float:
            done = send(hark, desk, next(prefixes), peak_seconds)
            check(done)
            return done.per_s

        def overload() -> dict[str, float]:
            base = max(peaks)
            done = send(hark, desk, next(prefixes), seconds, TIMES * base)
            check(done)
            return {
                "goodput": done.per_s,
                "offered": done.sent / done.seconds / base,
                "could not be sent": done.late / done.seconds / base,
                "connections": done.connections,
                "refused": done.refused / done.seconds,
                "without an answer": done.other,
                "accepted p99 ms": percentile(done.accepted_ms, 0.99),
                "refused p99 ms": done.refusal_ms(0.99),
            }

        def check(done: Flood) -> None:
            accepted[0] += done.accepted
            stored = hark.one("SELECT count(*) FROM channels_delivery")
            if stored < accepted[0]:
                wrong.append(f"{accepted[0]} answers of 200, {stored} deliveries in the database")
            accepted[0] = stored  # an answer that the client gave up waiting for may have been stored
            if done.impolite:
                wrong.append(f"{done.impolite} refusals without Retry-After")
            with hark.connect() as connection:  # what F3 measures is not made here
                connection.execute("UPDATE channels_delivery SET state = 1 WHERE state = 0")

        run.say("warming up …")
        peaks: list[float] = [peak()]

        def measured_peak() -> float:
            peaks.append(peak())
            return peaks[-1]

        rounds = alternate(
            run,
            lambda: [*hark.pids(), cluster.pid, *peers.pids(found.values())],
            {"peak": measured_peak, "overload": overload},
        )
        for peer in found.values():
            peer.create(8, run.size(10, 2, "load"))
        loaded = memory(hark, found)
        if not run.quick:
            for name, peer in found.items():
                peer.install(run.folder / name)
        took = {name: peer.took() for name, peer in found.items()}
    over = {
        name: median(one[name] for one in rounds.values("overload")) for name in rounds.values("overload")[0]
    }
    marks = [(GOODPUT, over["goodput"] / median(rounds.values("peak"))), (REFUSED, over["refused p99 ms"])]
    marks += [
        (MEMORY[name], max(idle["Hark"] / idle[name], loaded["Hark"] / loaded[name]))
        for name in MEMORY
        if name in found
    ]
    installing = {"Hark": time_install(run) if not run.quick else 0.0} | {
        name: sum(steps.values()) for name, steps in took.items() if "install" in steps
    }
    if installing["Hark"] and len(installing) > 1:
        marks.append(
            (INSTALL, installing["Hark"] / min(value for name, value in installing.items() if name != "Hark"))
        )
    (goal, value), *more = marks
    return Result(
        goal,
        value,
        {
            "peak, events accepted a second": median(rounds.values("peak")),
            "overload": over,
            "offered ÷ peak, asked": TIMES,
            "memory idle, MiB": idle,
            "memory after the load, MiB": loaded,
            "fresh install to first page, s": installing,
            "peers, s by step": took,
            "peers that are not here": [name for name in MEMORY if name not in found] or "none",
            "seconds a round": [peak_seconds, seconds],
        },
        rounds,
        tuple(wrong),
        tuple(more),
        bars={name: max(idle[name], loaded[name]) for name in idle},
        bars_title="Memory of all processes but PostgreSQL's",
        bars_unit="MiB",
    )


def memory(hark: Installation, found: dict[str, peers.Peer]) -> dict[str, float]:
    """MiB of each, PostgreSQL left out."""
    assert hark.running
    return {"Hark": tree_mib(hark.running.pid)} | {name: tree_mib(peer.pid) for name, peer in found.items()}


def send(hark: Installation, desk: Desk, prefix: str, seconds: float, rate: float = 0.0) -> Flood:
    """In an open loop at that rate, else in a closed one. Signed ahead, so that the client does little but write and read."""
    count = int((rate or MOST_PER_SECOND) * seconds) + CONNECTIONS
    ready = iter([signed(desk, hark.port, body) for body in bodies(count, prefix)])
    if rate:
        return uvloop.run(flood(hark.port, ready, rate, seconds, OPEN))
    return uvloop.run(closed(hark.port, ready, seconds, CONNECTIONS))


def time_install(run: Run) -> float:
    """Seconds from an empty folder to the first page: `make run` without its last words."""
    run.say("installing Hark afresh …")
    began = time.perf_counter()
    place = run.folder / "fresh"
    subprocess.run(
        [
            sys.executable,
            str(ROOT / "hark/ops/install.py"),
            str(place),
            str(ROOT / "requirements.lock"),
            "run",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=900,
    )
    with installed(run.folder, "first", python=place / "bin" / "python"):
        return time.perf_counter() - began
