"""Time that counts only while a place is open: exact to the second, across nights, weekends and the change of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hark.brands import hours

OFFICE: hours.Week = [[["09:00", "12:30"], ["14:00", "18:00"]]] * 5 + [[], []]
ZONES = ["UTC", "Europe/Lisbon", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]

minutes = st.integers(0, 24 * 60 - 1).map(lambda at: f"{at // 60:02}:{at % 60:02}")
spans = st.lists(minutes, min_size=2, max_size=2)
weeks = st.lists(st.lists(spans, max_size=3), min_size=7, max_size=7).filter(any)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Lisbon"))


@pytest.mark.parametrize(
    ("begins", "span", "ends"),
    [
        ("2026-11-23 10:00", 30, "2026-11-23 10:30"), ("2026-11-23 12:15", 30, "2026-11-23 14:15"),
        ("2026-11-23 12:00", 30, "2026-11-23 12:30"), ("2026-11-23 07:00", 30, "2026-11-23 09:30"),
        ("2026-11-23 17:59", 2, "2026-11-24 09:01"), ("2026-11-27 17:45", 30, "2026-11-30 09:15"),
        ("2026-11-28 03:00", 0, "2026-11-28 03:00"), ("2026-11-23 09:00", 5 * 450 + 1, "2026-11-30 09:01"),
    ],
)  # fmt: skip
def test_minutes_of_an_office(begins, span, ends):
    found = hours.later(OFFICE, "Europe/Lisbon", at(begins), timedelta(minutes=span))
    assert found == at(ends)


def test_the_night_on_which_the_clocks_change():
    bar = [[["22:00", "03:00"]]] * 7
    five = timedelta(hours=5)
    spring = hours.later(bar, "Europe/Lisbon", at("2026-03-28 22:00"), five)  # 01:00 becomes 02:00
    autumn = hours.later(bar, "Europe/Lisbon", at("2026-10-24 22:00"), five)  # 02:00 becomes 01:00
    assert spring == at("2026-03-29 23:00")
    assert autumn.astimezone(ZoneInfo("Europe/Lisbon")).hour == 2


@settings(max_examples=300, deadline=None)
@given(weeks, st.sampled_from(ZONES), moments, st.integers(1, 3000), st.integers(1, 3000))
@example([[["00:00", "00:00"]]] * 7, "Europe/Lisbon", datetime(2026, 3, 28, tzinfo=UTC), 2880, 1)
def test_what_was_added_is_what_it_was_open_for(week, zone, begins, first, second):
    one, two = timedelta(minutes=first), timedelta(minutes=second)
    there = hours.later(week, zone, begins, one)
    assert there >= begins + one  # never sooner than around the clock
    assert hours.later(week, zone, begins, one + two) == hours.later(week, zone, there, two)
    if there < begins + timedelta(days=300):
        assert hours.open_time(week, zone, begins, there) == one


@given(moments, st.integers(0, 100_000))
def test_without_hours_all_time_counts(begins, span):
    for week in ([], [[]] * 7):
        there = hours.later(week, "Asia/Kathmandu", begins, timedelta(minutes=span))
        assert there == begins + timedelta(minutes=span)
        assert hours.open_time(week, "Asia/Kathmandu", begins, there) == timedelta(minutes=span)
