"""TikTok's API for Business: one call in, its `data` out. A refusal comes with status 200 and a `code` that is not 0."""

from __future__ import annotations

import os
from typing import Any

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import Connection, NeedsReconnect, Refused, TryLater
from hark.channels.shapes import JSON, inner, text

LABEL = "TikTok"
SLOW_DOWN = {
    40100,
    40016,
    40133,
}  # codes are not documented where they could be read: an unknown one is final
SIGN_IN = {40102, 40104, 40105, 40106, 40110}
OWN_TROUBLE = range(50_000, 60_000)


def home() -> str:
    """Where the API is: HARK_TIKTOK_API names a stand-in or a proxy."""
    return os.environ.get("HARK_TIKTOK_API", "https://business-api.tiktok.com/open_api/v1.3").rstrip("/")


def line(connection: Connection) -> http.Line:
    """Raises NeedsReconnect where there is no token."""
    token = str(connection.credentials.get("access") or "")
    if not token.isascii() or not token.isprintable() or not token:
        raise NeedsReconnect(_("This account has no permission of TikTok stored."))
    return http.Line(LABEL, connection, home(), {"access-token": token})


def get(connection: Connection, what: str, path: str, **params: Any) -> JSON:
    with line(connection).reading(what) as call:
        asked = {"business_id": connection.external_id, **params}
        return _data(call("GET", f"/{path}", params=asked).body)


def post(connection: Connection, what: str, path: str, **body: Any) -> JSON:
    with line(connection).writing(what) as call:
        said = {"business_id": connection.external_id, **body}
        return _data(call("POST", f"/{path}", json=said).body)


def _data(answer: JSON) -> JSON:
    """Raises what the code means; what may have happened before TikTok's own trouble is as if the answer were lost."""
    code, said = answer.get("code"), text(answer, "message")[:300]
    if code == 0:
        return inner(answer, "data")
    if code in SLOW_DOWN:
        raise TryLater(http.UNKNOWN_WAIT_SECONDS, _("TikTok asks us to slow down."))
    if code in SIGN_IN:
        raise NeedsReconnect(_("TikTok no longer lets us in (%s).") % said)
    if not isinstance(code, int) or code in OWN_TROUBLE:
        raise http.AnswerLost(f"TikTok has trouble of its own ({code})")
    raise Refused("never", _("TikTok refused it: %s") % (said or code))
