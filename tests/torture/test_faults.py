"""Disk, database and clock fail under load: Hark comes back by itself, and nothing that was acknowledged is lost."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest

from hark.ops.testing import lacking

from . import rig
from .faults import HOUR, Machine, preloads, small_disk
from .telling import FIXED_SEED, count, random_seed

pytestmark = [pytest.mark.torture, pytest.mark.timeout(6 * 3600)]

FAULTS = count("FAULTS", 6)


def test_nothing_acknowledged_is_lost_whatever_the_machine_does(tell):
    """Each kind equally often, one half under the fixed seed. What can't be tried here is said, and the test doesn't pass."""
    seeds = [FIXED_SEED, random_seed()]
    tried: Counter[str] = Counter()
    toothless: list[str] = []
    with rig.open_folder() as folder, small_disk(folder / "data") as no_disk:
        variables = preloads(folder)
        with rig.running(folder, **variables) as running:
            load = rig.Load(running, seeds[1])
            load.begins()
            machine = Machine(running, random.Random())
            cannot = {"full disk"} if no_disk else set()
            cannot |= set() if variables else {"fsync", "clock"}
            kinds = [kind for kind in machine.faults if kind not in cannot]
            every = [kinds[number % len(kinds)] for number in range(FAULTS)]
            for seed, half in zip(seeds, (every[: FAULTS // 2], every[FAULTS // 2 :]), strict=True):
                machine.chance = random.Random(seed)
                machine.chance.shuffle(half)
                for kind in half:
                    time.sleep(machine.chance.uniform(0.2, 1.5))
                    tried[kind] += 1
                    if not machine.faults[kind]():
                        toothless.append(f"{kind}: it did not happen")
                    running.until(running.is_whole, f"everything lives after: {kind} {machine.victim}")
                    load.goes_on(f"it takes in again after: {kind} {machine.victim}")
            if variables:
                machine.set_clock(HOUR + 100)  # what was planned for a wrong hour has come
            load.ends()
            findings = load.compared()
    told = ", ".join(f"{times} {kind}" for kind, times in tried.items())
    tell(
        "G9",
        f"faults: {told}",
        tried.total(),
        [*findings.failed, *toothless],
        seeds,
        ", ".join(findings.lines()),
    )
    if not variables:
        lacking("a C compiler (Debian: build-essential)")
    if no_disk:
        pytest.skip(no_disk)
