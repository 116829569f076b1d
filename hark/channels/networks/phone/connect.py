"""The brand's number, so that calls to several of them are told apart."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hark.channels.abilities import Setup


class ConnectForm(forms.Form):
    setup = Setup(
        needs=(_("Nothing but the number or address: calls and letters are noted by whoever takes them."),),
        steps=(_("Connect it, then write calls and letters down under “New phone call or letter”."),),
    )

    handle = forms.CharField(
        label=_("Number or address"),
        max_length=120,
        help_text=_("Where customers call or write, as it is printed."),
    )
    name = forms.CharField(label=_("Name"), max_length=100, required=False)

    def connected(self) -> dict[str, Any]:
        handle = " ".join(self.cleaned_data["handle"].split())
        return {"external_id": handle.casefold(), "handle": handle, "name": self.cleaned_data["name"]}
