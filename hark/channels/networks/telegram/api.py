"""Calls to the Bot API, and what its refusals mean. The token stands in every address: none is logged or shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hark.channels import wire
from hark.channels.base import Connection, Failure, NeedsReconnect, Refused
from hark.channels.wire import Answer

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
    token: str
    home: str = HOME

    def ask(self, method: str, **given: Any) -> Any:
        """A question: nothing changes. Raises TryLater, NeedsReconnect or Refused."""
        return self._call(method, given, writes=False)

    def act(self, method: str, **given: Any) -> Any:
        """Something that is seen by others. Raises the four failures."""
        return self._call(method, given, writes=True)

    def _call(self, method: str, given: dict[str, Any], writes: bool) -> Any:
        url = f"{self.home}/bot{self.token}/{method}"
        said = {name: value for name, value in given.items() if value is not None}
        answer = wire.call("POST", url, network=LABEL, writes=writes, json=said)
        if not answer.ok:
            raise failure(answer)
        found = answer.object
        if found.get("ok") is not True or "result" not in found:
            raise answer.lost()
        return found["result"]


def failure(answer: Answer) -> Failure:
    """https://core.telegram.org/bots/api#making-requests: {ok, error_code, description, parameters}."""
    said = str(answer.told.get("description") or "")[:300]
    told = answer.told.get("parameters")
    parameters = told if isinstance(told, dict) else {}
    words = said.lower()
    if answer.status == 429:
        wait = parameters.get("retry_after")
        return answer.slow_down(float(wait) if isinstance(wait, int | float) else None)
    if answer.status in (401, 404):
        return NeedsReconnect(_("Telegram does not know this bot’s token (any more)."))
    if answer.status == 409:
        return Refused(
            "never", _("Another program reads this bot’s messages, or a webhook is set elsewhere.")
        )
    if answer.status >= 500 or answer.status < 400:
        return answer.lost()
    if "message is not modified" in words:
        return NotModified("never", said)
    if any(part in words for part in GONE):
        return Refused("gone", _("The message is no longer there."))
    if any(part in words for part in UNREACHABLE):
        return Refused("recipient_unreachable", _("Telegram does not deliver to them: %s") % said)
    if "too long" in words:
        return Refused("too_long", said)
    return Refused("never", said or _("Telegram refused it (%d).") % answer.status)


def bot(connection: Connection) -> Bot:
    """Raises NeedsReconnect when the account has no token that could be one."""
    token = str(connection.credentials.get("token") or "")
    if not TOKEN.fullmatch(token):
        raise NeedsReconnect(_("This account has no bot token stored."))
    return Bot(token, str(connection.settings.get("server") or HOME).rstrip("/"))
