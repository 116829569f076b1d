"""HTTP to the provider and nothing else. Source: Twilio REST API 2010-04-01; fields and errors as in docs/channels.md#sms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
from django.utils.translation import gettext as _

from hark.channels.base import Connection, NeedsReconnect, Refused, TryLater, Unsure
from hark.web import outbound

BASE = "https://api.twilio.com"
WAIT_SECONDS = 30.0
MOST_BYTES = 2**20
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
    held = connection.credentials
    sid, token = held.get("sid"), held.get("token")
    if not isinstance(sid, str) or not isinstance(token, str) or not sid or not token:
        raise NeedsReconnect(_("This account has no token. Connect it anew."))
    url = f"{str(held.get('base') or BASE).rstrip('/')}/2010-04-01/Accounts/{sid}{path}.json"
    lost: Unsure | TryLater = (
        Unsure(_("The provider did not say whether it took the message."))
        if method == "POST"
        else TryLater(WAIT_SECONDS, _("The provider did not answer in time."))
    )
    try:
        outbound.check_url(url)
        with (
            outbound.client(auth=(sid, token)) as http,
            http.stream(
                method, url, data=dict(form or {}) or None, params=dict(query or {}) or None
            ) as answer,
        ):
            raw = outbound.read_capped(answer, MOST_BYTES)
    except outbound.AddressRefused as problem:
        raise Refused("never", str(problem)) from problem
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as problem:
        raise TryLater(
            WAIT_SECONDS, _("The provider can’t be reached: %(why)s") % {"why": problem}
        ) from problem
    except (httpx.HTTPError, outbound.AnswerTooLong, httpx.InvalidURL) as problem:
        raise lost from problem
    said = _decoded(raw)
    if answer.status_code >= 500:
        raise lost
    if answer.status_code >= 400:
        raise _failure(answer, said)
    if said is None:
        raise lost
    return said


def _decoded(raw: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _failure(answer: httpx.Response, said: dict[str, Any] | None) -> NeedsReconnect | Refused | TryLater:
    code = (said or {}).get("code")
    text = str((said or {}).get("message") or f"HTTP {answer.status_code}")[:500]
    if answer.status_code == 429 or code in LATER:
        given = answer.headers.get("retry-after", "")
        return TryLater(float(given) if given.isdecimal() else WAIT_SECONDS, text)
    if answer.status_code == 401 or code == BAD_TOKEN:
        return NeedsReconnect(_("The provider does not let us in: %(why)s") % {"why": text})
    if code == OPTED_OUT:
        return Refused(
            "recipient_unreachable", _("They sent STOP: nothing may be sent until they send START.")
        )
    if code in UNREACHABLE:
        return Refused("recipient_unreachable", _("The number can’t be reached: %(why)s") % {"why": text})
    return Refused("never", _("The provider refused it: %(why)s") % {"why": text})
