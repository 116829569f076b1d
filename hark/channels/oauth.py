"""OAuth 2.0 for accounts: authorization code with PKCE, and access tokens renewed ahead of their end.

Only what connecting needs (RFC 6749 sections 4.1 and 6, RFC 7636), so no library: two calls and a random verifier.
The credentials hold client_id, client_secret, access, refresh and access_ends (Unix seconds; absent when it never ends).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import http
from .abilities import Connects, OAuth, Swap
from .base import Connection, NeedsReconnect, Refused, TryLater
from .models import Account

log = structlog.get_logger(__name__)

LOCK = 0x0A07  # first half of the advisory lock's name; the second is the account


def declared(account: Account) -> OAuth | None:
    """How accounts of this network are allowed, None where it is not by OAuth."""
    network = account.network
    setup = getattr(network.connect_form(), "setup", None) if isinstance(network, Connects) else None
    return setup.consent(account.settings) if setup else None


def new_verifier() -> str:
    return secrets.token_urlsafe(48)


def consent_url(oauth: OAuth, client_id: str, *, back: str, state: str, verifier: str) -> str:
    """Where a person is sent to allow it."""
    asked = {
        "response_type": "code",
        oauth.client_name: client_id,
        "redirect_uri": back,
        "scope": oauth.scope_separator.join(oauth.scopes),
        "state": state,
        **dict(oauth.extra),
    }
    if oauth.pkce:
        digest = hashlib.sha256(verifier.encode()).digest()
        asked["code_challenge"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        asked["code_challenge_method"] = "S256"
    return f"{oauth.authorize_url}?{urlencode(asked)}"


def registered(oauth: OAuth, back: str, label: str) -> dict[str, str]:
    """The app that a server made for us: client_id and client_secret. Raises TryLater or Refused."""

    def final(problem: http.SaidNo) -> Refused:
        text = _("This server does not let us ask for permission (%s). Is its address right?")
        return Refused("never", text % problem.status)

    app = {
        "client_name": "Hark",
        "redirect_uris": back,
        "scopes": oauth.scope_separator.join(oauth.scopes),
        "website": settings.HARK_PUBLIC_URL,
    }
    with http.told(label, http.lost_reading(label), final):
        said = http.request("POST", oauth.register_url, data=app).body
        return {name: str(said[name]) for name in ("client_id", "client_secret")}


def exchange(
    oauth: OAuth, client: Mapping[str, Any], *, code: str, back: str, verifier: str, label: str
) -> dict[str, Any]:
    """The tokens for a code that the person brought back. Raises TryLater, Refused or NeedsReconnect."""
    asked = {
        "grant_type": "authorization_code",
        oauth.code_name: code,
        "redirect_uri": back,
        **({"code_verifier": verifier} if oauth.pkce else {}),
    }
    tokens = _ask(oauth, client, asked, label)
    return _swapped(oauth, oauth.lasting, client, tokens, label) if oauth.lasting else tokens


def renewed(oauth: OAuth, held: Mapping[str, Any], label: str) -> dict[str, Any]:
    """The credentials with new tokens; the refresh token too, where the network turns it over with each use.

    Raises NeedsReconnect when it is no longer worth anything.
    """
    if oauth.renewing:
        return _swapped(oauth, oauth.renewing, held, held, label)
    if not held.get("refresh"):
        raise NeedsReconnect(
            _("The permission has ended, and %(network)s gave nothing to renew it with.") % {"network": label}
        )
    asked = {"grant_type": "refresh_token", "refresh_token": str(held["refresh"])}
    return {**held, **_ask(oauth, held, asked, label, oauth.refresh_url)}


def _ask(
    oauth: OAuth, client: Mapping[str, Any], asked: dict[str, str], label: str, url: str = ""
) -> dict[str, Any]:
    named = (str(client.get("client_id") or ""), str(client.get(oauth.secret_name) or ""))
    form = {**asked, "client_id": named[0]}
    if named[1] and not oauth.basic_auth:
        form["client_secret"] = named[1]
    sent: dict[str, Any] = {"json" if oauth.as_json else "data": form}
    if named[1] and oauth.basic_auth:
        sent["auth"] = named
    with http.told(label, http.lost_reading(label), _final(label)):
        said = http.request("POST", url or oauth.token_url, **sent).body
        if oauth.inside:
            if said.get("code") != 0:
                raise http.SaidNo(400, str(said.get("message") or said.get("code")))
            said = said[oauth.inside]
        elif isinstance(
            said.get("data"), list
        ):  # as Instagram documents it, and as it does not always answer
            said = said["data"][0]
        tokens = _tokens(said)
        if said.get("refresh_token"):
            tokens["refresh"] = str(said["refresh_token"])
        tokens |= {name: str(said[name]) for name in ("scope", *oauth.kept) if said.get(name)}
        return tokens


def _swapped(
    oauth: OAuth, swap: Swap, client: Mapping[str, Any], tokens: Mapping[str, Any], label: str
) -> dict[str, Any]:
    asked = {
        "grant_type": swap.grant,
        "client_id": str(client.get("client_id") or ""),
        "client_secret": str(client.get(oauth.secret_name) or ""),
        swap.token_name: str(tokens["access"]),
    }
    with http.told(label, http.lost_reading(label), _final(label)):
        return {**tokens, **_tokens(http.request("GET", swap.url, params=asked).body)}


def _tokens(said: Mapping[str, Any]) -> dict[str, Any]:
    ends = said.get("expires_in")
    return {
        "access": str(said["access_token"]),
        **({"access_ends": time.time() + float(ends)} if ends else {}),
    }


def _final(label: str) -> http.Final:
    def final(problem: http.SaidNo) -> NeedsReconnect | Refused:
        error = problem.body.get("error_message") or problem.body.get("error")
        told = error.get("message") if isinstance(error, dict) else error
        said = str(problem.body.get("error_description") or told or problem.text)[:300]
        return NeedsReconnect(
            _("%(network)s no longer lets us in (%(said)s).") % {"network": label, "said": said}
        )

    return final


# Renewing ahead of the end ----------------------------------------------------------------------------


def connection(account: Account) -> Connection:
    """The account for a call to its network, with a token that lasts: renewed first when it ends soon.

    Raises NeedsReconnect when the permission is gone, TryLater when the network can't say now and the token has ended.
    """
    oauth, held = declared(account), account.connection()
    if oauth is None or not _ends_soon(oauth, held.credentials):
        return held
    try:
        return renew(account, oauth)
    except TryLater:
        if float(held.credentials["access_ends"]) > time.time():
            return held  # it is still good; the next call tries again
        raise


def renew(account: Account, oauth: OAuth, *, at_once: bool = False) -> Connection:
    """New tokens, stored. One process renews; another that comes meanwhile waits, and takes what it got.

    The lock is advisory, so that nobody else who writes the account's row waits for the network's answer.
    """
    with transaction.atomic():
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, account.pk])
        account.refresh_from_db()
        held = account.credentials
        if at_once or _ends_soon(oauth, held):
            account.seal(renewed(oauth, held, account.network.can.label))
            account.save(update_fields=["encrypted"])
            log.info("oauth.renewed", account=account.pk)
        return account.connection()


def note_reconnect(account: Account, text: str) -> None:
    """The account stands until a person renews it, and says why."""
    Account.objects.filter(pk=account.pk).update(
        health=Account.Health.RECONNECT, last_error=text[:2000], last_error_at=timezone.now()
    )


def _ends_soon(oauth: OAuth, credentials: Mapping[str, Any]) -> bool:
    ends = credentials.get("access_ends")
    return isinstance(ends, int | float) and ends - oauth.early_seconds < time.time()
