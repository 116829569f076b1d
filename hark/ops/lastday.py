"""The last day of the installation, from its samples and probes, as charts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from .charts import Chart, Line, Value, steps
from .models import Probe, Sample

STEP = timedelta(minutes=5)
STEPS = 288  # a day
Pick = Callable[[dict[str, Any], dict[str, Any]], Value]  # (sample, the one before) → a value


@dataclass
class Day:
    """What was seen, by step. One query each for samples and probes, whatever there is."""

    times: list[datetime]
    samples: list[list[tuple[dict[str, Any], dict[str, Any]]]]  # by step: each sample with the one before it
    probes: list[list[Probe]]

    def most(self, pick: Pick) -> list[Value]:
        return [_over(max, (pick(*pair) for pair in step)) for step in self.samples]

    def mean(self, pick: Pick) -> list[Value]:
        return [
            _over(lambda found: sum(found) / len(found), (pick(*pair) for pair in step))
            for step in self.samples
        ]

    def sum(self, pick: Pick) -> list[Value]:
        return [_over(sum, (pick(*pair) for pair in step)) for step in self.samples]

    @property
    def newest(self) -> dict[str, Any]:
        return next((step[-1][0] for step in reversed(self.samples) if step), {})

    @property
    def last_probe(self) -> Probe | None:
        return next((step[-1] for step in reversed(self.probes) if step), None)

    def total(self, pick: Pick, latest: int = STEPS) -> float:
        return sum(pick(*pair) or 0 for step in self.samples[-latest:] for pair in step)


def read(now: datetime) -> Day:
    times = steps(now, STEPS, STEP)
    day = Day(times, [[] for _ in times], [[] for _ in times])
    before: dict[str, Any] = {}
    for sample in Sample.objects.filter(at__gte=times[0]).order_by("at"):
        if sample.numbers:  # else it is being written this moment, or its writer was killed
            day.samples[_step(times, sample.at)].append((sample.numbers, before))
            before = sample.numbers
    for probe in Probe.objects.filter(at__gte=times[0]).order_by("at"):
        day.probes[_step(times, probe.at)].append(probe)
    return day


def charts(day: Day) -> list[Chart]:
    """The pictures, in the order in which trouble shows: what comes in, how fast it is seen, what waits, what fails."""
    came = [_over(max, (p.seconds for p in step if p.seconds is not None)) for step in day.probes]
    lost = [float(sum(1 for p in step if p.failure)) if step else None for step in day.probes]

    def chart(
        key: str, title: str, about: str, write: Callable[[float], str], top: float, *lines: Line
    ) -> Chart:
        return Chart(key, title, about, lines, write, day.times, top)

    return [
        chart(
            "arrivals", _("Arrivals a minute"), _("Messages of customers, and cases made of them."), count, 10,
            Line(_("messages"), day.mean(_new("messages"))),
            Line(_("cases"), day.mean(_new("cases")), "theirs"),
        ),
        chart(
            "screen", _("From the door to a screen"),
            _("The probe: a message that travels the whole way. The slowest of each five minutes."), seconds, 0.2,
            Line(_("probe"), came),
        ),
        chart(
            "inbox", _("Waiting to be read"), _("Deliveries that are stored and not yet a message."), count, 10,
            Line(_("deliveries"), day.most(_depth("deliveries"))),
            Line(_("can’t be read"), day.most(_depth("unreadable")), "alarm"),
        ),
        chart(
            "outbox", _("Waiting to be sent"), _("Replies that have not left yet, and pictures yet to be copied."), count, 10,
            Line(_("replies"), day.most(_depth("outbox"))),
            Line(_("copies"), day.most(_depth("copies")), "theirs"),
        ),
        chart(
            "pages", _("Time of a page"), _("Nineteen of twenty pages were served within this time."), seconds, 0.2,
            Line(_("95th percentile"), day.most(slowest_of_twenty)),
        ),
        chart(
            "errors", _("What went wrong"), _("Errors in the log, failed pages and lost probes of each five minutes."), count, 5,
            Line(_("errors"), day.sum(_rise("errors")), "alarm"),
            Line(_("failed pages"), day.sum(_rise("failed_pages")), "theirs"),
            Line(_("lost probes"), lost, "ours"),
        ),
        chart(
            "database", _("Size of the database"), _("On disk, with its indexes."), size, 50_000_000,
            Line(_("database"), day.most(lambda s, b: _number(s.get("database_bytes")))),
        ),
        chart(
            "memory", _("Memory"), _("Of all processes on this machine, each byte counted once."), size, 200_000_000,
            Line(_("all processes"), day.most(lambda s, b: _number(sum(s.get("memory", {}).values()) or None))),
        ),
    ]  # fmt: skip


def slowest_of_twenty(sample: dict[str, Any], before: dict[str, Any]) -> Value:
    """The 95th percentile between two samples, in seconds: the bound below which 19 of 20 pages stayed, drawn evenly."""
    now, past = sample.get("pages", {}), before.get("pages", {})
    bounds = sorted(now, key=float)
    new = [float(now[bound] - past.get(bound, 0.0)) for bound in bounds]
    if not new or new[-1] <= 0 or min(new) < 0:
        return None
    wanted, lower, below = new[-1] * 0.95, 0.0, 0.0
    for bound, within in zip(bounds, new, strict=True):
        if within >= wanted:
            upper = float(bound) if bound != "+Inf" else lower
            return lower + (upper - lower) * (wanted - below) / max(within - below, 1e-9)
        lower, below = float(bound), within
    return None


def count(value: float) -> str:
    return number_format(round(value, 1) if value < 10 and value % 1 else round(value), force_grouping=True)


def seconds(value: float) -> str:
    return _("%(n)s ms") % {"n": count(value * 1000)} if value < 1 else _("%(n)s s") % {"n": count(value)}


def size(value: float) -> str:
    """In decimal units, as disks are sold and as a scale is divided."""
    for limit, unit in ((1e12, _("TB")), (1e9, _("GB")), (1e6, _("MB"))):
        if value >= limit:
            return f"{count(value / limit) if value / limit < 10 else round(value / limit)} {unit}"
    return f"{round(value / 1e6)} {_('MB')}"


def _new(name: str) -> Pick:
    return lambda sample, before: _number(sample.get("new", {}).get(name))


def _number(value: Any) -> Value:
    return None if value is None else float(value)


def _depth(name: str) -> Pick:
    return lambda sample, before: _number(sample.get("queues", {}).get(name, [None])[0])


def _rise(name: str) -> Pick:
    """How much a counter rose since the sample before; one that fell has begun anew."""

    def pick(sample: dict[str, Any], before: dict[str, Any]) -> Value:
        now, past = sample.get("counted", {}).get(name), before.get("counted", {}).get(name)
        if now is None or past is None:
            return None
        return float(now - past if now >= past else now)

    return pick


def _over(fold: Callable[[Sequence[float]], float], values: Iterable[Value]) -> Value:
    found = [value for value in values if value is not None]
    return float(fold(found)) if found else None


def _step(times: Sequence[datetime], at: datetime) -> int:
    return min(len(times) - 1, int((at - times[0]) / STEP))
