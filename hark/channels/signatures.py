"""Whether a hook's body comes from who it says. Pure functions over the raw bytes, compared in constant time.

A scheme is named by the network's `Capabilities.signature`. Every active secret is tried, without a short cut, so
that a secret can be rotated while requests signed with the old one are still under way.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import parse_qs, parse_qsl, urlsplit

Headers = Sequence[tuple[str, str]]

TIKTOK_TOLERANCE_SECONDS = 300
TWILIO_MAX_FIELDS = 1000
WEBSUB_METHODS = frozenset(
    {"sha1", "sha256", "sha384", "sha512"}
)  # W3C WebSub §7.1; sha1 is the hub's choice


class BadSecret(ValueError):
    """A secret that would let anybody in."""


def checked(secrets: Iterable[str]) -> tuple[str, ...]:
    """The active secrets, newest first, as they may be stored. Raises BadSecret when there is none or one is blank."""
    found = tuple(secrets)
    if not found or not all(isinstance(secret, str) and secret.strip() for secret in found):
        raise BadSecret("a signing secret is empty; give one, or remove the second")
    return found


def verify(
    scheme: str,
    secrets: Sequence[str],
    headers: Headers,
    body: bytes,
    *,
    header: str,
    url: str = "",
    now: float | None = None,
) -> bool:
    """True when the one `header` signs `body` with one of the secrets, exactly as the scheme writes it.

    Names of headers are lower case. A header that is missing, given twice, padded, or in another case is refused, and
    so is everything where a blank secret is configured. `url` is the full public address (Twilio signs it); `now` is
    Unix time in seconds. Raises LookupError for a scheme that does not exist.
    """
    try:
        expect = SCHEMES[scheme]
    except KeyError:
        raise LookupError(f"no signature scheme “{scheme}”; there are: {', '.join(SCHEMES)}") from None
    values = [value for name, value in headers if name.lower() == header.lower()]
    given = values[0] if len(values) == 1 else ""
    usable = bool(secrets) and all(secret.strip() for secret in secrets)
    request = _Request(given, headers, body, url, time.time() if now is None else now)
    matches = [
        _same(given, valid) for secret in secrets or ("",) for valid in expect(secret.encode(), request)
    ]
    return usable and bool(given) and any(matches)


class _Request:
    """What a scheme may look at."""

    __slots__ = ("body", "given", "headers", "now", "url")

    def __init__(self, given: str, headers: Headers, body: bytes, url: str, now: float) -> None:
        self.given, self.headers, self.body, self.url, self.now = given, headers, body, url, now


def _same(given: str, valid: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), valid.encode("utf-8"))


def _hex(secret: bytes, message: bytes, method: str = "sha256") -> str:
    return hmac.digest(secret, message, method).hex()


def _base64(secret: bytes, message: bytes, method: str = "sha256") -> str:
    return base64.b64encode(hmac.digest(secret, message, method)).decode()


# Each gives the header's valid values, in the time that the body takes whether or not the header is any good.


def _hark(secret: bytes, request: _Request) -> list[str]:
    """Hark's own, for plain webhooks and the practice network: hex, in lower case."""
    return [_hex(secret, request.body)]


def _x(secret: bytes, request: _Request) -> list[str]:
    return ["sha256=" + _base64(secret, request.body)]


def _meta(secret: bytes, request: _Request) -> list[str]:
    """Facebook, Instagram, WhatsApp."""
    return ["sha256=" + _hex(secret, request.body)]


def _linkedin(secret: bytes, request: _Request) -> list[str]:
    """The prefix is part of what is signed, not of the header."""
    return [_hex(secret, b"hmacsha256=" + request.body)]


def _tiktok(secret: bytes, request: _Request) -> list[str]:
    """`t=<unix>,s=<hex>`; a time further away than five minutes is refused, before or after."""
    found = re.match(r"t=([0-9]{1,12}),s=", request.given)
    at = found[1] if found else "0"
    signed = f"t={at},s=" + _hex(secret, at.encode() + b"." + request.body)
    return [signed] if abs(request.now - int(at)) <= TIKTOK_TOLERANCE_SECONDS else []


