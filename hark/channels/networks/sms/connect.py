"""Connecting a number: account, token and number, proven by asking the provider for the number."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import Setup
from hark.channels.base import Connection, Failure
from hark.channels.registry import network_of
from hark.web import outbound

from . import api

PLAIN = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})


class ConnectForm(forms.Form):
    """After it is connected, the account’s page shows the webhook address that belongs into the provider’s console."""

    setup = Setup(
        needs=(
            gettext_lazy(
                "A number at a provider that speaks Twilio’s API, and the account’s SID and token from its console."
            ),
        ),
        steps=(
            gettext_lazy("Fill in the fields: connecting asks the provider whether the number is yours."),
            gettext_lazy(
                "In the provider’s console, enter the address shown then as the webhook for incoming messages."
            ),
        ),
    )

    handle = forms.CharField(
        label=gettext_lazy("Number"), max_length=20, 
        validators=[RegexValidator(r"^\+[1-9][0-9]{6,14}\Z", gettext_lazy("A number looks like +351210000000."))],
        help_text=gettext_lazy("With country code, as in +351210000000."), widget=PLAIN,
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100, required=False)
    sid = forms.CharField(
        label=gettext_lazy("Account SID"), max_length=64, widget=PLAIN,
        validators=[RegexValidator(r"^[A-Za-z0-9]+\Z", gettext_lazy("Letters and digits only."))],
    )  # fmt: skip
    token = forms.CharField(
        label=gettext_lazy("Auth token"), max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("The primary one: it also signs what the provider sends us. An API key does not."),
    )  # fmt: skip
    base = forms.CharField(
        label=gettext_lazy("Server"), max_length=200, required=False, widget=forms.URLInput(attrs={"placeholder": api.BASE}),
        help_text=gettext_lazy("Leave empty for Twilio itself."),
    )  # fmt: skip

    def clean_base(self) -> str:
        given = str(self.cleaned_data["base"]).strip().rstrip("/")
        try:
            return outbound.check_url(given) if given else ""
        except outbound.AddressRefused as problem:
            raise ValidationError(str(problem)) from None

    def connected(self) -> dict[str, Any]:
        """The account's fields, once the provider has named the number as ours. Raises ValidationError that says what to do."""
        told = self.cleaned_data
        credentials = {name: told[name] for name in ("sid", "token", "base")}
        connection = Connection(0, told["handle"], told["handle"], credentials, {}, network_of("sms").can)
        try:
            said = api.call(connection, "GET", "/IncomingPhoneNumbers", query={"PhoneNumber": told["handle"]})
        except Failure as problem:
            raise ValidationError({"token": str(problem)}) from None
        numbers = said.get("incoming_phone_numbers")
        if not isinstance(numbers, list) or not numbers:
            raise ValidationError({"handle": _("This account of the provider has no such number.")})
        return {
            "external_id": told["handle"], "handle": told["handle"], "name": told["name"],
            "settings": {"sid": told["sid"], "base": told["base"]}, "credentials": credentials,
        }  # fmt: skip
