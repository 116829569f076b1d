"""The Graph API over HTTP, and nothing else: one call in, one answer or one of three exceptions out.

The official SDK is about advertisements; the few calls that Hark makes are made here, over connections that refuse private
addresses, each with `appsecret_proof`. https://developers.facebook.com/docs/graph-api
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import httpcore
import httpx
import msgspec

from hark.channels.base import Connection, OutgoingFile
from hark.channels.signatures import meta_proof
from hark.web import outbound

VERSION = os.environ.get(
    "HARK_META_VERSION", "v26.0"
)  # ends about two years after its release: docs/channels.md
AGENT = "Hark (social customer care)"
FACEBOOK, INSTAGRAM = "https://graph.facebook.com", "https://graph.instagram.com"


class NotReached(Exception):
    """The request surely did not get through."""


class AnswerLost(Exception):
    """The request may have been carried out; no good answer came."""


class GraphError(Exception):
    """The API said no. `code` and `subcode` are its own; 0 where it gave none. `wait_seconds` is what its headers ask for."""

    def __init__(self, status: int, code: int, subcode: int, text: str, wait_seconds: float) -> None:
        super().__init__(f"{text} ({code})" if code else f"{status} {text}")
        self.status, self.code, self.subcode, self.text = status, code, subcode, text
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class File:
    """A file that leaves with a call, in this field of a form."""

    field: str
    file: OutgoingFile


@cache
def _http() -> httpx.Client:
    return outbound.client(headers={"user-agent": AGENT})


os.register_at_fork(after_in_child=_http.cache_clear)  # a connection belongs to one process


def path(*parts: str) -> str:
    """Ids as a path; one with a slash in it stays one part."""
    return "/".join(quote(part, safe="") for part in parts)


def get(connection: Connection, path: str, **params: Any) -> dict[str, Any]:
    return _call("GET", connection, path, params=params)


def post(
    connection: Connection, path: str, body: Mapping[str, Any], file: File | None = None
) -> dict[str, Any]:
    """Change something; with a file, as a form whose fields that are no text are JSON."""
    if file:
        told = {
            name: v if isinstance(v, str) else msgspec.json.encode(v).decode() for name, v in body.items()
        }
        parts = {file.field: (file.file.name, file.file.content, file.file.content_type)}
        return _call("POST", connection, path, data=told, files=parts)
    return _call("POST", connection, path, json=dict(body))


def delete(connection: Connection, path: str) -> dict[str, Any]:
    return _call("DELETE", connection, path)


def host(connection: Connection) -> str:
    """Where this account's API is. HARK_META_GRAPH names another one: a stand-in, a proxy of one's own."""
    usual = INSTAGRAM if connection.settings.get("login") == "instagram" else FACEBOOK
    return os.environ.get("HARK_META_GRAPH", usual).rstrip("/")


def _call(method: str, connection: Connection, path: str, **kwargs: Any) -> dict[str, Any]:
    token = str(connection.credentials.get("token") or "")
    if not token:
        raise GraphError(401, 190, 0, "there is no access token", 0.0)
    secret = str(connection.credentials.get("app_key") or "")
    kept = {name: value for name, value in kwargs.pop("params", {}).items() if value not in ("", None)}
    if secret:
        kept["appsecret_proof"] = meta_proof(secret, token)
    server = host(connection)
    try:
        url = outbound.check_url(f"{server}/{VERSION}/{path}")
        headers = {"authorization": f"Bearer {token}"}  # not in the address, which ends in logs
        with _http().stream(method, url, params=kept, headers=headers, **kwargs) as answer:
            raw = outbound.read_capped(answer, outbound.MOST_BYTES)
    except (outbound.AddressRefused, httpcore.ConnectError) as problem:
        raise NotReached(str(problem)) from problem
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL) as problem:
        raise NotReached(f"{server} can't be reached ({problem})") from problem
    except (httpx.HTTPError, outbound.AnswerTooLong, UnicodeError, ValueError) as problem:
        raise AnswerLost(f"{server} did not answer ({problem or type(problem).__name__})") from problem
    try:
        said = msgspec.json.decode(raw or b"{}", type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as problem:
        if answer.status_code == 429:
            said = {}
        else:
            raise AnswerLost(f"{server} answered with something that is not JSON") from problem
    if not 200 <= answer.status_code < 300 or isinstance(said.get("error"), dict):
        raise _error(answer, said)
    return said


def _error(answer: httpx.Response, said: Mapping[str, Any]) -> GraphError:
    found = said.get("error")
    error: Mapping[str, Any] = found if isinstance(found, dict) else {}
    details = error.get("error_data")
    told = details.get("details") if isinstance(details, dict) else None
    text = str(told or error.get("error_user_msg") or error.get("message") or answer.reason_phrase)[:500]
    return GraphError(
        answer.status_code,
        _number(error.get("code")),
        _number(error.get("error_subcode")),
        text,
        _wait(answer.headers),
    )


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _wait(headers: httpx.Headers) -> float:
    """Seconds until calls are taken again, the longest that a header names; calling on before prolongs the block.

    `X-Business-Use-Case-Usage` counts minutes, by account and kind of use.
    """
    seconds = [0.0]
    with contextlib.suppress(ValueError):
        seconds.append(float(headers.get("retry-after", "0")))
    try:
        usage = msgspec.json.decode(
            headers.get("x-business-use-case-usage", "{}"), type=dict[str, list[dict[str, Any]]]
        )
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        usage = {}
    for uses in usage.values():
        seconds += [60.0 * _number(use.get("estimated_time_to_regain_access")) for use in uses]
    return min(max(seconds), 86_400.0)
