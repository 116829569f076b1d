"""Connecting an account: its server and an access token made there, proven by asking who it is and what it may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import OAuth, Setup
from hark.channels.base import Connection, Failure, NeedsReconnect, Refused
from hark.channels.registry import network_of
from hark.web import outbound

from . import api, collecting, reading

SCOPES = (
    "read",
    "write:statuses",
    "write:media",
    "write:favourites",
    "write:conversations",
    "write:notifications",
)


def consent(told: Mapping[str, Any]) -> OAuth:
    """The consent of the server that is named; it makes an app of ours each time. Its tokens do not end."""
    home = str(told.get("server") or "")
    return OAuth(
        f"{home}/oauth/authorize",
        f"{home}/oauth/token",
        SCOPES,
        basic_auth=False,
        register_url=f"{home}/api/v1/apps",
    )


class ConnectForm(forms.Form):
    """What is needed to speak as an account. Field errors tell what to do about them."""

    setup = Setup(
        needs=(gettext_lazy("The account, signed in on its server in this browser."),),
        steps=(
            gettext_lazy("Enter the address of the server."),
            gettext_lazy("Allow it on the page of the server that follows."),
        ),
        oauth_for=consent,
    )
    tokens: dict[str, Any] | None = None  # set by the page after the consent

    server = forms.CharField(
        label=gettext_lazy("Server"),
        max_length=300,
        help_text=gettext_lazy(
            "Where the account lives, for example mastodon.social. Servers that answer like Mastodon will do too."
        ),
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )
    token = forms.CharField(
        label=gettext_lazy("Access token of your own"),
        max_length=500,
        required=False,
        help_text=gettext_lazy(
            "Instead of the consent. Made on that server under Preferences → Development → New application, with the scopes read, "
            "write:statuses, write:media, write:favourites, write:conversations and write:notifications."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    accept_strangers = forms.BooleanField(
        label=gettext_lazy("Let everybody’s posts reach the account"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "Sets the account’s notification policy to accept: otherwise strangers may be filtered away."
        ),
    )

    def clean_server(self) -> str:
        given = str(self.cleaned_data["server"]).strip().rstrip("/")
        given = given.rpartition("@")[2] if "@" in given and "://" not in given else given
        try:
            return outbound.check_url(given if "://" in given else f"https://{given}")
        except outbound.AddressRefused as problem:
            raise ValidationError(str(problem)) from None

    def connected(self) -> dict[str, Any]:
        """The account's fields, once the server has said whose token it is. Raises ValidationError that says what to do."""
        given = self.tokens["access"] if self.tokens else self.cleaned_data["token"].strip()
        try:
            server = api.server(_probe(self.cleaned_data["server"], given))
            me = server.get("/api/v1/accounts/verify_credentials")
            limits = _instance(server)
            if self.cleaned_data["accept_strangers"]:
                _accept(server)
            who = reading.author(me)
            warning = collecting.filtered(server)
        except NeedsReconnect:
            raise ValidationError(
                {"token": _("The server does not know this token. Make a new one and copy all of it.")}
            ) from None
        except Refused as problem:
            raise ValidationError(
                {
                    "server": _("This does not answer like a Mastodon server, or the token may not read: %s")
                    % problem
                }
            ) from None
        except Failure as problem:
            raise ValidationError({"server": str(problem)}) from None
        return {
            "external_id": who.external_id[:200],
            "handle": who.handle,
            "name": who.name[:120],
            "settings": {**limits, "server": server.home, "warning": warning},
            "credentials": {"server": server.home, "token": server.token, "id": str(me.get("id") or "")},
        }


def _probe(home: str, token: str) -> Connection:
    held = {"server": home, "token": token}
    return Connection(0, home, "", held, {}, network_of("mastodon").can)


def _instance(server: api.Server) -> dict[str, Any]:
    """What this server allows, by what it answers: the second form of the document, else the first, else nothing."""
    said: dict[str, Any] = {}
    for path in ("/api/v2/instance", "/api/v1/instance"):
        try:
            said = server.get(path)
            break
        except Refused:
            continue
    config = _dict(said.get("configuration"))
    statuses = _dict(config.get("statuses"))
    streaming = _dict(config.get("urls")).get("streaming") or _dict(said.get("urls")).get("streaming_api")
    most = statuses.get("max_characters") or said.get("max_toot_chars")  # the second: Pleroma, Akkoma
    return {
        "max_characters": most if isinstance(most, int) and most > 0 else 500,
        "link_length": statuses.get("characters_reserved_per_url") or 23,
        "streaming": str(streaming or ""),
        "software": str(said.get("version") or "")[:80],
    }


def _accept(server: api.Server) -> None:
    """Ask for everybody's posts; a server without such a policy filters nobody."""
    names = ("for_not_following", "for_not_followers", "for_new_accounts", "for_private_mentions")
    try:
        server.write("PATCH", "/api/v2/notifications/policy", dict.fromkeys(names, "accept"))
    except Refused:
        return


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
