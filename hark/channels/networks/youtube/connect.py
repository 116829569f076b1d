"""Connecting a channel: a Google project of one's own, the person's consent, and which channel it was given for."""

from __future__ import annotations

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
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106  an address
    scopes=("https://www.googleapis.com/auth/youtube.force-ssl",),
    basic_auth=False,
    extra=(("access_type", "offline"), ("prompt", "consent")),
)


class ConnectForm(forms.Form):
    setup = Setup(
        needs=(
            gettext_lazy(
                "A Google Cloud project of your own with the YouTube Data API v3 switched on: its quota is yours alone."
            ),
            gettext_lazy("The owner’s or a manager’s sign-in to the channel."),
        ),
        steps=(
            gettext_lazy(
                "In the project, make an OAuth client of the kind “web application” with the address below as redirect."
            ),
            gettext_lazy(
                "Enter its id and secret here, and choose the brand’s channel when Google asks which one."
            ),
        ),
        oauth=OAUTH,
    )
    tokens: dict[str, Any]  # set by the page after the consent

    client_id = forms.CharField(label=gettext_lazy("Client ID"), max_length=300)
    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"), max_length=300, widget=forms.PasswordInput()
    )
    units_per_day = forms.IntegerField(
        label=gettext_lazy("Quota units a day for this channel"), initial=api.DAY_UNITS, min_value=100, max_value=10_000_000,
        help_text=gettext_lazy("An answer costs 50 units, a look 1. Two fifths are for reading, the rest for answers."),
    )  # fmt: skip

    def connected(self) -> dict[str, Any]:
        told = self.cleaned_data
        try:
            channel = api.channel(Connection(0, "connecting", "", self.tokens, {}, network_of("youtube").can))
            items = channel.get("channels", part="id,snippet", mine="true").get("items")
            [mine, *_more] = items  # type: ignore[misc]
            found, snippet = str(mine["id"]), mine["snippet"]
        except Failure as problem:
            raise ValidationError(str(problem)) from None
        except (KeyError, TypeError, ValueError):
            raise ValidationError(
                _("This Google account has no channel. Choose the brand’s channel at the consent.")
            ) from None
        return {
            "external_id": found,
            "handle": str(snippet.get("customUrl") or snippet.get("title") or found)[:200],
            "name": str(snippet.get("title") or "")[:120],
            "settings": {"units_per_day": told["units_per_day"]},
            "credentials": {
                "client_id": told["client_id"],
                "client_secret": told["client_secret"],
                **self.tokens,
            },
        }
