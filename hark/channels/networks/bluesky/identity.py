"""Who a handle is and where its account lives: handle → DID → PDS. https://atproto.com/specs/handle"""

from __future__ import annotations

import os
import re
from typing import Any

import httpx
import msgspec

from hark.web import outbound

from . import api

DID = re.compile(r"did:(plc:[a-z2-7]{24}|web:[a-zA-Z0-9.-]+(%3A[0-9]+)?)")
HANDLE = re.compile(
    r"([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
)
PUBLIC_APPVIEW = "https://public.api.bsky.app"
DNS_SECONDS = 5.0


class Unknown(Exception):
    """No such account, or its address can't be found. The text says what was looked for."""


def plc_directory() -> str:
    return os.environ.get("HARK_BLUESKY_PLC") or "https://plc.directory"


def did_of(handle: str) -> str:
    """The DID that a handle points to, by DNS, then by its own web server, then by the public AppView."""
    if DID.fullmatch(handle):
        return handle
    if not HANDLE.fullmatch(handle) or len(handle) > 253:
        raise Unknown(handle)
    found = _by_dns(handle) or _by_web(handle) or _by_appview(handle)
    if not DID.fullmatch(found):
        raise Unknown(handle)
    return found


def _by_dns(handle: str) -> str:
    """The TXT record, by the SDK: it takes 0.3 s and 30 MB to load, so only where an account is connected."""
    from atproto_identity.handle import resolver  # type: ignore[import-untyped]

    return resolver.HandleResolver(timeout=DNS_SECONDS).resolve_dns(handle) or ""


def _by_web(handle: str) -> str:
    try:
        answer = outbound.fetch(f"https://{handle}/.well-known/atproto-did", most_bytes=4096)
    except (httpx.HTTPError, outbound.AddressRefused, outbound.AnswerTooLong):
        return ""
    return answer.text.strip() if answer.status_code == 200 else ""


def _by_appview(handle: str) -> str:
    try:
        said = api.query(PUBLIC_APPVIEW, "com.atproto.identity.resolveHandle", {"handle": handle}).body
    except (api.XrpcError, api.NotReached, api.AnswerLost):
        return ""
    return str(said.get("did") or "")


def pds_of(did: str) -> str:
    """The address of the server that holds the account. Raises Unknown."""
    if did.startswith("did:plc:"):
        url = f"{plc_directory()}/{did}"
    else:
        url = f"https://{did.removeprefix('did:web:').replace('%3A', ':')}/.well-known/did.json"
    try:
        answer = outbound.fetch(url, most_bytes=64 * 1024)
        document = (
            msgspec.json.decode(answer.content, type=dict[str, Any]) if answer.status_code == 200 else {}
        )
    except (
        httpx.HTTPError,
        outbound.AddressRefused,
        outbound.AnswerTooLong,
        msgspec.DecodeError,
        RecursionError,
    ):
        raise Unknown(did) from None
    return pds_in(document) or _unknown(did)


def _unknown(did: str) -> str:
    raise Unknown(did)


def pds_in(document: object) -> str:
    """The PDS named in a DID document, "" when there is none."""
    services = document.get("service") if isinstance(document, dict) else None
    for service in services if isinstance(services, list) else ():
        if isinstance(service, dict) and str(service.get("id", "")).endswith("#atproto_pds"):
            return str(service.get("serviceEndpoint") or "")
    return ""
