"""The Graph API over the shared client, and nothing else: one call in, one answer or one of three exceptions out.

The official SDK is about advertisements; the few calls that Hark makes are made here, each with `appsecret_proof`.
https://developers.facebook.com/docs/graph-api
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from hark.channels import http
from hark.channels.base import Connection, OutgoingFile
from hark.channels.signatures import meta_proof

VERSION = os.environ.get(
    "HARK_META_VERSION", "v26.0"
)  # ends about two years after its release: docs/channels.md
FACEBOOK, INSTAGRAM = "https://graph.facebook.com", "https://graph.instagram.com"


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
    """Where this account's API is."""
    return place(INSTAGRAM if connection.settings.get("login") == "instagram" else FACEBOOK)


def place(usual: str) -> str:
    """An address of Meta's. HARK_META_GRAPH names another one: a stand-in, a proxy of one's own."""
    return os.environ.get("HARK_META_GRAPH", usual).rstrip("/")


def _call(method: str, connection: Connection, path: str, **sent: Any) -> dict[str, Any]:
    """Raises http.NotReached, http.AnswerLost or GraphError."""
    held = connection.credentials
    token = str(held.get("token") or held.get("access") or "")
    own = held.get("app_key_instagram") if connection.settings.get("login") == "instagram" else ""
    secret = str(own or held.get("app_key") or "")
    if not token:
        raise GraphError(401, 190, 0, "there is no access token", 0.0)
    params = {name: value for name, value in sent.pop("params", {}).items() if value not in ("", None)}
    if secret:
        params["appsecret_proof"] = meta_proof(secret, token)
    headers = {"authorization": f"Bearer {token}"}  # not in the address, which ends in logs
    try:
        said = http.request(
            method, f"{host(connection)}/{VERSION}/{path}", params=params, headers=headers, **sent
        ).body
    except http.SaidNo as problem:
        raise _error(problem.status, problem.body, problem.text, problem.headers) from problem
    except (UnicodeError, ValueError) as problem:  # what no address or form can hold
        raise GraphError(400, 100, 0, str(problem)[:200], 0.0) from problem
    if isinstance(said.get("error"), dict):
        raise _error(200, said, "", {})
    return said


def _error(status: int, said: Mapping[str, Any], reason: str, headers: Mapping[str, str]) -> GraphError:
    found = said.get("error")
    error: Mapping[str, Any] = found if isinstance(found, dict) else {}
    details = error.get("error_data")
    told = details.get("details") if isinstance(details, dict) else None
    text = str(told or error.get("error_user_msg") or error.get("message") or reason)[:500]
    return GraphError(
        status, _number(error.get("code")), _number(error.get("error_subcode")), text, _wait(headers)
    )


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _wait(headers: Mapping[str, str]) -> float:
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
