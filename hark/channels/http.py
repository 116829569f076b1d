"""Calls to networks: one guarded client, one way to time and trace them, and every trouble told in the four failures.

An adapter opens a `Line` and makes its calls inside `reading` or `writing`:

    with line.writing("post") as call:
        said = call("POST", "/2/tweets", json={"text": reply.text}).body
        return Receipt(external_id=said["data"]["id"])

Whatever goes wrong inside, an answer of another shape included, leaves as TryLater, Refused, NeedsReconnect or Unsure.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, TypeVar

import httpcore
import httpx
import msgspec
import structlog
from django.utils.translation import gettext as _

from hark.web import outbound

from .base import Connection, NeedsReconnect, Refused, TryLater, Unreadable, Unsure

log = structlog.get_logger(__name__)

T = TypeVar("T")

AGENT = "Hark (social customer care)"
UNREACHED_WAIT_SECONDS = 30.0
UNKNOWN_WAIT_SECONDS = 60.0  # after a 429 that names no time
LONGEST_WAIT_SECONDS = 86_400.0  # a reset further away than a day is a clock gone wrong
SOME_DAY = 1_000_000_000  # a reset above this is Unix time, below it counts seconds
OTHER_SHAPE = (KeyError, IndexError, TypeError, AttributeError, ValueError, Unreadable, msgspec.MsgspecError)


class NotReached(Exception):
    """The request surely did not get through: no such host, no connection, an address that is refused."""


class AnswerLost(Exception):
    """The request may have been carried out; no answer came, or one that can't be read."""


