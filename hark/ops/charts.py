"""Line charts as the server draws them: paths in a box of 1,000 × 100 that the page stretches, words beside it in HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

WIDTH, HEIGHT = 1000.0, 100.0
STEPS = (1, 2, 2.5, 5, 10)  # of the scale
Value = float | None


@dataclass(frozen=True)
class Line:
    """`look` is a class of chart.css: ours, theirs, alarm. None in `values` is a gap: nobody looked, or nothing came."""

    name: Any
    values: Sequence[Value]
    look: str = "ours"

    @property
    def last(self) -> Value:
        return next((value for value in reversed(self.values) if value is not None), None)


@dataclass(frozen=True)
class Chart:
    """One picture of the last day. `write` puts a value into words, with its unit."""

    key: str
    title: Any
    about: Any
    lines: Sequence[Line]
    write: Callable[[float], str]
    times: Sequence[datetime]  # the beginning of each step
    least_top: float = 1.0  # the scale reaches at least this far, so that a calm day looks calm

    @property
    def is_empty(self) -> bool:
        return all(line.last is None for line in self.lines)

    @property
    def now(self) -> str:
        last = self.lines[0].last
        return self.write(last) if last is not None else "–"

    @property
    def most(self) -> str:
        values = [value for value in self.lines[0].values if value is not None]
        return self.write(max(values)) if values else "–"

    @property
    def top(self) -> float:
        values = [value for line in self.lines for value in line.values if value is not None]
        return round_up(max([self.least_top, *values]))

    @property
    def scale(self) -> list[str]:
        return [self.write(self.top), self.write(self.top / 2), self.write(0)]

    @property
    def paths(self) -> list[tuple[str, str]]:
        """Look and path of every line, the last one first, so that the first lies on top."""
        return [(line.look, path(line.values, self.top)) for line in reversed(self.lines)]

    @property
    def ticks(self) -> list[datetime]:
        """The five times below the picture."""
        last = len(self.times) - 1
        return [self.times[round(last * part / 4)] for part in range(5)]

    @property
    def rows(self) -> list[tuple[datetime, list[str]]]:
        """The table beside the picture: the most of every hour, newest first."""
        per = max(1, len(self.times) // 24)
        hours = range(0, len(self.times), per)
        return [
            (self.times[at], [self._most(line, at, per) for line in self.lines]) for at in reversed(hours)
        ]

    def _most(self, line: Line, at: int, per: int) -> str:
        values = [value for value in line.values[at : at + per] if value is not None]
        return self.write(max(values)) if values else "–"


def path(values: Sequence[Value], top: float) -> str:
    """An SVG path; a gap begins a new part, and a value alone between gaps shows as a dot."""
    steps = max(1, len(values) - 1)
    parts, begun = [], False
    for number, value in enumerate(values):
        if value is None:
            begun = False
            continue
        x, y = WIDTH * number / steps, HEIGHT - HEIGHT * min(value, top) / top
        parts.append(f"L{x:.1f} {y:.1f}" if begun else f"M{x:.1f} {y:.1f}h.1")
        begun = True
    return "".join(parts)


def round_up(value: float) -> float:
    """The next number that looks well on a scale and is easily halved."""
    unit = 1.0
    while unit * 10 < value:
        unit *= 10
    while unit > value:
        unit /= 10
    return next(step * unit for step in STEPS if step * unit >= value)


def steps(now: datetime, count: int, length: timedelta) -> list[datetime]:
    """The beginnings of the last `count` steps, oldest first, on even times."""
    seconds = int(length.total_seconds())
    last = now.timestamp() // seconds * seconds
    return [datetime.fromtimestamp(last - seconds * back, now.tzinfo) for back in reversed(range(count))]
