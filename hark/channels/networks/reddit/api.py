"""Calls to the Reddit API, and what its refusals mean: some come with status 200. Every call names the app and its account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hark.channels import wire
from hark.channels.base import Connection, Failure, NeedsReconnect, Refused, TryLater
from hark.channels.wire import Answer

LABEL = "Reddit"
HOME = "https://oauth.reddit.com"
MINUTES = re.compile(r"(\d+)\s*(second|minute|hour)")
UNITS = {"second": 1, "minute": 60, "hour": 3600}
GONE = {"DELETED_COMMENT", "DELETED_LINK", "NO_THING_ID", "THREAD_LOCKED", "TOO_OLD", "COMMENT_UNREPLIABLE"}


@dataclass(frozen=True)
class Line:
    """The API as one account. Reading may find that a listing has been withdrawn: None."""

    token: str
    name: str
    home: str

    def get(self, path: str, **params: Any) -> Any:
        answer = self._call("GET", path, False, params={**params, "raw_json": 1})
        if 300 <= answer.status < 400:
            return None  # sent to sign in: the route was withdrawn, the account is well
        if not answer.ok:
            raise failure(answer)
        return answer.body

    def post(self, path: str, **form: Any) -> Answer:
        """Raises the four failures, also for errors that come with a good status."""
        answer = self._call("POST", path, True, data={**form, "api_type": "json", "raw_json": 1})
        if not answer.ok:
            raise failure(answer)
        return answer

    def _call(self, method: str, path: str, writes: bool, **sent: Any) -> Answer:
        agent = f"web:org.hark:v1.0 (by /u/{self.name})"
        headers = {"authorization": f"bearer {self.token}", "user-agent": agent}
        return wire.call(method, self.home + path, network=LABEL, writes=writes, headers=headers, **sent)


def things(answer: Answer) -> list[Any]:
    """What was made. Errors of the kind {json: {errors: [[code, text, field]]}} become failures."""
    told = answer.object.get("json")
    if not isinstance(told, dict):
        raise answer.lost()
    for error in told.get("errors") or []:
        if isinstance(error, list) and error:
            raise _told(str(error[0]), str(error[1]) if len(error) > 1 else "")
    data = told.get("data")
    found = data.get("things") if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


def _told(code: str, said: str) -> Failure:
    if code == "RATELIMIT":
        wait = MINUTES.search(said)
        seconds = int(wait[1]) * UNITS[wait[2]] + 5.0 if wait else 600.0
        return TryLater(seconds, said or _("Reddit asks us to slow down."))
    if code == "TOO_LONG":
        return Refused("too_long", said or code)
    return Refused("gone" if code in GONE else "never", said or code)


def failure(answer: Answer) -> Failure:
    said = str(
        answer.told.get("explanation") or answer.told.get("message") or answer.told.get("reason") or ""
    )[:300]
    if answer.status == 429:
        return answer.slow_down()
    if answer.status == 401:
        return NeedsReconnect(_("Reddit no longer lets us in (%s).") % (said or "401"))
    if answer.status >= 500 or answer.status < 400:
        return answer.lost()
    if answer.status == 404:
        return Refused("gone", _("It is no longer there on Reddit."))
    return Refused("never", said or _("Reddit refused it (%d).") % answer.status)


def line(connection: Connection) -> Line:
    token = str(connection.credentials.get("access") or "")
    if not token:
        raise NeedsReconnect(_("This account has no access token stored."))
    return Line(token, connection.external_id, str(connection.settings.get("server") or HOME).rstrip("/"))
