"""When a place is open: spans of a week, in the place's own zone. Seven lists, Monday first, of ["09:00", "18:00"].

A span that ends before it begins ends on the day after. No hours at all means that they are not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

Week = list[list[list[str]]]
NOTHING = timedelta()
MOST_DAYS = 366
SPAN = re.compile(r"\s*(\d{1,2})[:.](\d{2})\s*[-–—]\s*(\d{1,2})[:.](\d{2})\s*")


def parse(text: str) -> list[list[str]]:
    """The spans of a day: "09:00–12:30, 14:00–18:00"; [] for a day that is closed. Raises ValueError."""
    spans = []
    for part in re.split(r"[,;]", text):
        if not part.strip():
            continue
        found = SPAN.fullmatch(part)
        if not found:
            raise ValueError(part.strip())
        first, second, third, fourth = (int(number) for number in found.groups())
        ends = time(0, 0) if (third, fourth) == (24, 0) else time(third, fourth)
        spans.append([f"{time(first, second):%H:%M}", f"{ends:%H:%M}"])
    return spans


def shown(spans: list[list[str]]) -> str:
    return ", ".join("–".join(span) for span in spans)


def told(week: Week, zone: str, at: datetime) -> str:
    """Open or closed at this moment, and until when, in a few words; "" when nobody has said the hours."""
    if not any(week):
        return ""
    local = at.astimezone(ZoneInfo(zone))
    for begin, end in _spans(week, local):
        if begin <= local < end:
            return _("open until %(time)s") % {"time": _clock(end)}
        if begin > local:
            when = (
                _clock(begin)
                if begin.date() == local.date()
                else f"{formats.date_format(begin, 'D')} {_clock(begin)}"
            )
            return _("closed, opens %(time)s") % {"time": when}
    return _("closed")


def later(week: Week, zone: str, at: datetime, span: timedelta) -> datetime:
    """When it has been open for so long since `at`. Around the clock where the hours are not known, and after a year."""
    if not any(week) or span <= NOTHING:
        return at + span
    for opens, closes in _open(week, zone, at):
        begins = max(opens, at)
        if closes - begins >= span:
            return begins + span
        span -= max(closes - begins, NOTHING)
        at = max(closes, at)
    return at + span


def open_time(week: Week, zone: str, at: datetime, until: datetime) -> timedelta:
    """For how long it is open between these moments: what `later` added."""
    if not any(week):
        return until - at
    total = NOTHING
    for opens, closes in _open(week, zone, at):
        if opens >= until:
            break
        total += max(min(closes, until) - max(opens, at), NOTHING)
        at = max(closes, at)
    return total


def _open(week: Week, zone: str, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From yesterday's, which may last into today, to those of a year from now, in order, in UTC: clocks may change between."""
    place = ZoneInfo(zone)
    today = at.astimezone(place).date()
    for days in range(-1, MOST_DAYS):
        day = today + timedelta(days=days)
        for begin, end in sorted(week[day.weekday()]):
            opens, closes = time.fromisoformat(begin), time.fromisoformat(end)
            ends = day if closes > opens else day + timedelta(days=1)
            yield (
                datetime.combine(day, opens, place).astimezone(UTC),
                datetime.combine(ends, closes, place).astimezone(UTC),
            )


def _spans(week: Week, local: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From yesterday's, which may last into today, to those of a week from now, in order."""
    for days in range(-1, 8):
        day = local + timedelta(days=days)
        for begin, end in sorted(week[day.weekday()]):
            opens, closes = (
                day.replace(hour=int(at[:2]), minute=int(at[3:]), second=0, microsecond=0)
                for at in (begin, end)
            )
            yield opens, closes if closes > opens else closes + timedelta(days=1)


def _clock(at: datetime) -> str:
    return formats.time_format(at, "H:i")
