"""Connecting an app: an App Store Connect key whose role may answer reviews."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from hark.channels.abilities import Setup
from hark.channels.base import Connection, Failure, NeedsReconnect
from hark.channels.registry import network_of

from . import api


class ConnectForm(forms.Form):
    setup = Setup(
        needs=(gettext_lazy("An Admin of the App Store Connect account, who makes the key."),),
        steps=(
            gettext_lazy(
                "In App Store Connect, open Users and Access → Integrations → App Store Connect API."
            ),
            gettext_lazy(
                "Make a team key with the role Customer Support, and download it: Apple gives it once."
            ),
            gettext_lazy("The app’s Apple ID stands under App Information."),
        ),
    )
    app = forms.RegexField(
        r"\A[0-9]{3,20}\Z", label=gettext_lazy("Apple ID of the app"),
        help_text=gettext_lazy("A number, as in the app’s address: …/id1234567890."),
    )  # fmt: skip
    issuer_id = forms.CharField(label=gettext_lazy("Issuer ID"), max_length=100)
    key_id = forms.CharField(label=gettext_lazy("Key ID"), max_length=40)
    private_key = forms.CharField(
        label=gettext_lazy("Key"), max_length=5000, help_text=gettext_lazy("All of the file AuthKey_….p8."),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip

    def connected(self) -> dict[str, Any]:
        told = self.cleaned_data
        credentials = {name: told[name].strip() for name in ("issuer_id", "key_id", "private_key")}
        asked = Connection(0, told["app"], "", credentials, {}, network_of("app_store").can)
        try:
            name = api.app_name(asked)
        except NeedsReconnect as problem:
            raise ValidationError({"private_key": str(problem)}) from None
        except Failure as problem:
            raise ValidationError({"app": str(problem)}) from None
        return {
            "external_id": told["app"],
            "handle": name[:200] or told["app"],
            "settings": {"app": told["app"]},
            "credentials": credentials,
        }
