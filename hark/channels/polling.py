"""What every round of asking a network needs: settings, places and times out of what is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from .base import Connection

AWAY_SECONDS = 120.0  # without a round for longer than this, people are told what is being read again


def seconds(connection: Connection, name: str, usual: float, least: float = 0.05) -> float:
    """A setting of the account in seconds; what is no number counts as the usual."""
    try:
        return max(least, float(connection.settings.get(name) or usual))
    except (TypeError, ValueError):
        return usual


def now() -> datetime:
    return datetime.now(UTC)


def away(polled_at: object, every: float) -> str:
    """Since when nothing was read, in words; "" when it was just now, or never before."""
    try:
        last = datetime.fromisoformat(str(polled_at))
    except ValueError:
        return ""
    if now() - last < timedelta(seconds=max(AWAY_SECONDS, 2 * every)):
        return ""
    return _("since %(time)s UTC") % {"time": last.strftime("%d %b %H:%M")}


def names(value: Any, most: int) -> list[str]:
    """Ids out of a stored cursor, the newest `most`."""
    return [str(one) for one in value][-most:] if isinstance(value, list) else []
