"""Backups taken at any moment under load: restored elsewhere, each holds what was acknowledged before it began, once."""

from __future__ import annotations

import random
import shutil
import time

import psycopg
import pytest

from hark.ops import postgres
from hark.ops.tests.conftest import installed

from . import rig
from .books import compare_restored
from .telling import FIXED_SEED, count, random_seed

pytestmark = [pytest.mark.torture, pytest.mark.timeout(6 * 3600)]

RESTORES = count("RESTORES", 2)


def test_a_backup_of_any_moment_holds_what_was_acknowledged_before_it(tell):
    """One half of the moments by the fixed seed."""
    seeds = [FIXED_SEED, random_seed()]
    failed, compared = [], 0
    with rig.open_folder() as folder, rig.running(folder) as running:
        load = rig.Load(running, seeds[1])
        load.begins()
        load.goes_on("the first is acknowledged")
        chances = [random.Random(seed) for seed in seeds]
        moments = []
        for number in range(RESTORES):
            time.sleep(chances[number * 2 // RESTORES].uniform(0.5, 3.0))
            moments.append(time.time())
            running.hark("backup", str(folder / f"{number}.tar"))
        load.ends()
        for number, moment in enumerate(moments):
            for fresh in installed(folder / f"restored-{number}", None):
                answer = fresh.hark("restore", "--without-erasures", str(folder / f"{number}.tar"))
                assert answer.returncode == 0, answer.stderr
                assert fresh.hark("db", "start").returncode == 0
                with psycopg.connect(postgres.dsn(fresh.env)) as connection:
                    findings = compare_restored(connection, load.journal, moment)
            shutil.rmtree(folder / f"restored-{number}")
            compared += findings.tried["acknowledged deliveries"]
            failed += [f"backup {number}: {difference}" for difference in findings.failed]
        final = load.compared()
    tell(
        "G9", "restores of backups that were taken under load", len(moments), [*failed, *final.failed], seeds,
        f"{compared:,} acknowledged deliveries looked for; in the end {', '.join(final.lines())}",
    )  # fmt: skip
    assert compared
