"""Times as exports write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

SHAPES = (
    "%Y-%m-%d %H:%M:%S %z",  # 2015-02-16 23:36:05 -0800
    "%a %b %d %H:%M:%S %z %Y",  # Tue Oct 31 22:10:47 +0000 2017
    "%Y-%m-%d %H:%M:%S UTC",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
)
SINCE_1970 = re.compile(r"\d{9,10}(\.\d+)?|\d{13}")
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def parse(text: str, shape: str = "", zone: str = "UTC") -> datetime:
    """The moment that `text` names. Raises ValueError with a sentence for people.

    Understands ISO 8601, RFC 2822, seconds or milliseconds since 1970, and the SHAPES above; `shape` (as in strptime)
    replaces all of them. A time that names no zone is taken to be in `zone`. 03/04/2015 can mean two days: it needs a shape.
    """
    moment = _read(text.strip(), shape)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"“{text[:40]}” is outside the calendar") from None
    if not EARLIEST <= moment <= datetime.now(UTC) + timedelta(days=1):
        raise ValueError(f"{moment:%Y-%m-%d} can't be the day of a message")
    return moment


def _read(text: str, shape: str) -> datetime:
    if not text:
        raise ValueError("it has no time")
    if shape:
        try:
            return datetime.strptime(text, shape)  # noqa: DTZ007  (parse adds the zone)
        except ValueError:
            raise ValueError(f"“{text[:40]}” is not a time like {shape}") from None
    if SINCE_1970.fullmatch(text):
        return datetime.fromtimestamp(float(text) / (1000 if len(text) == 13 else 1), UTC)
    for reader in (datetime.fromisoformat, *(_by(known) for known in SHAPES), parsedate_to_datetime):
        try:
            return reader(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    raise ValueError(f"“{text[:40]}” is not a time that is understood: name its shape with --time-format")


def _by(shape: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, shape)  # noqa: DTZ007
