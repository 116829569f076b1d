"""Calls to the Bot API, and what its refusals mean. The token stands in every address: none is logged or shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import Connection, NeedsReconnect, Refused

LABEL = "Telegram"
HOME = "https://api.telegram.org"
TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{10,100}")
UNREACHABLE = (
    "blocked",
    "deactivated",
    "kicked",
    "can't initiate",
    "not a member",
    "chat not found",
    "user not found",
)
GONE = (
    "message to reply not found",
    "message to be replied not found",
    "message to edit not found",
    "message to delete not found",
)


class NotModified(Refused):
    """The message already is as it was asked to be."""


@dataclass(frozen=True)
class Bot:
    line: http.Line
    files: str  # where its files lie

    def ask(self, method: str, **given: Any) -> Any:
        """A question: nothing changes. Raises TryLater, NeedsReconnect or Refused."""
        with self.line.reading(method) as call:
            return _result(call, method, given)

    def act(self, method: str, **given: Any) -> Any:
        """Something that is seen by others. Raises the four failures."""
        with self.line.writing(method) as call:
            return _result(call, method, given)

    def file(self, path: str) -> http.Answer:
        with self.line.reading("file") as call:
            return call("GET", f"{self.files}/{path}")


def _result(call: Callable[..., http.Answer], method: str, given: dict[str, Any]) -> Any:
    """https://core.telegram.org/bots/api#making-requests: {ok, result}."""
    said = {name: value for name, value in given.items() if value is not None}
    found = call("POST", f"/{method}", json=said).body
    if found.get("ok") is not True:
        raise http.AnswerLost("an answer that says neither yes nor no")
    return found["result"]


def _final(problem: http.SaidNo) -> NeedsReconnect | Refused:
    """{ok, error_code, description, parameters}"""
    said = str(problem.body.get("description") or "")[:300]
    words = said.lower()
    if problem.status in (401, 404):
        return NeedsReconnect(_("Telegram does not know this bot’s token (any more)."))
    if problem.status == 409:
        return Refused(
            "never", _("Another program reads this bot’s messages, or a webhook is set elsewhere.")
        )
    if "message is not modified" in words:
        return NotModified("never", said)
    if any(part in words for part in GONE):
        return Refused("gone", _("The message is no longer there."))
    if any(part in words for part in UNREACHABLE):
        return Refused("recipient_unreachable", _("Telegram does not deliver to them: %s") % said)
    if "too long" in words:
        return Refused("too_long", said)
    return Refused("never", said or _("Telegram refused it (%d).") % problem.status)


def bot(connection: Connection) -> Bot:
    """Raises NeedsReconnect when the account has no token that could be one."""
    token = str(connection.credentials.get("token") or "")
    if not TOKEN.fullmatch(token):
        raise NeedsReconnect(_("This account has no bot token stored."))
    home = str(connection.settings.get("server") or HOME).rstrip("/")
    return Bot(http.Line(LABEL, connection, f"{home}/bot{token}", final=_final), f"{home}/file/bot{token}")
