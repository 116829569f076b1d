"""“By Friday”, “within two hours”, “bis morgen um 15 Uhr”: when people mean, in their own time zone. Pure, no I/O.

English first; German, French, Spanish and Portuguese for the usual ways to say it. Words that name no time ("soon") give
None: nobody can keep a time that was never said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

END_OF_DAY = time(18)  # "by Friday" is kept until work ends
LATE_EVENING = time(23, 59)  # "today", said in the evening
MONDAY, FRIDAY, SUNDAY = 0, 4, 6

DAYS = [
    r"monday|mon|montag|lundi|lunes|segunda(?:-feira)?",
    r"tuesday|tues?|dienstag|mardi|martes|terça(?:-feira)?",
    r"wednesday|wed|mittwoch|mercredi|miércoles|miercoles|quarta(?:-feira)?",
    r"thursday|thu(?:rs)?|donnerstag|jeudi|jueves|quinta(?:-feira)?",
    r"friday|fri|freitag|vendredi|viernes|sexta(?:-feira)?",
    r"saturday|sat|samstag|sonnabend|samedi|sábado|sabado",
    r"sunday|sun|sonntag|dimanche|domingo",
]
MONTHS = [
    r"jan(?:uary|uar|vier|eiro)?|enero",
    r"feb(?:ruary|ruar|rero)?|février|fevereiro",
    r"mar(?:ch|s|zo|ço)?|märz",
    r"apr(?:il)?|avril|abril",
    r"may|mai|mayo|maio",
    r"june?|juni|juin|junio|junho",
    r"july?|juli|juillet|julio|julho",
    r"aug(?:ust)?|août|agosto",
    r"sept?(?:ember|embre|iembre)?|setembro",
    r"oct(?:ober|obre|ubre)?|oktober|outubro",
    r"nov(?:ember|embre|iembre|embro)?",
    r"dec(?:ember)?|dezember|décembre|diciembre|dezembro",
]
NUMBERS = {
    **{str(number): number for number in range(1, 100)},
    **dict.fromkeys(["a", "an", "one", "ein", "einer", "einem", "eine", "un", "une", "una", "um", "uma"], 1),
    **dict.fromkeys(["two", "a couple of", "couple of", "zwei", "deux", "dos", "dois", "duas"], 2),
    **dict.fromkeys(["three", "a few", "few", "drei", "trois", "tres", "três"], 3),
    **dict.fromkeys(["four", "vier", "quatre", "cuatro", "quatro"], 4),
    **dict.fromkeys(["five", "fünf", "cinq", "cinco"], 5),
    **dict.fromkeys(["seven", "sieben", "sept", "siete", "sete"], 7),
    **dict.fromkeys(["ten", "zehn", "dix", "diez", "dez"], 10),
}
UNITS = {
    "minute": r"minutes?|mins?|minuten?|minutos?",
    "hour": r"hours?|hrs?|stunden?|heures?|horas?",
    "working": r"(?:working|business|work) days?|werktagen?|arbeitstagen?|jours ouvrés|días hábiles|dias úteis",
    "day": r"days?|tage?n?|jours?|días?|dias?",
    "week": r"weeks?|wochen?|semaines?|semanas?",
}
PARTS = {  # of a day, and until when a promise for it is kept
    r"morning|vormittag|früh|matin|mañana por la mañana|manhã": time(12),
    r"noon|midday|lunch(?:time)?|mittag|midi|mediodía|meio-dia": time(12),
    r"afternoon|nachmittag|après-midi|tarde": time(18),
    r"evening|tonight|night|abend|soir|noche|noite": time(21),
}


@dataclass(frozen=True)
class Said:
    """A time that was said: the moment in UTC, and which words said it (positions in the text)."""

    at: datetime
    start: int
    end: int


def _any(patterns: list[str]) -> str:
    return "|".join(f"(?P<_{number}>{pattern})" for number, pattern in enumerate(patterns))


_NUMBER = "|".join(sorted(map(re.escape, NUMBERS), key=len, reverse=True))
SPAN = re.compile(
    rf"\b(?:(?:with)?in(?:\s+the\s+next)?|inside|innerhalb(?:\s+von)?|binnen|dans|sous|en|em|dentro\s+de)\s+"
    rf"(?:(?:less|weniger)\s+(?:than|als)\s+)?(?P<number>{_NUMBER})\s+"
    rf"(?:{'|'.join(f'(?P<{name}>{unit})' for name, unit in UNITS.items())})\b"
)
CLOCK = re.compile(
    r"\b(?:(?:by|at|before|until|till|um|bis|gegen|à|avant|a\s+las|antes\s+de\s+las|às|até\s+às)\s+)?(?:"
    r"(?P<h12>1[0-2]|0?[1-9])(?:[:.](?P<m12>[0-5]\d))?\s*(?P<half>[ap])\.?m\b\.?"
    r"|(?P<h24>[01]?\d|2[0-3]):(?P<m24>[0-5]\d)(?:\s*(?:uhr|h))?"
    r"|(?P<hour>[01]?\d|2[0-3])\s*(?:uhr\b|h\b|o['’]clock)(?P<after>[0-5]\d)?)"
)
TODAY = re.compile(
    r"\b(?:today|tonight|this\s+(?:morning|afternoon|evening)|(?:the\s+)?end\s+of\s+(?:the\s+)?(?:business\s+|working\s+)?day"
    r"|eod|cob|heute|aujourd['’]hui|ce\s+soir|cet\s+après-midi|hoy|esta\s+(?:tarde|noche|noite)|hoje)\b"
)
TOMORROW = re.compile(
    r"\btomorrow\b|(?<!guten )\bmorgen\b|\bdemain\b|(?<!la )\bmañana\b|\bamanhã\b", re.IGNORECASE
)
DAY = re.compile(
    rf"\b(?P<next>next\s+|nächsten?\s+|kommenden?\s+|el\s+próximo\s+|próxim[ao]\s+)?(?:{_any(DAYS)})\b(?P<after>\s+prochain)?"
)
SHORT = re.compile(
    r"^(?:mon|tue|tues|wed|thu|thurs|fri|sat|sun)$"
)  # also other words: only after a preposition
PREPOSITION = re.compile(r"\b(?:by|on|until|till|before|this|next)\s+$")
END_OF_WEEK = re.compile(
    r"\b(?:end\s+of\s+(?:the|this)\s+week|this\s+week|eow|ende\s+der\s+woche|diese\s+woche"
    r"|fin\s+de\s+(?:la\s+)?semaine|cette\s+semaine|esta\s+semana|fim\s+da\s+semana|final\s+de\s+la\s+semana)\b"
)
NEXT_WEEK = re.compile(
    r"\b(?:next\s+week|nächste\s+woche|la\s+semaine\s+prochaine|la\s+próxima\s+semana|la\s+semana\s+que\s+viene|próxima\s+semana)\b"
)
DATE = re.compile(
    rf"\b(?:(?P<iso>\d{{4}}-\d\d-\d\d)|(?P<day>[12]?\d|3[01])(?:st|nd|rd|th|\.|º)?\s+(?:of\s+|de\s+)?(?:{_any(MONTHS)})"
    rf"|(?P<name>{'|'.join(MONTHS)})\s+(?P<first>[12]?\d|3[01])(?:st|nd|rd|th)?)\b"
)
PART = [(re.compile(rf"\b(?:{words})\b"), until) for words, until in PARTS.items()]


def due(words: str, now: datetime, zone: ZoneInfo) -> Said | None:
    """The time by which something is promised in `words`, said at `now` by somebody who thinks in `zone`.

    Always later than `now`. None when the words name no time, or one that has passed.
    """
    text = words.casefold() if len(words.casefold()) == len(words) else words.lower()
    local = now.astimezone(zone)
    if found := SPAN.search(text):
        return _said(_after(found, local), now, [found])
    day = _day(text, local)
    clock = CLOCK.search(text)
    hour = _hour(clock) if clock else None
    if day is None:
        if clock is None or hour is None:
            return None
        at = _at(local.date(), hour, zone)
        return _said(at if at > now else _at(local.date() + timedelta(1), hour, zone), now, [clock])
    on, which, may_roll = day
    until = hour or _part(text) or END_OF_DAY
    if on == local.date() and _at(on, until, zone) <= now:
        if may_roll:
            on += timedelta(7)
        elif hour is None:
            until = LATE_EVENING
    return _said(_at(on, until, zone), now, [which, *([clock] if clock else [])])


def _said(at: datetime | None, now: datetime, found: list[re.Match[str]]) -> Said | None:
    if at is None or at <= now:
        return None
    return Said(at, min(match.start() for match in found), max(match.end() for match in found))


def _at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, tzinfo=zone).astimezone(UTC)


def _after(found: re.Match[str], local: datetime) -> datetime:
    number = NUMBERS[found["number"]]
    if found["minute"]:
        return local.astimezone(UTC) + timedelta(minutes=number)
    if found["hour"]:
        return local.astimezone(UTC) + timedelta(hours=number)
    zone = local.tzinfo
    assert isinstance(zone, ZoneInfo)
    if found["working"]:
        return _at(_working_days(local.date(), number), END_OF_DAY, zone)
    return _at(local.date() + timedelta(number * (7 if found["week"] else 1)), END_OF_DAY, zone)


def _working_days(day: date, number: int) -> date:
    while number:
        day += timedelta(1)
        number -= day.weekday() <= FRIDAY
    return day


def _hour(found: re.Match[str]) -> time:
    if found["half"]:
        return time(int(found["h12"]) % 12 + (12 if found["half"] == "p" else 0), int(found["m12"] or 0))
    if found["h24"]:
        return time(int(found["h24"]), int(found["m24"]))
    return time(int(found["hour"]), int(found["after"] or 0))


def _part(text: str) -> time | None:
    return next((until for words, until in PART if words.search(text)), None)


def _day(text: str, local: datetime) -> tuple[date, re.Match[str], bool] | None:
    """The day, which words named it, and whether it comes again a week later when its hour has passed."""
    today = local.date()
    if (found := DATE.search(text)) and (named := _date(found, today)):
        return named, found, False
    if found := NEXT_WEEK.search(text):
        if inside := _weekday(text):
            return _monday(today) + timedelta(7 + inside[0]), inside[1], False
        return _monday(today) + timedelta(7 + FRIDAY), found, False
    if inside := _weekday(text):
        number, found = inside
        if found["next"] or found["after"]:
            return _monday(today) + timedelta(7 + number), found, False
        return today + timedelta((number - today.weekday()) % 7), found, True
    if found := TOMORROW.search(text):
        return today + timedelta(1), found, False
    if found := END_OF_WEEK.search(text):
        ends = FRIDAY if today.weekday() <= FRIDAY else SUNDAY
        return today + timedelta(ends - today.weekday()), found, False
    if found := TODAY.search(text):
        return today, found, False
    return None


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())


def _weekday(text: str) -> tuple[int, re.Match[str]] | None:
    for found in DAY.finditer(text):
        number = next(number for number in range(7) if found[f"_{number}"])
        short = SHORT.match(found[f"_{number}"])
        if not short or found["next"] or PREPOSITION.search(text[: found.start()]):
            return number, found
    return None


def _date(found: re.Match[str], today: date) -> date | None:
    """The date; without a year, the next time that it comes. None for the 31st of February."""
    try:
        if found["iso"]:
            return date.fromisoformat(found["iso"])
        if found["name"]:
            month = next(n for n, words in enumerate(MONTHS, 1) if re.fullmatch(words, found["name"]))
            day = int(found["first"])
        else:
            month = next(number for number in range(12) if found[f"_{number}"]) + 1
            day = int(found["day"])
        this = date(today.year, month, day)
        return this if this >= today else date(today.year + 1, month, day)
    except ValueError:
        return None
