"""Sessions: log in rarely, renew in time, never once a call.

Logging in is limited to 30 per 5 minutes and 300 per day for an account (docs.bsky.app, rate limits). Tokens live in
the stored credentials and in this process; of the two, the younger one is used. Whoever renews leaves the pair here,
and the collector hands it over to be stored (`Batch.credentials`), so that the processes share one session.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from hark.channels.base import Connection, NeedsReconnect, TryLater

from . import api, failures

EARLY_SECONDS = 60.0  # an access token is renewed this long before it ends
LOG_INS, LOG_IN_SECONDS = 20, 300.0  # of ours, below the network's own limit


@dataclass(frozen=True)
class Tokens:
    access: str
    refresh: str

    @property
    def issued(self) -> float:
        return _claim(self.access, "iat")

    @property
    def ends(self) -> float:
        """When the access token ends, in seconds since 1970; infinite when it does not say."""
        return _claim(self.access, "exp") or float("inf")


_tokens: dict[str, Tokens] = {}
_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
_log_ins: defaultdict[str, deque[float]] = defaultdict(deque)


class Session:
    """One account, signed in: calls its server with a token that is good. Raises what `api` raises, and failures."""

    def __init__(self, connection: Connection) -> None:
        self.did = connection.external_id
        self._given = connection.credentials
        self.pds = str(self._given.get("pds") or "")
        self.reads_messages = self._given.get("dm") is not False
        self._password = str(self._given.get("password") or "")
        if not self.pds or not self._password:
            raise NeedsReconnect(_("This account has no app password stored."))
        self._key = hashlib.sha256(f"{self.pds}\0{self.did}\0{self._password}".encode()).hexdigest()

    def query(self, nsid: str, chat: bool = False, **params: Any) -> api.Answer:
        proxy = api.CHAT if chat else ""
        return self._signed(lambda token: api.query(self.pds, nsid, params, token=token, proxy=proxy))

    def procedure(self, nsid: str, body: dict[str, Any], chat: bool = False) -> api.Answer:
        proxy = api.CHAT if chat else ""
        return self._signed(lambda token: api.procedure(self.pds, nsid, body, token=token, proxy=proxy))

    def upload(self, content: bytes, content_type: str) -> api.Answer:
        return self._signed(lambda token: api.upload(self.pds, content, content_type, token=token))

    def credentials(self) -> dict[str, Any] | None:
        """The credentials to store when the tokens are newer than the stored ones, else None."""
        now = self._youngest()
        if now is None or now == self._stored():
            return None
        return {**self._given, "access": now.access, "refresh": now.refresh}

    def _signed(self, call: Callable[[str], api.Answer]) -> api.Answer:
        tokens = self._good()
        try:
            return call(tokens.access)
        except api.XrpcError as problem:
            if not failures.is_stale(problem):
                raise
        return call(self._renewed(tokens).access)

    def _good(self) -> Tokens:
        tokens = self._youngest()
        if tokens and tokens.ends - EARLY_SECONDS > time.time():
            return tokens
        return self._renewed(tokens)

    def _youngest(self) -> Tokens | None:
        """Of two that are of one second, what this process got itself."""
        known = [tokens for tokens in (_tokens.get(self._key), self._stored()) if tokens]
        return max(known, key=lambda tokens: tokens.issued, default=None)

    def _stored(self) -> Tokens | None:
        access, refresh = self._given.get("access"), self._given.get("refresh")
        return Tokens(str(access), str(refresh)) if access and refresh else None

    def _renewed(self, stale: Tokens | None) -> Tokens:
        """A new pair of tokens; one thread renews while the others wait and take what it got."""
        with _locks[self._key]:
            now = self._youngest()
            if now and now != stale and now.ends - EARLY_SECONDS > time.time():
                return now
            with failures.reading():
                fresh = self._refreshed(stale) or log_in(self.pds, self.did, self._password)[0]
            _tokens[self._key] = fresh
            return fresh

    def _refreshed(self, stale: Tokens | None) -> Tokens | None:
        if stale is None:
            return None
        try:
            said = api.procedure(
                self.pds, "com.atproto.server.refreshSession", None, token=stale.refresh
            ).body
        except api.XrpcError as problem:
            if problem.status in (400, 401):  # the refresh token is spent too: the password is asked instead
                return None
            raise
        return tokens_in(said)


def log_in(pds: str, identifier: str, password: str) -> tuple[Tokens, dict[str, Any]]:
    """Tokens and the server's answer. Raises TryLater before the network's own limit is reached."""
    taken = _log_ins[f"{pds} {identifier}"]
    while taken and taken[0] < time.monotonic() - LOG_IN_SECONDS:
        taken.popleft()
    if len(taken) >= LOG_INS:
        raise TryLater(LOG_IN_SECONDS, _("Too many sign-ins to Bluesky in five minutes."))
    taken.append(time.monotonic())
    said = api.procedure(
        pds, "com.atproto.server.createSession", {"identifier": identifier, "password": password}
    ).body
    return tokens_in(said), said


def tokens_in(said: dict[str, Any]) -> Tokens:
    access, refresh = said.get("accessJwt"), said.get("refreshJwt")
    if not isinstance(access, str) or not isinstance(refresh, str):
        raise api.XrpcError(502, "", "a session without tokens")
    return Tokens(access, refresh)


def scope(tokens: Tokens) -> str:
    """What the session may do: com.atproto.access (the account's own password), .appPass or .appPassPrivileged."""
    return str(_claims(tokens.access).get("scope") or "")


def _claim(token: str, name: str) -> float:
    value = _claims(token).get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _claims(token: str) -> dict[str, Any]:
    """What a JWT says of itself, unverified: it is ours, and only tells when to renew. {} for an opaque token."""
    part = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        return msgspec.json.decode(
            base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)), type=dict[str, Any]
        )
    except (msgspec.DecodeError, binascii.Error, ValueError):
        return {}
