"""When people mean: a table of what agents really write, and what must hold for every moment and zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hark.clocks.spoken import DAYS, due

LISBON = ZoneInfo("Europe/Lisbon")
TUESDAY = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)

SAID = [
    ("I'll get back to you by Friday", "Fri 27 Nov 18:00"),
    ("We will look into it within 24 hours.", "Wed 25 Nov 14:00"),
    ("Give me two minutes? No: in a couple of hours.", "Tue 24 Nov 16:00"),
    ("You'll hear from me in the next 30 minutes", "Tue 24 Nov 14:30"),
    ("by tomorrow morning", "Wed 25 Nov 12:00"),
    ("I'll call you today", "Tue 24 Nov 18:00"),
    ("Somebody calls you tonight", "Tue 24 Nov 21:00"),
    ("by 5 pm", "Tue 24 Nov 17:00"),
    ("by 9:30 a.m.", "Wed 25 Nov 09:30"),
    ("by Friday at 17:30", "Fri 27 Nov 17:30"),
    ("on Tuesday at 9 am", "Tue 01 Dec 09:00"),
    ("next week", "Fri 04 Dec 18:00"),
    ("next week on Monday", "Mon 30 Nov 18:00"),
    ("by the end of the week", "Fri 27 Nov 18:00"),
    ("by end of day", "Tue 24 Nov 18:00"),
    ("within 3 business days", "Fri 27 Nov 18:00"),
    ("within five working days", "Tue 01 Dec 18:00"),
    ("by 3 December", "Thu 03 Dec 18:00"),
    ("no later than January 7th", "Thu 07 Jan 18:00"),
    ("Ich melde mich bis morgen um 15 Uhr", "Wed 25 Nov 15:00"),
    ("Sie hören bis Freitag von uns", "Fri 27 Nov 18:00"),
    ("innerhalb von zwei Stunden", "Tue 24 Nov 16:00"),
    ("Je reviens vers vous demain à 15h", "Wed 25 Nov 15:00"),
    ("dans les 24 heures, avant vendredi", "Fri 27 Nov 18:00"),
    ("Le respondemos mañana", "Wed 25 Nov 18:00"),
    ("en dos días", "Thu 26 Nov 18:00"),
    ("Respondo até sexta-feira", "Fri 27 Nov 18:00"),
    ("até amanhã às 10:00", "Wed 25 Nov 10:00"),
]
UNSAID = [
    "We'll get back to you soon",
    "as soon as we can",
    "Guten Morgen, Maya!",
    "You may write to us, the sun is out",
    "by 31 February",
    "on 2020-01-01",
    "today by 9 am",
    "Flight TWY 482 has 180 seats",
    "",
]


@pytest.mark.parametrize(("words", "until"), SAID)
def test_a_time_that_was_said(words, until):
    said = due(words, TUESDAY, LISBON)
    assert said is not None
    assert said.at.astimezone(LISBON).strftime("%a %d %b %H:%M") == until
    assert words[said.start : said.end].strip()


@pytest.mark.parametrize("words", UNSAID)
def test_words_that_name_no_time_to_come(words):
    assert due(words, TUESDAY, LISBON) is None


def test_friday_said_on_friday_evening_is_the_next_one():
    evening = datetime(2026, 11, 27, 20, tzinfo=UTC)
    said = due("by Friday", evening, LISBON)
    assert said.at.astimezone(LISBON).date().isoformat() == "2026-12-04"
    assert due("today", evening, LISBON).at.astimezone(LISBON).strftime("%H:%M") == "23:59"


def test_friday_is_the_customers_friday():
    """Told in Auckland, it ends half a day before it does in Lisbon."""
    there, here = (
        due("by Friday", TUESDAY, ZoneInfo(zone)).at for zone in ("Pacific/Auckland", "Europe/Lisbon")
    )
    assert here - there == timedelta(hours=13)


MOMENTS = st.integers(0, 16 * 365 * 24 * 60).map(
    lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Lisbon",
        "Europe/Berlin",
        "America/New_York",
        "Pacific/Auckland",
        "Asia/Kolkata",
        "America/Sao_Paulo",
    ]
).map(ZoneInfo)


@given(st.sampled_from([words for words, _ in SAID] + UNSAID), MOMENTS, ZONES)
def test_what_is_promised_is_always_still_to_come(words, now, zone):
    said = due(words, now, zone)
    if said is not None:
        assert now < said.at <= now + timedelta(days=367)
        assert 0 <= said.start < said.end <= len(words)


@given(st.integers(0, 6), MOMENTS, ZONES)
def test_a_weekday_is_that_day_of_the_customers_next_seven(number, now, zone):
    said = due(f"by {DAYS[number].split('|')[0]}", now, zone).at.astimezone(zone)
    assert (said.weekday(), said.hour) == (number, 18)
    assert said - now.astimezone(zone) < timedelta(days=7, hours=2)


@given(st.integers(1, 23), st.integers(0, 59), MOMENTS, ZONES)
def test_an_hour_without_a_day_is_the_next_time_that_the_clock_shows_it(hour, minute, now, zone):
    said = due(f"by {hour:02d}:{minute:02d}", now, zone).at
    assert timedelta() < said - now < timedelta(hours=26)


@given(st.text(max_size=200), MOMENTS)
def test_no_text_is_too_strange(words, now):
    due(words, now, LISBON)
