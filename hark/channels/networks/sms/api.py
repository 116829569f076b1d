"""HTTP to the provider and nothing else. Source: Twilio REST API 2010-04-01; fields and errors as in docs/channels.md#sms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import Connection, NeedsReconnect, Refused, TryLater

LABEL = "SMS"
BASE = "https://api.twilio.com"
WAIT_SECONDS = 30.0
LATER = {20429, 30001, 30017}
UNREACHABLE = {21211, 21214, 21610, 21612, 21614, 30003, 30004, 30005, 30006}
OPTED_OUT = 21610
BAD_TOKEN = 20003


def call(
    connection: Connection,
    method: str,
    path: str,
    *,
    form: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The decoded answer. Raises the four failures; a lost answer to a POST is Unsure, to a GET TryLater."""
    line, key = http.Line(LABEL, connection, home(connection), final=final), login(connection)
    with line.writing("send") if method == "POST" else line.reading(path.split("/")[1]) as ask:
        return ask(method, f"{path}.json", auth=key, data=dict(form or {}) or None, params=query).body


def home(connection: Connection) -> str:
    """Where this account's resources stand."""
    sid, _token = login(connection)
    return f"{str(connection.credentials.get('base') or BASE).rstrip('/')}/2010-04-01/Accounts/{sid}"


def login(connection: Connection) -> tuple[str, str]:
    held = connection.credentials
    sid, token = held.get("sid"), held.get("token")
    if not isinstance(sid, str) or not isinstance(token, str) or not sid or not token:
        raise NeedsReconnect(_("This account has no token. Connect it anew."))
    return sid, token


def final(problem: http.SaidNo) -> NeedsReconnect | Refused | TryLater:
    code = problem.body.get("code")
    code = code if isinstance(code, int) else 0
    text = str(problem.body.get("message") or f"HTTP {problem.status}")[:500]
    if code in LATER:
        return TryLater(WAIT_SECONDS, text)
    if problem.status == 401 or code == BAD_TOKEN:
        return NeedsReconnect(_("The provider does not let us in: %(why)s") % {"why": text})
    if code == OPTED_OUT:
        return Refused(
            "recipient_unreachable", _("They sent STOP: nothing may be sent until they send START.")
        )
    if code in UNREACHABLE:
        return Refused("recipient_unreachable", _("The number can’t be reached: %(why)s") % {"why": text})
    return Refused("never", _("The provider refused it: %(why)s") % {"why": text})