def _websub(secret: bytes, request: _Request) -> list[str]:
    method = request.given.partition("=")[0]
    if method not in WEBSUB_METHODS:
        method = "sha256"
    return [f"{method}=" + _hex(secret, request.body, method)]


def _telegram(secret: bytes, request: _Request) -> list[str]:
    """No signature: Telegram repeats the token that we gave it."""
    return [secret.decode()]


def _twilio(secret: bytes, request: _Request) -> list[str]:
    """The address and, for a form, its fields in order; for anything else the address holds the body's SHA-256.

    Like Twilio's own validator, the address may be signed with or without its port.
    """
    signed = _twilio_fields(request)
    return (
        []
        if signed is None
        else [_base64(secret, (url + signed).encode(), "sha1") for url in _ports(request.url)]
    )


def _twilio_fields(request: _Request) -> str | None:
    digest = parse_qs(urlsplit(request.url).query).get("bodySHA256")
    is_form = any(
        name.lower() == "content-type" and value.lower().startswith("application/x-www-form-urlencoded")
        for name, value in request.headers
    )
    if digest and not is_form:
        same = hmac.compare_digest(digest[0].encode(), hashlib.sha256(request.body).hexdigest().encode())
        return "" if same else None
    try:
        fields = parse_qsl(
            request.body.decode(), keep_blank_values=True, max_num_fields=TWILIO_MAX_FIELDS, errors="strict"
        )
    except ValueError:
        return None
    return "".join(name + value for name, value in sorted(set(fields)))


def _ports(url: str) -> list[str]:
    parts = urlsplit(url)
    host, colon, port = parts.netloc.rpartition(":")
    if colon and port.isdigit():
        return [url, parts._replace(netloc=host).geturl()]
    return [url, parts._replace(netloc=f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}").geturl()]


SCHEMES: dict[str, Callable[[bytes, _Request], list[str]]] = {
    "hark-sha256": _hark,
    "x": _x,
    "meta": _meta,
    "linkedin": _linkedin,
    "tiktok": _tiktok,
    "websub": _websub,
    "telegram": _telegram,
    "twilio": _twilio,
}


# Handshakes and proofs: what a network asks before it trusts the address, and what we prove to it ------


def sign(secret: str, body: bytes) -> str:
    """The `hark-sha256` header for a body: for whoever sends us a plain webhook."""
    return _hex(secret.encode(), body)


def x_challenge(secret: str, crc_token: str) -> str:
    """`response_token` for X's challenge-response check."""
    return "sha256=" + _base64(secret.encode(), crc_token.encode())


def meta_challenge(verify_token: str, mode: str, token: str, challenge: str) -> str | None:
    """`hub.challenge` to give back, None when it was not us who asked."""
    known = bool(verify_token) and _same(token, verify_token)
    return challenge if known and mode == "subscribe" else None


def meta_proof(secret: str, access_token: str) -> str:
    """`appsecret_proof` for a call to the Graph API."""
    return _hex(secret.encode(), access_token.encode())


def linkedin_challenge(secret: str, challenge_code: str) -> str:
    """`challengeResponse` for LinkedIn's validation."""
    return _hex(secret.encode(), challenge_code.encode())


def websub_challenge(wanted: Iterable[str], mode: str, topic: str, challenge: str) -> str | None:
    """The hub's challenge to give back, None when we did not ask for that topic."""
    return challenge if mode in ("subscribe", "unsubscribe") and topic in set(wanted) else None


def identifier_hash(secret: str, identifier: str) -> str:
    """What a brand's site gives with a signed-in visitor's identifier (the chat's HMAC identity)."""
    return _hex(secret.encode(), identifier.encode())


def is_identified(secrets: Sequence[str], identifier: str, given: str) -> bool:
    """True when the site signed this identifier with one of the secrets. Never true with a blank secret."""
    matches = [_same(given, identifier_hash(secret, identifier)) for secret in secrets if secret.strip()]
    return bool(identifier) and any(matches)
