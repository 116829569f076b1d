"""SOAK, steady for an hour: at half of the rate at which cases are made, does memory grow, or a table that nothing empties?

Memory: Pss of all of Hark's processes, PostgreSQL left out. What a post leaves is kept, and grows; every other table must be
emptied by a job. What runs once a night or an hour runs once before: its first time takes some MiB, whenever that is, and would
be taken for growth. Whoever can't make cases as fast as posts come has no half of a load: the rate is measured over a minute.
"""

from __future__ import annotations

import asyncio
import itertools
import time

import uvloop

from .cpu import Watch
from .f1_intake import signed
from .f3_cases import make_cases, wait_until_read
from .flood import Flood, flood
from .harness import FOREIGN_LIMIT, Goal, Result, Round, Rounds, Run
from .installation import Desk, Installation, installed
from .memory import tree_mib
from .posts import bodies

GOAL = Goal(
    "SOAK",
    "growth of memory an hour, at half of the load that fits",
    "%",
    aim=1,
    least=1,
    higher_is_better=False,
)
LONGEST_SECONDS = 2 * 3600
CONNECTIONS, OPEN = 32, 512
WARM_SHARE = 1 / 6  # of the time, before memory is looked at
SAMPLES = 360
# What is kept because a post is kept: these grow with the posts, until somebody erases a person or a brand.
KEPT = {
    "channels_delivery",
    "customers_person",
    "customers_profile",
    "cases_thread",
    "cases_case",
    "cases_message",
    "cases_event",
    "clocks_clock",
}
EMPTIED = ("procrastinate_",)  # hark/ops/tasks.py: old jobs go after a week
ROWS = 1_000  # by which another table may grow
NOW_AND_THEN = ("ops.tidy", "ops.expiry", "ops.recount")  # hark/ops/tasks.py
POINTS = 12  # of the way of the memory that are told


def measure(run: Run) -> Result:
    seconds = run.size(3600, 10, "seconds")
    samples: list[tuple[float, float]] = []
    wrong: list[str] = []
    with installed(run.folder) as hark:
        [desk] = hark.desks()
        assert hark.running
        idle = tree_mib(hark.running.pid)
        run_what_runs_seldom(hark)
        fits = make_cases(run, hark, desk, run.size(100_000, 300, "cases"), "swarmx", CONNECTIONS)
        run.say(f"{seconds} s at {fits / 2:,.0f} posts a second …")
        before = rows(hark)
        with Watch(hark.pids()) as watch:
            done = uvloop.run(_load(run, hark, desk, fits / 2, seconds, samples))
        try:
            wait_until_read(hark)
        except TimeoutError as problem:
            wrong.append(f"cases were not made as fast as posts came: {problem}")
        grown = {name: count - before[name] for name, count in rows(hark).items() if count > before[name]}
        bytes_a_post = hark.one(
            "SELECT pg_database_size(current_database()) / count(*) FROM channels_delivery"
        )
    if (stored := grown.get("channels_delivery", 0)) != done.accepted or done.other:
        wrong.append(f"{done.accepted} answers of 200, {done.other} others, {stored} deliveries")
    wrong += [
        f"{name} grew by {count:,} rows and nothing empties it"
        for name, count in grown.items()
        if name not in KEPT and not name.startswith(EMPTIED) and count > ROWS
    ]
    found = slope([sample for sample in samples if sample[0] > seconds * WARM_SHARE])
    return Result(
        GOAL,
        found,
        {
            "seconds": seconds,
            "posts a second": fits / 2,
            "accepted and refused": [done.accepted, done.refused],
            "MiB idle, at the start and at the end": [idle, samples[0][1], samples[-1][1]],
            "MiB on the way": [round(mib, 1) for _, mib in samples[:: max(1, len(samples) // POINTS)]],
            "rows added": grown,
            "bytes of the database a post": bytes_a_post,
        },
        Rounds({"soak": [Round(found, round(watch.foreign, 3))]}, 0, watch.foreign > FOREIGN_LIMIT),
        tuple(wrong),
        bars={"idle": idle, "at the start": samples[0][1], "at the end": samples[-1][1]},
        bars_title="Memory of all processes but PostgreSQL's",
        bars_unit="MiB",
    )


async def _load(
    run: Run, hark: Installation, desk: Desk, rate: float, seconds: float, samples: list[tuple[float, float]]
) -> Flood:
    posts = (
        signed(desk, hark.port, body) for part in itertools.count() for body in bodies(10_000, f"s{part:05}x")
    )
    began = time.monotonic()
    assert hark.running
    root = hark.running.pid

    async def weigh() -> None:
        while True:
            samples.append((time.monotonic() - began, await asyncio.to_thread(tree_mib, root)))
            await asyncio.sleep(max(0.5, seconds / SAMPLES))

    weighing = asyncio.create_task(weigh())
    done = await flood(hark.port, posts, rate, seconds, OPEN)
    weighing.cancel()
    return done


def run_what_runs_seldom(hark: Installation) -> None:
    """Raises TimeoutError when that is not done within a minute."""
    with hark.connect() as connection:
        for task in NOW_AND_THEN:
            connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', %s, %s)",
                [task, '{"timestamp": 0}'],
            )
    deadline = time.monotonic() + 60
    while hark.one("SELECT count(*) FROM procrastinate_jobs WHERE task_name = ANY(%s)", [list(NOW_AND_THEN)]):
        if time.monotonic() > deadline:
            raise TimeoutError("the jobs that run seldom were not done within a minute")
        time.sleep(0.2)


def rows(hark: Installation) -> dict[str, int]:
    """How many each table of ours holds."""
    with hark.connect() as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        ).fetchall()
        return {
            name: (connection.execute(f'SELECT count(*) FROM "{name}"').fetchone() or (0,))[0]
            for (name,) in names
        }


def slope(samples: list[tuple[float, float]]) -> float:
    """Growth in % of the mean an hour, of a straight line through (seconds, MiB)."""
    if len(samples) < 2:
        return 0.0
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread * 3600 / mean_y * 100
