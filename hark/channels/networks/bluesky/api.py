"""XRPC over HTTP, and nothing else: one call in, one answer or one of three exceptions out.

The official SDK turns answers into models; deliveries are kept byte for byte, so the few calls that Hark needs are
made here, over connections that refuse private addresses. https://atproto.com/specs/xrpc
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hark.channels import http
from hark.channels.http import Answer, AnswerLost, NotReached

CHAT = (
    "did:web:api.bsky.chat#bsky_chat"  # the direct message service, reached through the account's own server
)
__all__ = ["CHAT", "Answer", "AnswerLost", "NotReached", "XrpcError", "procedure", "query", "upload"]

Params = Mapping[str, str | int | Sequence[str]]


class XrpcError(http.SaidNo):
    """The server said no. `name` is the error's name in the lexicon ("" when it gave none)."""

    def __init__(self, status: int, name: str, text: str, wait_seconds: float = 0.0) -> None:
        super().__init__(status, f"{name}: {text}" if name else text, wait_seconds)
        self.name, self.text = name, text


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
        return http.request(method, f"{server.rstrip('/')}/xrpc/{nsid}", **kwargs)
    except http.SaidNo as problem:
        text = str(problem.body.get("message") or problem.text)[:500]
        name = str(problem.body.get("error") or "")[:100]
        raise XrpcError(problem.status, name, text, problem.wait_seconds) from problem
