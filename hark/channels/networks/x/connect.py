"""Connecting an account: the brand's own app on X, its consent, and who it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import Finding, OAuth, Setup
from hark.channels.base import Connection, Failure

from . import api, prices
from .shapes import the_id

SCOPES = (
    "tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "dm.read", "dm.write", "media.write", "block.read",
    "mute.read", "offline.access",
)  # fmt: skip
MATTERS = {
    "tweet.read": gettext_lazy("read posts"),
    "tweet.write": gettext_lazy("answer in public"),
    "dm.read": gettext_lazy("read direct messages"),
    "dm.write": gettext_lazy("answer direct messages"),
    "offline.access": gettext_lazy("stay connected for longer than two hours"),
}


class ConnectForm(forms.Form):
    """The keys of the brand's app. `tokens` are there when X has agreed."""

    setup = Setup(
        needs=(
            gettext_lazy("An X developer account with credit: X charges for every call (see the cap below)."),
            gettext_lazy("The account of the brand, signed in to X in this browser."),
        ),
        steps=(
            gettext_lazy(
                "In X’s developer console, make an app with “Read and write and Direct message” permission."
            ),
            gettext_lazy(
                "Under “User authentication”, choose “Web App” and enter the address to return to, as below."
            ),
            gettext_lazy("Copy the keys into this form, and allow it on the page of X that follows."),
            gettext_lazy(
                "Afterwards, register the webhook that the account’s page shows. Without it, X is asked every minute."
            ),
        ),
        oauth=OAuth("https://x.com/i/oauth2/authorize", "https://api.x.com/2/oauth2/token", SCOPES),
    )
    tokens: dict[str, Any] = {}

    client_id = forms.CharField(label=gettext_lazy("OAuth 2.0 client ID"), max_length=200)
    client_secret = forms.CharField(
        label=gettext_lazy("OAuth 2.0 client secret"),
        max_length=200,
        widget=forms.PasswordInput(render_value=False),
    )
    hook_secret = forms.CharField(
        label=gettext_lazy("API key secret"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(render_value=False),
        help_text=gettext_lazy("Signs what X sends to our webhook. Leave empty to be asked-only."),
    )
    tier = forms.ChoiceField(
        label=gettext_lazy("Access"),
        choices=[("self-serve", gettext_lazy("Pay per use")), ("enterprise", gettext_lazy("Enterprise"))],
        initial="self-serve",
        help_text=gettext_lazy(
            "With pay per use, X lets an app answer only posts that mention, answer or quote the account."
        ),
    )
    cap_dollars = forms.IntegerField(
        label=gettext_lazy("At most, in dollars a month"),
        min_value=0,
        max_value=1_000_000,
        initial=prices.USUAL_CAP,
        help_text=gettext_lazy(
            "Beyond it nothing is read or sent until next month. 0: no cap. An answer costs 1 cent, with a link 20 cents, "
            "a message 1.5 cents; reading a mention 0.1 cent, a message 1 cent."
        ),
    )
    link_as_button = forms.BooleanField(
        label=gettext_lazy("Let X show the invitation to private as its own button"),
        required=False,
        help_text=gettext_lazy("Otherwise it is a link at the end of the answer."),
    )

    def connected(self) -> dict[str, Any]:
        told = self.cleaned_data
        probe = Connection(0, "", "", self.tokens, {}, _capabilities())
        try:
            me = who_am_i(probe)
        except Failure as problem:
            raise ValidationError(str(problem)) from None
        return {
            "external_id": the_id(me),
            "handle": f"@{me.get('username')}",
            "name": str(me.get("name") or ""),
            "settings": {name: told[name] for name in ("tier", "cap_dollars", "link_as_button")},
            "credentials": {
                **self.tokens,
                "client_id": told["client_id"],
                "client_secret": told["client_secret"],
                "hook_secret": told["hook_secret"],
            },
        }


def _capabilities() -> Any:
    from .adapter import X

    return X.can


def who_am_i(connection: Connection) -> dict[str, Any]:
    with api.line(connection).reading("who am I") as call:
        me: dict[str, Any] = call("GET", "/2/users/me").body["data"]
        the_id(me)
        return me


def test(connection: Connection) -> list[Finding]:
    """What works: the permission, each thing it allows, the webhook's secret, the cap."""
    me = who_am_i(connection)
    found = [Finding(True, _("X knows us as @%(name)s.") % {"name": me.get("username")})]
    allowed = str(connection.credentials.get("scope") or "").split()
    for scope, what in MATTERS.items():
        if not allowed:
            found.append(Finding(None, _("X did not say what we may do.")))
            break
        if scope in allowed:
            found.append(Finding(True, _("We may %(what)s.") % {"what": what}))
        else:
            missing = _("We may not %(what)s: the permission %(scope)s is missing. Renew the permission.")
            found.append(Finding(False, missing % {"what": what, "scope": scope}))
    if connection.credentials.get("hook_secret"):
        found.append(Finding(True, _("Webhooks can be checked.")))
    else:
        found.append(
            Finding(None, _("There is no API key secret: X is asked every minute, and nothing comes sooner."))
        )
    if prices.is_capped(connection):
        found.append(Finding(False, _("The cap of this month is reached: nothing is read or sent.")))
    return found
