"""One request to a network over the guarded client: an answer of any status, or one of the failures.

A connection that was never made is TryLater. A lost answer is TryLater to a question, Unsure to what may have been done.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpcore
import httpx
import msgspec
from django.utils.translation import gettext as _

from hark.web import outbound

from .base import Failure, TryLater, Unsure

AGENT = "Hark (social customer care)"
UNREACHED_WAIT_SECONDS = 30.0
UNKNOWN_WAIT_SECONDS = 60.0  # after a 429 that names no time
LONGEST_WAIT_SECONDS = 86_400.0


@cache
def http() -> httpx.Client:
    return outbound.client(headers={"user-agent": AGENT})


os.register_at_fork(after_in_child=http.cache_clear)  # a connection belongs to one process


@dataclass(frozen=True)
class Answer:
    """What a network said. `writes`: the request may have changed something there."""

    status: int
    raw: bytes
    headers: httpx.Headers
    network: str
    writes: bool

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

    @property
    def told(self) -> dict[str, Any]:
        """The JSON object of an error, {} when it has none."""
        try:
            found = msgspec.json.decode(self.raw)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return {}
        return found if isinstance(found, dict) else {}

    def lost(self) -> Failure:
        return _lost(self.network, self.writes)

    def slow_down(self, seconds: float | None = None) -> TryLater:
        wait = seconds if seconds is not None else wait_seconds(self.headers)
        wait = min(max(1.0, wait), LONGEST_WAIT_SECONDS)
        return TryLater(wait, _("%(network)s asks us to slow down.") % {"network": self.network})


def call(method: str, url: str, *, network: str, writes: bool, **options: Any) -> Answer:
    """One request, no redirects followed. Raises TryLater or Unsure when there is no answer."""
    try:
        with http().stream(method, outbound.check_url(url), **options) as answer:
            raw = outbound.read_capped(answer, outbound.MOST_BYTES)
    except (outbound.AddressRefused, httpcore.ConnectError) as problem:
        raise TryLater(UNREACHED_WAIT_SECONDS, str(problem)) from None
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL):
        raise TryLater(UNREACHED_WAIT_SECONDS, _("%s can’t be reached.") % network) from None
    except (httpx.HTTPError, outbound.AnswerTooLong):
        # `from None`: an address may carry a secret (a bot's token), and the cause is logged
        raise _lost(network, writes) from None
    return Answer(answer.status_code, raw, answer.headers, network, writes)


def _lost(network: str, writes: bool) -> Failure:
    if writes:
        return Unsure(_("%s did not say whether it was published.") % network)
    return TryLater(UNREACHED_WAIT_SECONDS, _("%s did not answer in time.") % network)


def wait_seconds(headers: httpx.Headers) -> float:
    """Seconds until the limit is lifted: Retry-After in seconds or as a date, else X-RateLimit-Reset in any of its forms."""
    for name in ("retry-after", "x-ratelimit-reset"):
        if said := headers.get(name, "").strip():
            found = _seconds(said, headers)
            if found is not None:
                return found
    return UNKNOWN_WAIT_SECONDS


def _seconds(said: str, headers: httpx.Headers) -> float | None:
    try:
        value = float(said)
        return value - _now(headers) if value > 1e8 else value  # a moment since 1970, or a wait
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        try:
            at = parsedate_to_datetime(said)
        except ValueError:
            return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - _now(headers) + 1


def _now(headers: httpx.Headers) -> float:
    """The network's own clock where it tells the time: ours may be off."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return time.time()
