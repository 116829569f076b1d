"""XRPC over HTTP, and nothing else: one call in, one answer or one of three exceptions out.

The official SDK turns answers into models; deliveries are kept byte for byte, so the few calls that Hark needs are
made here, over connections that refuse private addresses. https://atproto.com/specs/xrpc
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpcore
import httpx
import msgspec

from hark.web import outbound

CHAT = (
    "did:web:api.bsky.chat#bsky_chat"  # the direct message service, reached through the account's own server
)
AGENT = "Hark (social customer care)"
UNKNOWN_WAIT_SECONDS = 60.0  # after a 429 that names no time

Params = Mapping[str, str | int | Sequence[str]]


class NotReached(Exception):
    """The request surely did not get through: no such host, no connection, an address that is refused."""


class AnswerLost(Exception):
    """The request may have been carried out; no answer came."""


class XrpcError(Exception):
    """The server said no. `name` is the error's name in the lexicon ("" when it gave none)."""

    def __init__(self, status: int, name: str, text: str, wait_seconds: float = 0.0) -> None:
        super().__init__(f"{status} {name}: {text}" if name else f"{status} {text}".strip())
        self.status, self.name, self.text, self.wait_seconds = status, name, text, wait_seconds


@dataclass(frozen=True)
class Answer:
    """A good answer. `pause_seconds` is above zero when the server's rate limit is nearly used up."""

    raw: bytes
    pause_seconds: float = 0.0

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object in it; raises XrpcError when it is something else."""
        try:
            return msgspec.json.decode(self.raw or b"{}", type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError) as problem:
            raise XrpcError(502, "", f"an answer that is not JSON ({problem})") from problem


@cache
def _http() -> httpx.Client:
    return outbound.client(headers={"user-agent": AGENT})


os.register_at_fork(after_in_child=_http.cache_clear)  # a connection belongs to one process


def query(server: str, nsid: str, params: Params, *, token: str = "", proxy: str = "") -> Answer:
    """Ask. Empty parameters are left out."""
    kept = {name: value for name, value in params.items() if value not in ("", None)}
    return _call("GET", server, nsid, token, proxy, params=kept)


def procedure(
    server: str, nsid: str, body: Mapping[str, Any] | None, *, token: str = "", proxy: str = ""
) -> Answer:
    """Change something. `body` None sends none, as refreshSession wants it."""
    if body is None:
        return _call("POST", server, nsid, token, proxy)
    content = msgspec.json.encode(body)
    return _call(
        "POST", server, nsid, token, proxy, content=content, headers={"content-type": "application/json"}
    )


def upload(server: str, content: bytes, content_type: str, *, token: str) -> Answer:
    nsid = "com.atproto.repo.uploadBlob"
    return _call("POST", server, nsid, token, "", content=content, headers={"content-type": content_type})


def _call(
    method: str,
    server: str,
    nsid: str,
    token: str,
    proxy: str,
    headers: dict[str, str] | None = None,
    **kwargs: Any,
) -> Answer:
    sent = {"authorization": f"Bearer {token}" if token else "", "atproto-proxy": proxy, **(headers or {})}
    kwargs["headers"] = {name: value for name, value in sent.items() if value}
    try:
        url = outbound.check_url(f"{server.rstrip('/')}/xrpc/{nsid}")
        with _http().stream(method, url, **kwargs) as answer:
            raw = outbound.read_capped(answer, outbound.MOST_BYTES)
    except (outbound.AddressRefused, httpcore.ConnectError) as problem:
        raise NotReached(str(problem)) from problem
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL) as problem:
        raise NotReached(f"{server} can't be reached ({problem})") from problem
    except (httpx.HTTPError, outbound.AnswerTooLong) as problem:
        raise AnswerLost(f"{server} did not answer ({problem or type(problem).__name__})") from problem
    if not 200 <= answer.status_code < 300:
        raise _error(answer, raw)
    return Answer(raw, _pause(answer.headers))


def _error(answer: httpx.Response, raw: bytes) -> XrpcError:
    try:
        said = msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        said = {}
    wait = _until_reset(answer.headers) if answer.status_code == 429 else 0.0
    text = str(said.get("message") or answer.reason_phrase)[:500]
    return XrpcError(answer.status_code, str(said.get("error") or "")[:100], text, wait)


def _pause(headers: httpx.Headers) -> float:
    """Seconds to rest when less than a twentieth of the allowance is left."""
    try:
        limit, left = int(headers["ratelimit-limit"]), int(headers["ratelimit-remaining"])
    except (KeyError, ValueError):
        return 0.0
    return _until_reset(headers) if left * 20 < limit else 0.0


def _until_reset(headers: httpx.Headers) -> float:
    """Seconds until the limit is lifted, by the server's own clock where it tells the time."""
    try:
        return max(1.0, float(headers["retry-after"]))
    except (KeyError, ValueError):
        pass
    try:
        now = parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        now = time.time()
    try:
        return max(1.0, float(headers["ratelimit-reset"]) - now + 1)
    except (KeyError, ValueError):
        return UNKNOWN_WAIT_SECONDS
