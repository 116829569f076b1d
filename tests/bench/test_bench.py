"""The measurements themselves: small ones run and count right; a verdict is honest. No times are asserted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.harness import Goal, Result, Round, Rounds, Run, alternate, percentile

ROOT = Path(__file__).resolve().parent.parent.parent
HIGH = Goal("F0", "more is better", "×", aim=0.4, least=0.25)
LOW = Goal("F0", "less is better", "ms", aim=100, least=250, higher_is_better=False)
QUIET = Rounds({"one": [Round(1.0, 0.02)]}, void=0, crowded=False)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("figure", ["F2", "F8", "F10"])
def test_a_small_run_counts_every_post_in_the_database(figure, tmp_path):
    variables = {name: value for name, value in os.environ.items() if not name.startswith("HARK_")}
    ran = subprocess.run(
        [sys.executable, "-m", "bench", figure, "--quick", "--results", str(tmp_path)],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads((tmp_path / f"{figure}.json").read_text())
    assert found["wrong"] == []
    assert found["value"] > 0
    assert {"goal", "value", "unit", "aim", "least", "met", "inputs", "foreign_cpu", "at"} <= found.keys()


@pytest.mark.parametrize(
    ("goal", "value", "met", "aim_met"),
    [
        (HIGH, 0.5, True, True),
        (HIGH, 0.3, True, False),
        (HIGH, 0.2, False, False),
        (LOW, 99, True, True),
        (LOW, 251, False, False),
    ],
)
def test_a_verdict_is_against_the_least_and_names_the_aim_beside_it(goal, value, met, aim_met):
    found = Result(goal, value, {}, QUIET).as_json()
    assert (found["met"], found["aim_met"]) == (met, aim_met)


def test_what_does_not_add_up_is_never_met(capsys):
    result = Result(HIGH, 0.9, {}, QUIET, wrong=("300 answers of 200, 299 deliveries in the database",))
    result.show()
    assert result.met is False
    assert "WRONG: 300 answers of 200, 299 deliveries" in capsys.readouterr().out


def test_disturbed_rounds_are_taken_again_until_none_are_spare_and_that_is_said(tmp_path, monkeypatch):
    foreign = iter([0.5, 0.1, 0.4, 0.3, 0.2])

    class Disturbed:
        def __init__(self, own):
            self.foreign = next(foreign)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    monkeypatch.setattr("bench.harness.Watch", Disturbed)
    run = Run(tmp_path, rounds=1, spare=3, quiet_seconds=0)
    numbers = iter(range(10))
    rounds = alternate(run, lambda: [], {"a": lambda: next(numbers), "b": lambda: next(numbers)})

    assert rounds.values("a") == [1]  # the second try, which was quiet
    assert rounds.values("b") == [4]  # the least disturbed of three
    assert (rounds.void, rounds.crowded, rounds.foreign) == (3, True, 0.2)


def test_a_percentile_is_a_value_that_occurred():
    assert percentile([4, 1, 3, 2], 0.5) == 2
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([7], 0.99) == 7
