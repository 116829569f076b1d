"""F2, batched intake: events a second in bodies of 1,000 updates, as Meta sends them, ÷ rows a second that COPY writes.

A: COPY of ready rows into the delivery table, the same columns. B: signed bodies at the edge, the worker paused, so that only
the taking in is measured. Beside them C: bodies of 100, and D: bodies of 1,000 while the worker makes cases of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from .f1_intake import load, paused
from .f3_cases import READ, ready
from .harness import Goal, Result, Run, alternate, median
from .installation import installed
from .posts import bodies

GOAL = Goal(
    "F2", "events/s in signed bodies of 1,000 ÷ COPY rows/s into the same table", "×", aim=0.60, least=0.40
)
COPY = "COPY channels_delivery (brand_id, account_id, event_key, raw, state, problem, is_history) FROM STDIN"
CONNECTIONS = 8  # a network delivers over few; 8 × 1,000 events stay below what the edge holds for its writer
BACKLOG = 1_000_000
BACKLOG_AIM_SECONDS = 30


def measure(run: Run) -> Result:
    count, small = run.size(200_000, 3_000, "events"), run.size(50_000, 1_000, "small")
    with installed(run.folder) as hark:
        desk, spare = hark.desks(2)
        numbers = iter(range(1000))
        stored, wrong = [0], []

        def check(added: int) -> None:
            stored[0] += added
            found = hark.one("SELECT count(*) FROM channels_delivery")
            if found != stored[0]:
                wrong.append(f"{stored[0]} events sent or copied, {found} deliveries in the database")

        def copy() -> float:
            rows = ready(spare, count, f"c{next(numbers):03}x", READ).replace(b"\t1\n", b"\t1\t\tf\n")
            began = time.perf_counter()
            with hark.connect() as connection, connection.cursor() as cursor, cursor.copy(COPY) as sink:
                sink.write(rows)
            took = time.perf_counter() - began
            check(count)
            return count / took

        def send(events: int, each: int) -> float:
            found = load(
                run.folder, desk, hark.port, batches(events, each, f"b{next(numbers):03}x"), CONNECTIONS
            )
            check(events)
            return events / found["seconds"]

        def alone(events: int, each: int) -> float:
            with paused(hark, "worker"):
                rate = send(events, each)
            with hark.connect() as connection:  # what F3 measures is not made here
                connection.execute("UPDATE channels_delivery SET state = 1 WHERE state = 0")
            return rate

        def beside() -> float:
            rate = send(count, 1000)
            with hark.connect() as connection:
                connection.execute("UPDATE channels_delivery SET state = 1 WHERE state = 0")
            hark.drain()
            return rate

        run.say("warming up …")
        copy()
        alone(small, 1000)
        rounds = alternate(
            run,
            hark.pids,
            {
                "COPY": copy,
                "bodies of 1,000": lambda: alone(count, 1000),
                "bodies of 100": lambda: alone(small, 100),
                "bodies of 1,000, worker running": beside,
            },
        )
    rates = {side: median(rounds.values(side)) for side in rounds.sides}
    backlog = BACKLOG / rates["bodies of 1,000"]
    return Result(
        GOAL,
        rates["bodies of 1,000"] / rates["COPY"],
        {
            **{f"{side}, {'rows' if side == 'COPY' else 'events'}/s": rate for side, rate in rates.items()},
            "bodies of 100, ratio": rates["bodies of 100"] / rates["COPY"],
            "worker running, ratio": rates["bodies of 1,000, worker running"] / rates["COPY"],
            "a backlog of 1 M events is taken in after, s (from the rate)": backlog,
            "the same, aim s": BACKLOG_AIM_SECONDS,
            "connections": CONNECTIONS,
            "events a round": [count, small],
        },
        rounds,
        tuple(wrong),
        bars={side if side == "COPY" else f"Hark, {side}": rate for side, rate in rates.items()},
        bars_title="Events or rows stored a second",
        bars_unit="/s",
    )


def batches(count: int, each: int, prefix: str) -> Iterator[bytes]:
    """Bodies of `each` events, all of one length."""
    events = bodies(count, prefix)
    for _ in range(count // each):
        yield b'{"events":[' + b",".join(next(events) for _ in range(each)) + b"]}"
