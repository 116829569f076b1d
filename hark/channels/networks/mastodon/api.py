"""Calls to one server of the Mastodon API, and what its refusals mean. https://docs.joinmastodon.org/api/"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import Connection, NeedsReconnect, OutgoingFile, Refused

LABEL = "Mastodon"


@dataclass(frozen=True)
class Server:
    """A server, and the token of the account on it. Asking raises TryLater, NeedsReconnect or Refused; writing the four."""

    home: str
    token: str
    line: http.Line

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        with self.line.reading("get") as call:
            return call("GET", path, params=params).object

    def page(self, path: str, **params: Any) -> tuple[list[Any], Mapping[str, str]]:
        """A listing, and the headers that name its neighbours."""
        with self.line.reading("get") as call:
            answer = call("GET", path, params=params)
            return answer.listed, answer.headers

    def write(self, method: str, path: str, body: Any = None, once: str = "") -> dict[str, Any]:
        """`once` makes a repetition within an hour the same deed."""
        headers = {"idempotency-key": hashlib.sha256(once.encode()).hexdigest()} if once else {}
        with self.line.writing("write") as call:
            return call(method, path, json=body, headers=headers).body

    def delete(self, path: str) -> None:
        with self.line.writing("write") as call:
            call("DELETE", path)

    def upload(self, file: OutgoingFile) -> str:
        """The id of a file on the server. It may be worked on still: the status waits for it there."""
        with self.line.reading("upload") as call:  # a file that no status names is seen by nobody
            answer = call(
                "POST", "/api/v2/media", data={"description": file.alt[:1500]},
                files={"file": (file.name, file.content, file.content_type)},
            )  # fmt: skip
            return str(answer.object["id"])


def _final(problem: http.SaidNo) -> NeedsReconnect | Refused:
    said = str(problem.body.get("error") or "")[:300]
    match problem.status:
        case 401:
            return NeedsReconnect(_("The server no longer takes our token: %s") % (said or "401"))
        case 404 | 410:
            return Refused("gone", _("The server does not have it (any more)."))
        case 422:
            return Refused("never", said or _("The server refused it."))
    return Refused("never", said or _("The server refused it (%d).") % problem.status)


def server(connection: Connection) -> Server:
    """Raises NeedsReconnect when the account has no token."""
    home, token = connection.credentials.get("server"), connection.credentials.get("token")
    if not home or not token:
        raise NeedsReconnect(_("This account has no access token stored."))
    headers = {"authorization": f"Bearer {token}"}
    base = str(home).rstrip("/")
    return Server(base, str(token), http.Line(LABEL, connection, base, headers, _final))


def page_link(headers: Mapping[str, str], direction: str) -> dict[str, str]:
    """The parameters of the next page out of the Link header; {} when there is none. Its host is never followed."""
    for part in headers.get("link", "").split(","):
        target, _sep, params = part.strip().partition(">")
        if f'rel="{direction}"' in params:
            try:
                query = urlsplit(target.removeprefix("<")).query
            except ValueError:
                return {}
            return {name: values[0] for name, values in parse_qs(query).items() if name.endswith("_id")}
    return {}
