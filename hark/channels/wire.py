"""One request to a network, and its answer whatever the status: for networks whose refusals are told apart by the body.

A connection that was never made is TryLater. A lost answer is TryLater to a question, Unsure to what may have been done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from . import http
from .base import Failure, TryLater


@dataclass(frozen=True)
class Answer:
    """What a network said. `writes`: the request may have changed something there. `told`: the object of a refusal."""

    status: int
    network: str
    writes: bool
    raw: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    wait_seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def body(self) -> Any:
        """The JSON in a good answer. What can't be read of it is as if it were lost."""
        try:
            return msgspec.json.decode(self.raw)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise self.lost() from None

    @property
    def object(self) -> dict[str, Any]:
        found = self.body
        if not isinstance(found, dict):
            raise self.lost()
        return found

    def lost(self) -> Failure:
        return http.lost_writing(self.network) if self.writes else http.lost_reading(self.network)

    def slow_down(self, seconds: float | None = None) -> TryLater:
        wait = self.wait_seconds or http.UNKNOWN_WAIT_SECONDS if seconds is None else seconds
        wait = min(max(1.0, wait), http.LONGEST_WAIT_SECONDS)
        return TryLater(wait, _("%(network)s asks us to slow down.") % {"network": self.network})


def call(method: str, url: str, *, network: str, writes: bool, **sent: Any) -> Answer:
    """One request, no redirects followed. Raises TryLater or Unsure when there is no answer.

    The causes are left behind: an address may carry a secret (a bot's token), and causes are logged.
    """
    try:
        answer = http.request(method, url, **sent)
    except http.NotReached:
        raise TryLater(http.UNREACHED_WAIT_SECONDS, _("%s can’t be reached.") % network) from None
    except http.AnswerLost:
        raise Answer(0, network, writes).lost() from None
    except http.SaidNo as no:
        return Answer(no.status, network, writes, told=no.body, wait_seconds=no.wait_seconds)
    return Answer(answer.status, network, writes, answer.raw, answer.headers)
