"""Calls to one server of the Mastodon API, and what its refusals mean. https://docs.joinmastodon.org/api/"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _

from hark.channels import wire
from hark.channels.base import Connection, Failure, NeedsReconnect, OutgoingFile, Refused
from hark.channels.wire import Answer

LABEL = "Mastodon"


@dataclass(frozen=True)
class Server:
    """A server, and the token of the account on it."""

    home: str
    token: str

    def get(self, path: str, **params: Any) -> Answer:
        """Ask. Raises TryLater, NeedsReconnect or Refused."""
        return self._good(self._call("GET", path, params=params))

    def write(self, method: str, path: str, body: Any = None, once: str = "") -> Answer:
        """Change something; `once` makes a repetition within an hour the same deed. Raises the four failures."""
        headers = {"idempotency-key": hashlib.sha256(once.encode()).hexdigest()} if once else {}
        return self._good(self._call(method, path, writes=True, json=body, headers=headers))

    def upload(self, file: OutgoingFile) -> str:
        """The id of a file on the server. It may be worked on still: the status waits for it there."""
        answer = self._call(
            "POST", "/api/v2/media", data={"description": file.alt[:1500]},
            files={"file": (file.name, file.content, file.content_type)},
        )  # fmt: skip
        return str(self._good(answer).object.get("id") or "")

    def _call(self, method: str, path: str, writes: bool = False, **options: Any) -> Answer:
        options["headers"] = {**options.get("headers", {}), "authorization": f"Bearer {self.token}"}
        return wire.call(method, self.home + path, network=LABEL, writes=writes, **options)

    def _good(self, answer: Answer) -> Answer:
        if answer.ok:
            return answer
        raise failure(answer)


def failure(answer: Answer) -> Failure:
    """What a refusal means to the rest of Hark."""
    said = str(answer.told.get("error") or "")[:300]
    match answer.status:
        case 429:
            return answer.slow_down()
        case 401:
            return NeedsReconnect(_("The server no longer takes our token: %s") % (said or "401"))
        case 404 | 410:
            return Refused("gone", _("The server does not have it (any more)."))
        case 422:
            return Refused("never", said or _("The server refused it."))
        case status if status >= 500 or status in (408, 425) or 300 <= status < 400:
            return answer.lost()
    return Refused("never", said or _("The server refused it (%d).") % answer.status)


def server(connection: Connection) -> Server:
    """Raises NeedsReconnect when the account has no token."""
    home, token = connection.credentials.get("server"), connection.credentials.get("token")
    if not home or not token:
        raise NeedsReconnect(_("This account has no access token stored."))
    return Server(str(home).rstrip("/"), str(token))


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
