"""Connecting a place: a Google project of one's own, the manager's consent, and which of their places it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import OAuth, Setup
from hark.channels.base import Failure

from . import api

SHOWN = 12  # names of places in an error
OAUTH = OAuth(
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106  an address
    scopes=("https://www.googleapis.com/auth/business.manage",),
    basic_auth=False,
    extra=(("access_type", "offline"), ("prompt", "consent")),
)


class ConnectForm(forms.Form):
    setup = Setup(
        needs=(
            gettext_lazy(
                "A Google Cloud project that Google has approved for the Business Profile APIs: until then its quota is 0."
            ),
            gettext_lazy("The sign-in of an owner or manager of the place. Google takes answers for verified places only."),
        ),
        steps=(
            gettext_lazy("In the project, switch on the Google My Business, Account Management and Business Information APIs."),
            gettext_lazy("Make an OAuth client of the kind “web application” with the address below as redirect."),
            gettext_lazy("Enter its id and secret here, and the place as it is called on Google."),
        ),
        oauth=OAUTH,
    )  # fmt: skip
    tokens: dict[str, Any]  # set by the page after the consent
    account: Any

    client_id = forms.CharField(label=gettext_lazy("Client ID"), max_length=300)
    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"), max_length=300, widget=forms.PasswordInput()
    )
    place = forms.CharField(
        label=gettext_lazy("Place"), max_length=300, required=False,
        help_text=gettext_lazy("Its name or a part of its address. Empty when you manage only one."),
    )  # fmt: skip

    def connected(self) -> dict[str, Any]:
        told = self.cleaned_data
        try:
            found = api.places(str(self.tokens["access"]))
        except Failure as problem:
            raise ValidationError(str(problem)) from None
        name, title, street = self._chosen(found, told["place"].strip().casefold())
        return {
            "external_id": name,
            "handle": title[:200] or name,
            "name": f"{title}, {street}".strip(", ")[:120],
            "location": title,
            "settings": {"place": told["place"]},
            "credentials": {
                "client_id": told["client_id"],
                "client_secret": told["client_secret"],
                **self.tokens,
            },
        }

    def _chosen(self, found: list[tuple[str, str, str]], wanted: str) -> tuple[str, str, str]:
        before = getattr(self, "account", None)
        fits = [one for one in found if before and one[0] == before.external_id]
        fits = fits or [one for one in found if wanted in f"{one[1]} {one[2]} {one[0]}".casefold()]
        if len(fits) == 1:
            return fits[0]
        if not found:
            raise ValidationError(_("This Google sign-in manages no place."))
        named = "; ".join(
            f"{title}, {street}".strip(", ") for _name, title, street in (fits or found)[:SHOWN]
        )
        said = (
            _("Say which place: %(places)s.") if fits else _("There is no such place. There are: %(places)s.")
        )
        raise ValidationError({"place": said % {"places": named}})
