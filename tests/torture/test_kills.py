"""kill -9 of everything, under load: nothing that was acknowledged is lost, nothing is doubled, nobody's reply is stuck."""

from __future__ import annotations

import math
import random
import time
from collections import Counter

import pytest

from . import rig
from .books import Journal
from .telling import FIXED_SEED, count, random_seed

pytestmark = [pytest.mark.torture, pytest.mark.timeout(6 * 3600)]

VICTIMS = ("web", "worker", "postgres", "collectors", "jobs")
SHUT_THE_DOOR = ("web", "postgres", "supervisor")
KILLS = count("KILLS", 20)
SUPERVISOR_ONE_IN = 15  # besides the others, so that those get what G1 says: 200 each of 1,000


def test_nothing_acknowledged_is_lost_or_doubled_whatever_is_killed(tell):
    """One half of the kills under the fixed seed, the other under a new one."""
    seeds = [FIXED_SEED, random_seed()]
    killed: list[tuple[str, float]] = []
    with rig.open_folder() as folder, rig.running(folder) as running:
        load = rig.Load(running, seeds[1])
        load.begins()
        for seed in seeds:
            chance = random.Random(seed)
            for victim in victims(KILLS // 2, chance):
                time.sleep(chance.uniform(0.1, 2.5))
                killed.append((victim, running.kill(victim)))
        load.ends()
        findings, journal, replies = load.compared(), load.journal, load.replies
    times = Counter(name for name, _ in killed)
    each = ", ".join(f"{number} {name}" for name, number in times.items())
    tell(
        "G1", f"kills: {each}", len(killed), findings.failed, seeds,
        ", ".join(findings.lines()), f"first accept after a kill: {waits(journal, killed)}",
    )  # fmt: skip
    assert len(journal.events) > 5 * KILLS
    assert len(replies) > KILLS / 2


def victims(count: int, chance: random.Random) -> list[str]:
    """Everybody equally often, in an order of chance; and the supervisor itself, besides."""
    names = [VICTIMS[number % len(VICTIMS)] for number in range(count)]
    names += ["supervisor"] * max(1, count // SUPERVISOR_ONE_IN)
    chance.shuffle(names)
    return names


def waits(journal: Journal, killed: list[tuple[str, float]]) -> str:
    """How long the door stayed shut after the kills that shut it, counted from the last of a row."""
    shutting = [(victim, at) for victim, at in killed if victim in SHUT_THE_DOOR]
    ends = [at for _, at in shutting[1:]] + [math.inf]
    shut = [
        (victim, wait)
        for (victim, at), next_at in zip(shutting, ends, strict=True)
        if (wait := journal.first_accept_after(at)) is not None and at + wait < next_at
    ]
    parts = []
    for name in SHUT_THE_DOOR:
        seconds = sorted(wait for victim, wait in shut if victim == name)
        if seconds:
            parts.append(f"{name} median {seconds[len(seconds) // 2]:.1f} s, longest {seconds[-1]:.1f} s")
    return "; ".join(parts)
