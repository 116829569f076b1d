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
    part: str = ""  # where a figure has several marks: which of them

    def reached(self, value: float) -> float:
        """1 at the aim, more beyond it."""
        if self.aim is None:
            return 1.0
        return value / self.aim if self.higher_is_better else self.aim / max(value, 1e-9)

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
    keep: Path | None = None  # seeded installations are kept here for the next figure

    @property
    def kept(self) -> Path:
        return self.keep or self.folder

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


def alternate(
    run: Run,
    own: Callable[[], Iterable[int]],
    sides: Mapping[str, Callable[[], T]],
    prepare: Mapping[str, Callable[[], None]] | None = None,
) -> Rounds[T]:
    """A B A B A B: each side in turn, `run.rounds` times. A disturbed round is taken again while spare ones are left.

    `own` gives the roots of the process trees that belong to the measurement. What `prepare` does for a side is no part of
    it: a process that ends takes its ticks along, and they would count as somebody else's.
    """
    taken: dict[str, list[Round[T]]] = {name: [] for name in sides}
    void, spare, crowded = 0, run.spare, False
    for number in range(run.rounds):
        for name, measure in sides.items():
            tries: list[Round[T]] = []
            while True:
                if prepare and name in prepare:
                    prepare[name]()
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
    """What was found. `wrong` names what didn't add up in the database: then the figure counts for nothing.

    `more` are the other marks of a figure that has several; the one that comes off worst against its aim is its value.
    `bars` are drawn in the report.
    """

    goal: Goal
    value: float
    inputs: Mapping[str, Any]
    rounds: Rounds[Any]
    wrong: tuple[str, ...] = ()
    more: tuple[tuple[Goal, float], ...] = ()
    bars: Mapping[str, float] = field(default_factory=dict)
    bars_title: str = ""
    bars_unit: str = ""

    @property
    def parts(self) -> list[tuple[Goal, float]]:
        return [(self.goal, self.value), *self.more]

    @property
    def worst(self) -> tuple[Goal, float]:
        return min(self.parts, key=lambda part: part[0].reached(part[1]))

    @property
    def met(self) -> bool | None:
        return self._verdict(lambda goal: goal.least)

    def _verdict(self, mark: Callable[[Goal], float | None]) -> bool | None:
        if self.wrong:
            return False
        verdicts = [goal.reaches(value, mark(goal)) for goal, value in self.parts]
        return None if all(one is None for one in verdicts) else all(one is not False for one in verdicts)

    def as_json(self) -> dict[str, Any]:
        goal, value = self.worst
        return {
            "goal": goal.name,
            "title": goal.title,
            "value": round(value, 4),
            "unit": goal.unit,
            "aim": goal.aim,
            "least": goal.least,
            "met": self.met,
            "aim_met": self._verdict(lambda one: one.aim),
            "parts": [self._part(*part) for part in self.parts],
            "inputs": dict(self.inputs),
            "bars": dict(self.bars),
            "bars_title": self.bars_title,
            "bars_unit": self.bars_unit,
            "wrong": list(self.wrong),
            "foreign_cpu": self.rounds.foreign,
            "void_rounds": self.rounds.void,
            "crowded": self.rounds.crowded,
            "machine": f"{os.cpu_count()} cores, {os.uname().machine}",
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def _part(self, goal: Goal, value: float) -> dict[str, Any]:
        return {
            "name": goal.part,
            "title": goal.title,
            "value": round(value, 4),
            "unit": goal.unit,
            "aim": goal.aim,
            "least": goal.least,
            "higher_is_better": goal.higher_is_better,
            "met": False if self.wrong else goal.reaches(value, goal.least),
            "aim_met": False if self.wrong else goal.reaches(value, goal.aim),
        }

    def show(self) -> None:
        print()
        for goal, value in self.parts:
            self._show_part(goal, value)
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

    def _show_part(self, goal: Goal, value: float) -> None:
        print(f"{goal.name}  {goal.title}\n  {value:.4g} {goal.unit}", end="")
        if goal.aim is None or goal.least is None:
            print("   (no mark)")
            return
        word = "≥" if goal.higher_is_better else "≤"
        met, aim_met = goal.reaches(value, goal.least), goal.reaches(value, goal.aim)
        verdict = "meets the aim" if aim_met else "meets the least" if met else "MISSES the least"
        verdict = "MISSES: its counts are wrong" if self.wrong else verdict
        print(f"   aim {word} {goal.aim:g}, least {word} {goal.least:g}: {verdict}")

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
