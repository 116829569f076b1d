"""Connecting an app: the key of a service account that the Play Console lets answer reviews."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import Setup
from hark.channels.base import Connection, Failure
from hark.channels.registry import network_of

PACKAGE = re.compile(r"[A-Za-z][\w]*(\.[A-Za-z][\w]*)+")


class ConnectForm(forms.Form):
    setup = Setup(
        needs=(
            gettext_lazy("A Google Cloud project with the Google Play Android Developer API switched on."),
            gettext_lazy("An administrator of the Play Console."),
        ),
        steps=(
            gettext_lazy("In the project, make a service account and a key for it (JSON)."),
            gettext_lazy(
                "In the Play Console, invite the service account’s address as a user, "
                "with “View app information” and “Reply to reviews” for this app."
            ),
            gettext_lazy("Paste the whole file of the key here. It can take a day until Google lets it in."),
        ),
    )  # fmt: skip
    package = forms.CharField(
        label=gettext_lazy("Package name"), max_length=150,
        help_text=gettext_lazy("As in the app’s address on Google Play: com.example.app."),
    )  # fmt: skip
    key = forms.CharField(
        label=gettext_lazy("Key of the service account"), max_length=10_000, strip=True,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip

    def clean_package(self) -> str:
        found = str(self.cleaned_data["package"]).strip()
        if not PACKAGE.fullmatch(found):
            raise ValidationError(_("That is no package name: com.example.app is one."))
        return found

    def clean_key(self) -> dict[str, str]:
        try:
            told = json.loads(self.cleaned_data["key"])
            return {name: str(told[name]) for name in ("client_email", "private_key")}
        except (ValueError, KeyError, TypeError):
            raise ValidationError(_("Paste the whole JSON file of the key, as Google gave it.")) from None

    def connected(self) -> dict[str, Any]:
        package, credentials = self.cleaned_data["package"], self.cleaned_data["key"]
        network = network_of("google_play")
        asked = Connection(0, package, package, credentials, {}, network.can)
        try:
            [first, *_rest] = network.test(asked)  # type: ignore[attr-defined]
        except Failure as problem:
            raise ValidationError({"key": str(problem)}) from None
        if not first.works:
            raise ValidationError(first.text)
        return {
            "external_id": package,
            "handle": package,
            "settings": {"package": package},
            "credentials": credentials,
        }
