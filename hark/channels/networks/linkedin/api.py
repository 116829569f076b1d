"""LinkedIn's versioned REST API: the line that a page calls on, how its addresses are written, what its errors mean."""

from __future__ import annotations

import os
import re
from urllib.parse import quote

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import Connection, NeedsReconnect, Refused, TryLater

LABEL = "LinkedIn"
URN = re.compile(r"urn:li:[A-Za-z]+:[\w:.(),=-]{1,300}")
VERSION_SECONDS = 3600.0


def home() -> str:
    """Where the API is: HARK_LINKEDIN_API names a stand-in or a proxy."""
    return os.environ.get("HARK_LINKEDIN_API", "https://api.linkedin.com").rstrip("/")


def version() -> str:
    """YYYYMM. A version lives about a year, so an operator can name another: HARK_LINKEDIN_VERSION."""
    return os.environ.get("HARK_LINKEDIN_VERSION", "202610")


def line(connection: Connection) -> http.Line:
    """Raises NeedsReconnect where there is no token."""
    token = str(connection.credentials.get("access") or "")
    if not token.isascii() or not token.isprintable() or not token:
        raise NeedsReconnect(_("This account has no permission of LinkedIn stored."))
    headers = {
        "authorization": f"Bearer {token}", "linkedin-version": version(), "x-restli-protocol-version": "2.0.0",
    }  # fmt: skip
    return http.Line(LABEL, connection, home(), headers, _final)


def organization(connection: Connection) -> str:
    return f"urn:li:organization:{connection.external_id}"


def part(urn: str) -> str:
    """An URN as one part of a path, colons and brackets encoded. Raises Refused for what is none."""
    if not URN.fullmatch(urn):
        raise Refused("gone", _("That is not a place on LinkedIn."))
    return quote(urn, safe="")


def _final(problem: http.SaidNo) -> NeedsReconnect | Refused | TryLater:
    said = str(problem.body.get("message") or problem.text)[:500]
    if problem.status == 401:
        return NeedsReconnect(_("LinkedIn no longer lets us in (%s).") % said)
    if problem.status == 426:  # nothing was done: it waits until an operator names a version that lives
        return TryLater(
            VERSION_SECONDS, _("LinkedIn no longer speaks version %s (HARK_LINKEDIN_VERSION).") % version()
        )
    if problem.status in (404, 410):
        return Refused("gone", _("It is no longer there on LinkedIn."))
    if problem.status == 403:
        return Refused(
            "never", _("The person who connected the page has no role there that allows it: %s") % said
        )
    return Refused("never", _("LinkedIn refused it: %s") % said)
