"""Calls to the Data API, what its refusals mean, and what they cost: the day's quota is the real limit."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from hark.channels import allowance, http
from hark.channels.base import Connection, NeedsReconnect, Refused, TryLater

LABEL = "YouTube"
HOME = "https://www.googleapis.com/youtube/v3"
PACIFIC = ZoneInfo("America/Los_Angeles")
READ_UNITS, WRITE_UNITS = 1, 50
DAY_UNITS = 10_000  # of a project, all its accounts together; settings.units_per_day for one's share
READING_SHARE = 0.4  # the rest is kept for answers
PASSING = {
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "processingFailure",
    "backendError",
    "SERVICE_UNAVAILABLE",
}
SPENT = {"quotaExceeded", "dailyLimitExceeded"}


@dataclass(frozen=True)
class Channel:
    """The API as one channel's owner. Each call is counted against the day's quota of the Google project."""

    line: http.Line
    project: str
    units: int

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        self._takes("reading", READ_UNITS, READING_SHARE)
        with self.line.reading(f"get {path}") as call:
            return call("GET", f"/{path}", params=params).object

    def write(self, method: str, path: str, params: dict[str, Any], body: Any = None) -> dict[str, Any]:
        self._takes("answers", WRITE_UNITS, 1 - READING_SHARE)
        with self.line.writing(f"{method.lower()} {path}") as call:
            return call(method, f"/{path}", params=params, json=body).body

    def _takes(self, share: str, cost: int, most: float) -> None:
        """Also a refused request costs. Raises TryLater when the share is used up."""
        name = f"youtube {share} {self.project}"
        if not allowance.take(name, _day(), cost, int(self.units * most)):
            raise TryLater(
                until_reset(),
                _("Today’s share of YouTube’s quota is used up; it goes on after midnight Pacific time."),
            )


def _final(problem: http.SaidNo) -> NeedsReconnect | Refused | TryLater:
    """{error: {code, message, errors: [{reason}]}}; names of reasons only ever make a wait of a refusal."""
    error = problem.body.get("error")
    told = error if isinstance(error, dict) else {}
    listed = told.get("errors")
    listed = listed if isinstance(listed, list) else []
    reasons = {str(one.get("reason")) for one in listed if isinstance(one, dict)}
    said = str(told.get("message") or error or "")[:300]
    if reasons & SPENT:
        return TryLater(
            until_reset(), _("YouTube’s quota for today is used up; it goes on after midnight Pacific time.")
        )
    if reasons & PASSING:
        return TryLater(http.UNKNOWN_WAIT_SECONDS, _("YouTube asks us to slow down."))
    if problem.status == 401:
        return NeedsReconnect(_("YouTube no longer lets us in (%s).") % (said or "401"))
    if problem.status in (404, 410):
        return Refused("gone", _("It is no longer there on YouTube."))
    return Refused("never", said or _("YouTube refused it (%d).") % problem.status)


def until_reset() -> float:
    """Seconds to midnight Pacific time, when the quota begins anew."""
    now = datetime.now(PACIFIC)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(60.0, midnight.timestamp() - time.time())


def _day() -> str:
    return datetime.now(PACIFIC).date().isoformat()


def channel(connection: Connection) -> Channel:
    token = str(connection.credentials.get("access") or "")
    if not token:
        raise NeedsReconnect(_("This account has no access token stored."))
    units = connection.settings.get("units_per_day")
    project = str(connection.credentials.get("client_id") or connection.external_id)
    home = str(connection.settings.get("server") or HOME).rstrip("/")
    line = http.Line(LABEL, connection, home, {"authorization": f"Bearer {token}"}, _final)
    return Channel(line, project, units if isinstance(units, int) and units > 0 else DAY_UNITS)