class SaidNo(Exception):
    """An answer with an error status. `body` is its JSON object, {} when it has none."""

    def __init__(
        self,
        status: int,
        text: str = "",
        wait_seconds: float = 0.0,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {text}".strip())
        self.status, self.text, self.wait_seconds, self.body = status, text, wait_seconds, body or {}
        self.headers = headers or {}


@dataclass(frozen=True)
class Answer:
    """A good answer. `pause_seconds` is above zero when less than a twentieth of the allowance is left."""

    status: int
    raw: bytes
    headers: httpx.Headers = field(default_factory=httpx.Headers)

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object in it, {} when it is empty; raises AnswerLost when it is something else."""
        return self._read(self.raw or b"{}", dict[str, Any])

    @property
    def object(self) -> dict[str, Any]:
        """As `body`, where an empty answer is a lost one."""
        return self._read(self.raw, dict[str, Any])

    @property
    def listed(self) -> list[Any]:
        """The JSON list in it; raises AnswerLost when it is something else."""
        return self._read(self.raw, list[Any])

    def _read(self, raw: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
            raise AnswerLost(f"an answer of another shape ({problem})") from problem

    @property
    def pause_seconds(self) -> float:
        return until_reset(self.headers) if _is_nearly_used_up(self.headers) else 0.0


@cache
def _client() -> httpx.Client:
    return outbound.client(headers={"user-agent": AGENT})


os.register_at_fork(after_in_child=_client.cache_clear)  # a connection belongs to one process


def request(method: str, url: str, *, json: Any = None, **sent: Any) -> Answer:
    """One call over the guard, read whole. Raises NotReached, AnswerLost or SaidNo. `sent`: as httpx takes it."""
    if json is not None:
        sent["content"] = msgspec.json.encode(json)
        sent["headers"] = {"content-type": "application/json", **sent.get("headers", {})}
    try:
        with _client().stream(method, outbound.check_url(url), **sent) as answer:
            raw = outbound.read_capped(answer, outbound.MOST_BYTES)
    except outbound.AddressRefused as problem:
        raise NotReached(str(problem).replace(url[:200], _host(url))) from None
    except httpcore.ConnectError as problem:
        raise NotReached(str(problem)) from problem
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL) as problem:
        raise NotReached(f"{_host(url)} can't be reached ({problem})") from problem
    except (httpx.HTTPError, outbound.AnswerTooLong) as problem:
        raise AnswerLost(f"{_host(url)} did not answer ({problem or type(problem).__name__})") from problem
    if 200 <= answer.status_code < 300:
        return Answer(answer.status_code, raw, answer.headers)
    said = _object_in(raw)
    wait = _told_in(said) or until_reset(answer.headers) if answer.status_code in (429, 503) else 0.0
    raise SaidNo(answer.status_code, answer.reason_phrase, wait, said, answer.headers)


def until_reset(headers: Mapping[str, str]) -> float:
    """Seconds until the limit is lifted, by the server's own clock where it tells the time.

    Reads Retry-After (seconds or a date) and the reset of `ratelimit-`, `x-ratelimit-` and `x-rate-limit-` headers:
    Unix time, seconds from now, or an ISO date. UNKNOWN_WAIT_SECONDS when none can be read.
    """
    now = _moment(headers.get("date", "")) or time.time()
    for name in ("retry-after", "x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset"):
        given = headers.get(name, "").strip()
        at = _moment(given)
        try:
            number = float(given) if at is None else at
        except ValueError:
            continue
        wait = number - now + 1 if number > SOME_DAY else number
        if wait == wait:  # not NaN
            return min(max(1.0, wait), LONGEST_WAIT_SECONDS)
    return UNKNOWN_WAIT_SECONDS


def _told_in(said: Mapping[str, Any]) -> float:
    """Seconds to wait where they stand in the answer itself: {parameters: {retry_after}}; 0 when they do not."""
    told = said.get("parameters")
    wait = told.get("retry_after") if isinstance(told, dict) else None
    return min(max(1.0, wait), LONGEST_WAIT_SECONDS) if isinstance(wait, int | float) and wait > 0 else 0.0


def _moment(text: str) -> float | None:
    """An HTTP or ISO date in Unix seconds."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(text)
        except (ValueError, TypeError, IndexError):
            continue
        if "-" in text or "," in text:  # "1700000000" is a date to neither, "20261120" would be
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    return None


def _is_nearly_used_up(headers: Mapping[str, str]) -> bool:
    for kind in ("x-rate-limit-", "x-ratelimit-", "ratelimit-"):
        try:
            left = float(headers[kind + "remaining"])
            return left <= 0 or left * 20 < float(headers[kind + "limit"])
        except (KeyError, ValueError):
            continue
    return False


def _object_in(raw: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return {}


def _host(url: str) -> str:
    """All of an address that may be shown: some networks write tokens into the rest."""
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL:
        return "the address"


# In the four shapes ----------------------------------------------------------------------------------

Final = Callable[[SaidNo], NeedsReconnect | Refused | TryLater]


@contextmanager
def told(label: str, lost: TryLater | Unsure, final: Final) -> Iterator[None]:
    """What happens inside, in the failures that the rest of Hark knows. `lost`: what a lost answer means here."""
    try:
        yield
    except NotReached as problem:
        raise TryLater(UNREACHED_WAIT_SECONDS, str(problem)) from problem
    except AnswerLost as problem:
        raise lost from problem
    except SaidNo as problem:
        if problem.status == 429:
            wait = problem.wait_seconds or UNKNOWN_WAIT_SECONDS
            raise TryLater(wait, _("%(network)s asks us to slow down.") % {"network": label}) from problem
        if problem.status >= 500 or problem.status < 400 or problem.status in (408, 425):
            raise lost from problem  # redirects are not followed: what answers there is not the network
        raise final(problem) from problem
    except OTHER_SHAPE as problem:
        log.exception("network.answer_not_understood", network=label)
        raise lost from problem


def lost_reading(label: str) -> TryLater:
    return TryLater(UNREACHED_WAIT_SECONDS, _("%(network)s did not answer in time.") % {"network": label})


def lost_writing(label: str) -> Unsure:
    return Unsure(_("%(network)s did not say whether it was published.") % {"network": label})


def final_for(label: str) -> Final:
    """What an error status means where a network says no more: 401, 403, 404, 410, 413, and all others."""

    def final(problem: SaidNo) -> NeedsReconnect | Refused:
        named = {"network": label, "said": problem.text}
        if problem.status == 401:
            return NeedsReconnect(_("%(network)s no longer lets us in (%(said)s).") % named)
        if problem.status in (404, 410):
            return Refused("gone", _("It is no longer there on %(network)s.") % named)
        if problem.status == 413:
            return Refused("too_long", _("%(network)s finds it too large.") % named)
        return Refused("never", _("%(network)s refused it: %(said)s") % named)

    return final


# One account's line ----------------------------------------------------------------------------------

_waits: dict[tuple[str, int, str, str], float] = {}  # by account and kind of call: not before this moment
os.register_at_fork(after_in_child=_waits.clear)


@dataclass(frozen=True)
class Line:
    """One account's calls to one network. `base` stands before addresses that begin with a slash."""

    label: str
    account: Connection
    base: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    final: Final | None = None

    @contextmanager
    def reading(self, what: str) -> Iterator[Callable[..., Answer]]:
        """Calls that change nothing: whatever stops them passes, or the account must be renewed, or it is final."""
        with self._calls(what, lost_reading(self.label)) as call:
            yield call

    @contextmanager
    def writing(self, what: str) -> Iterator[Callable[..., Answer]]:
        """Calls that may have been carried out although no good answer came. `what` names them in the log: no secrets."""
        with self._calls(what, lost_writing(self.label)) as call:
            yield call

    @contextmanager
    def _calls(self, what: str, lost: TryLater | Unsure) -> Iterator[Callable[..., Answer]]:
        def call(method: str, url: str, **sent: Any) -> Answer:
            return self._call(what, method, url, sent)

        with told(self.label, lost, self.final or final_for(self.label)):
            yield call

    def _call(self, what: str, method: str, url: str, sent: dict[str, Any]) -> Answer:
        key = (self.label, self.account.account_id, self.account.external_id, what)
        wait = _waits.get(key, 0.0) - time.monotonic()
        if wait > 0:  # it told us to wait: asking again sooner makes it worse
            raise TryLater(wait, _("%(network)s asked us to wait.") % {"network": self.label})
        began, status = time.monotonic(), 0
        sent["headers"] = {**self.headers, **sent.get("headers", {})}
        try:
            answer = request(method, self.base + url if url.startswith("/") else url, **sent)
            status = answer.status
            if answer.pause_seconds and answer.headers.get("x-rate-limit-remaining") == "0":
                _waits[key] = time.monotonic() + answer.pause_seconds
            return answer
        except SaidNo as problem:
            status = problem.status
            if status == 429:
                _waits[key] = time.monotonic() + (problem.wait_seconds or UNKNOWN_WAIT_SECONDS)
            raise
        finally:
            log.info(
                "network.call",
                network=self.label,
                account=self.account.account_id,
                what=what,
                status=status,
                seconds=round(time.monotonic() - began, 3),
            )
