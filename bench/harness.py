"""What every figure shares: rounds that nobody disturbs, medians, a verdict, a line of JSON."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from .cpu import Watch, wait_for_quiet

T = TypeVar("T")
FOREIGN_LIMIT = 0.15  # a round in which others used more of the machine is void
ROUNDS = 3


@dataclass(frozen=True)
class Goal:
    """A figure of docs/performance.md. `aim` and `least` are None where the comparison is not there yet."""

    name: str
    title: str
    unit: str
    aim: float | None
    least: float | None
    higher_is_better: bool = True

    def reaches(self, value: float, mark: float | None) -> bool | None:
        if mark is None:
            return None
        return value >= mark if self.higher_is_better else value <= mark


@dataclass(frozen=True)
class Run:
    """How this run was asked for."""

    folder: Path
    quick: bool = False
    rounds: int = ROUNDS
    spare: int = 6  # void rounds that may be taken again, over the whole figure
    quiet_seconds: float = 20.0
    options: Mapping[str, str] = field(default_factory=dict)

    def size(self, full: int, quick: int, option: str = "") -> int:
        """How many: the full figure, the small one of `--quick`, or what was given as `--set option=N`."""
        return int(self.options.get(option, quick if self.quick else full))

    def say(self, line: str) -> None:
        print(f"  {line}", flush=True)


@dataclass(frozen=True)
class Round(Generic[T]):
    value: T
    foreign: float


@dataclass
class Rounds(Generic[T]):
    """The rounds of each side that count, and how many were void."""

    sides: dict[str, list[Round[T]]]
    void: int
    crowded: bool  # the machine never was quiet enough: some rounds count although others disturbed them

    def values(self, side: str) -> list[T]:
        return [one.value for one in self.sides[side]]

    @property
    def foreign(self) -> float:
        return max(one.foreign for rounds in self.sides.values() for one in rounds)


def alternate(run: Run, own: Callable[[], Iterable[int]], sides: Mapping[str, Callable[[], T]]) -> Rounds[T]:
    """A B A B A B: each side in turn, `run.rounds` times. A disturbed round is taken again while spare ones are left.

    `own` gives the roots of the process trees that belong to the measurement.
    """
    taken: dict[str, list[Round[T]]] = {name: [] for name in sides}
    void, spare, crowded = 0, run.spare, False
    for number in range(run.rounds):
        for name, measure in sides.items():
            tries: list[Round[T]] = []
            while True:
                if not run.quick:
                    wait_for_quiet(run.quiet_seconds)
                with Watch(own()) as watch:
                    value = measure()
                tries.append(Round(value, round(watch.foreign, 3)))
                run.say(f"round {number + 1} {name}: {_short(value)}   others used {watch.foreign:.0%}")
                if watch.foreign <= FOREIGN_LIMIT or spare == 0 or run.quick:
                    break
                void, spare = void + 1, spare - 1
            best = min(tries, key=lambda one: one.foreign)
            crowded = crowded or best.foreign > FOREIGN_LIMIT
            taken[name].append(best)
    return Rounds(taken, void, crowded)


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * share // 1).__int__() - 1))]


@dataclass(frozen=True)
class Result:
    """What was found. `wrong` names what didn't add up in the database: then the figure counts for nothing."""

    goal: Goal
    value: float
    inputs: Mapping[str, Any]
    rounds: Rounds[Any]
    wrong: tuple[str, ...] = ()

    @property
    def met(self) -> bool | None:
        return False if self.wrong else self.goal.reaches(self.value, self.goal.least)

    def as_json(self) -> dict[str, Any]:
        return {
            "goal": self.goal.name,
            "title": self.goal.title,
            "value": round(self.value, 4),
            "unit": self.goal.unit,
            "aim": self.goal.aim,
            "least": self.goal.least,
            "met": self.met,
            "aim_met": False if self.wrong else self.goal.reaches(self.value, self.goal.aim),
            "inputs": dict(self.inputs),
            "wrong": list(self.wrong),
            "foreign_cpu": self.rounds.foreign,
            "void_rounds": self.rounds.void,
            "crowded": self.rounds.crowded,
            "machine": f"{os.cpu_count()} cores, {os.uname().machine}",
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def show(self) -> None:
        goal = self.goal
        print(f"\n{goal.name}  {goal.title}\n  {self.value:.4g} {goal.unit}", end="")
        if goal.aim is None:
            print("   (no mark yet)")
        else:
            word = "≥" if goal.higher_is_better else "≤"
            verdict = {True: "meets the aim", False: "meets the least"}[
                bool(goal.reaches(self.value, goal.aim))
            ]
            verdict = verdict if self.met else "MISSES the least"
            print(f"   aim {word} {goal.aim:g}, least {word} {goal.least:g}: {verdict}")
        for name, value in self.inputs.items():
            print(f"  {name}: {_short(value)}")
        if self.rounds.void or self.rounds.crowded:
            print(
                f"  {self.rounds.void} rounds were void: others used more than {FOREIGN_LIMIT:.0%} of the machine"
            )
        if self.rounds.crowded:
            print(
                f"  CROWDED: others used up to {self.rounds.foreign:.0%} in rounds that count; take it again when quiet"
            )
        for problem in self.wrong:
            print(f"  WRONG: {problem}")

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.goal.name}.json"
        path.write_text(json.dumps(self.as_json(), indent=2, ensure_ascii=False) + "\n")


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_short(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return str(value)
