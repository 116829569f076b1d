"""Calls to the Data API, what its refusals mean, and what they cost: the day's quota is the real limit."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from hark.channels import allowance, wire
from hark.channels.base import Connection, Failure, NeedsReconnect, Refused, TryLater
from hark.channels.wire import Answer

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

    token: str
    project: str
    home: str
    units: int

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        return self._call("GET", path, params, None).object

    def write(self, method: str, path: str, params: dict[str, Any], body: Any = None) -> Answer:
        return self._call(method, path, params, body)

    def _call(self, method: str, path: str, params: dict[str, Any], body: Any) -> Answer:
        writes, cost = method != "GET", READ_UNITS if method == "GET" else WRITE_UNITS
        share = "answers" if writes else "reading"
        most = int(self.units * ((1 - READING_SHARE) if writes else READING_SHARE))
        # Also a refused request costs.
        if not allowance.take(f"youtube {share} {self.project}", _day(), cost, most):
            raise TryLater(
                until_reset(),
                _("Today’s share of YouTube’s quota is used up; it goes on after midnight Pacific time."),
            )
        answer = wire.call(
            method, f"{self.home}/{path}", network=LABEL, writes=writes, params=params, json=body,
            headers={"authorization": f"Bearer {self.token}"},
        )  # fmt: skip
        if answer.ok:
            return answer
        raise failure(answer)


def failure(answer: Answer) -> Failure:
    """{error: {code, message, errors: [{reason}]}}; names of reasons only ever make a wait of a refusal."""
    error = answer.told.get("error")
    told = error if isinstance(error, dict) else {}
    listed = told.get("errors")
    reasons = (
        {str(one.get("reason")) for one in listed if isinstance(one, dict)}
        if isinstance(listed, list)
        else set()
    )
    said = str(told.get("message") or error or "")[:300]
    if reasons & SPENT:
        return TryLater(
            until_reset(), _("YouTube’s quota for today is used up; it goes on after midnight Pacific time.")
        )
    if answer.status == 429 or reasons & PASSING:
        return answer.slow_down()
    if answer.status == 401:
        return NeedsReconnect(_("YouTube no longer lets us in (%s).") % (said or "401"))
    if answer.status >= 500 or answer.status < 400:
        return answer.lost()
    if answer.status in (404, 410):
        return Refused("gone", _("It is no longer there on YouTube."))
    return Refused("never", said or _("YouTube refused it (%d).") % answer.status)


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
    return Channel(
        token, project, str(connection.settings.get("server") or HOME).rstrip("/"),
        units if isinstance(units, int) and units > 0 else DAY_UNITS,
    )  # fmt: skip
