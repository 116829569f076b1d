"""Connecting an account: an app that Reddit has approved, the person's consent, and the communities it moderates."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import OAuth, Setup
from hark.channels.base import Connection, Failure
from hark.channels.registry import network_of

from . import api

OAUTH = OAuth(
    authorize_url="https://www.reddit.com/api/v1/authorize",
    token_url="https://www.reddit.com/api/v1/access_token",  # noqa: S106  an address
    scopes=("identity", "read", "submit", "edit", "privatemessages", "history", "modposts", "modmail"),
    extra=(("duration", "permanent"),),
)
COMMUNITY = re.compile(r"(?:/?r/)?(\w{2,40})/?")


class ConnectForm(forms.Form):
    setup = Setup(
        needs=(
            gettext_lazy(
                "Reddit’s written approval: without it using its interface is forbidden; commercial use needs a contract."
            ),
            gettext_lazy("An app of the kind “web app”, made at reddit.com/prefs/apps."),
        ),
        steps=(
            gettext_lazy("Enter the address below as the app’s redirect, then its id and secret here."),
            gettext_lazy(
                "Name the communities that the account moderates: their posts and modmail are read too."
            ),
        ),
        oauth=OAUTH,
    )
    tokens: dict[str, Any]  # set by the page after the consent

    client_id = forms.CharField(label=gettext_lazy("Client ID"), max_length=100)
    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"), max_length=200, widget=forms.PasswordInput()
    )
    moderates = forms.CharField(
        label=gettext_lazy("Communities you moderate"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line, for example r/ternway."),
    )  # fmt: skip

    def clean_moderates(self) -> list[str]:
        found = []
        for line in str(self.cleaned_data["moderates"]).split():
            named = COMMUNITY.fullmatch(line)
            if not named:
                raise ValidationError(_("“%s” is not the name of a community.") % line[:60])
            found.append(named[1])
        return found

    def connected(self) -> dict[str, Any]:
        told = self.cleaned_data
        try:
            me = api.line(Connection(0, "hark", "", self.tokens, {}, network_of("reddit").can)).get(
                "/api/v1/me"
            )
        except Failure as problem:
            raise ValidationError(str(problem)) from None
        name = str(me.get("name") or "") if isinstance(me, dict) else ""
        if not name:
            raise ValidationError(_("Reddit’s answer could not be read."))
        return {
            "external_id": name,
            "handle": f"u/{name}",
            "settings": {"moderates": told["moderates"]},
            "credentials": {
                "client_id": told["client_id"],
                "client_secret": told["client_secret"],
                **self.tokens,
            },
        }
