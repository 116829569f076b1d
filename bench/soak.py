"""An hour (or so) at half of the rate at which cases are made: does memory grow, does a table that nothing ever empties?"""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass, field
from typing import Any

import uvloop

from .f1_intake import signed
from .f3_cases import make_cases, wait_until_read
from .flood import Flood, flood
from .harness import Goal, Run
from .installation import Desk, Installation
from .memory import tree_mib
from .posts import bodies

STEADY = Goal("F12", "memory grows, an hour", "%", aim=1, least=1, higher_is_better=False, part="soak")
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


@dataclass
class Soaked:
    slope: float  # % an hour
    inputs: dict[str, Any]
    wrong: list[str] = field(default_factory=list)


def soak(run: Run, hark: Installation, desk: Desk) -> Soaked | None:
    """None where nobody asked for it (`--set soak=SECONDS`)."""
    seconds = run.size(0, 0, "soak")
    if not seconds:
        return None
    rate = make_cases(run, hark, desk, run.size(10_000, 300, "cases"), "swarmx", 32) / 2
    run.say(f"{seconds} s at {rate:,.0f} posts a second …")
    before, accepted = rows(hark), hark.one("SELECT count(*) FROM channels_delivery")
    samples: list[tuple[float, float]] = []
    done = uvloop.run(_load(run, hark, desk, rate, seconds, samples))
    wait_until_read(hark)
    after = rows(hark)
    wrong = []
    if after["channels_delivery"] - accepted != done.accepted or done.other:
        wrong.append(
            f"soak: {done.accepted} answers of 200, {after['channels_delivery'] - accepted} deliveries"
        )
    grown = {
        name: count - before.get(name, 0) for name, count in after.items() if count > before.get(name, 0)
    }
    wrong += [
        f"soak: {name} grew by {count:,} rows and nothing empties it"
        for name, count in grown.items()
        if name not in KEPT and not name.startswith(EMPTIED) and count > ROWS
    ]
    late = [sample for sample in samples if sample[0] > seconds * WARM_SHARE]
    return Soaked(
        slope(late),
        {
            "soak, s": seconds,
            "soak, posts a second": rate,
            "soak, accepted and refused": [done.accepted, done.refused],
            "soak, MiB at the start and the end": [samples[0][1], samples[-1][1]],
            "soak, rows added": grown,
            "soak, bytes of the database a post": hark.one("SELECT pg_database_size(current_database())")
            / max(1, after["channels_delivery"]),
        },
        wrong,
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
    done = await flood(hark.port, posts, rate, seconds, most=512)
    weighing.cancel()
    return done


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
