"""Calls to the Reddit API, and what its refusals mean: some come with status 200. Every call names the app and its account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import Connection, Failure, NeedsReconnect, Refused, TryLater

LABEL = "Reddit"
HOME = "https://oauth.reddit.com"
MINUTES = re.compile(r"(\d+)\s*(second|minute|hour)")
UNITS = {"second": 1, "minute": 60, "hour": 3600}
GONE = {"DELETED_COMMENT", "DELETED_LINK", "NO_THING_ID", "THREAD_LOCKED", "TOO_OLD", "COMMENT_UNREPLIABLE"}


@dataclass(frozen=True)
class Line:
    """The API as one account. Reading may find that a listing has been withdrawn: None."""

    line: http.Line

    def get(self, path: str, **params: Any) -> Any:
        with self.line.reading("get") as call:
            try:
                answer = call("GET", path, params={**params, "raw_json": 1})
            except http.SaidNo as no:
                if 300 <= no.status < 400:
                    return None  # sent to sign in: the route was withdrawn, the account is well
                raise
            return answer.listed if answer.raw[:1] == b"[" else answer.object

    def post(self, path: str, **form: Any) -> http.Answer:
        """Raises the four failures, also for errors that come with a good status."""
        with self.line.writing("post") as call:
            return call("POST", path, data={**form, "api_type": "json", "raw_json": 1})


def things(answer: http.Answer) -> list[Any]:
    """What was made. Errors of the kind {json: {errors: [[code, text, field]]}} become failures."""
    with http.told(LABEL, http.lost_writing(LABEL), _final):
        told = answer.body["json"]
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


def _final(problem: http.SaidNo) -> NeedsReconnect | Refused:
    body = problem.body
    said = str(body.get("explanation") or body.get("message") or body.get("reason") or "")[:300]
    if problem.status == 401:
        return NeedsReconnect(_("Reddit no longer lets us in (%s).") % (said or "401"))
    if problem.status == 404:
        return Refused("gone", _("It is no longer there on Reddit."))
    return Refused("never", said or _("Reddit refused it (%d).") % problem.status)


def line(connection: Connection) -> Line:
    token = str(connection.credentials.get("access") or "")
    if not token:
        raise NeedsReconnect(_("This account has no access token stored."))
    agent = f"web:org.hark:v1.0 (by /u/{connection.external_id})"
    headers = {"authorization": f"bearer {token}", "user-agent": agent}
    home = str(connection.settings.get("server") or HOME).rstrip("/")
    return Line(http.Line(LABEL, connection, home, headers, _final))
