"""What the three connect forms share: the token, the app's secret, the verify token, and saying what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.base import Capabilities, Connection, Failure, NeedsReconnect

from . import graph
from .failures import reading

SECRET = forms.PasswordInput(attrs={"autocomplete": "off"})


class MetaForm(forms.Form):
    """An access token that is proven by a call, and what its webhooks are known by."""

    token = forms.CharField(label=gettext_lazy("Access token"), max_length=1000, widget=SECRET)
    app_key = forms.CharField(
        label=gettext_lazy("App secret"),
        max_length=200,
        min_length=8,
        widget=SECRET,
        help_text=gettext_lazy(
            "In the app's settings at developers.facebook.com, under Basic. It proves that webhooks are Meta's."
        ),
    )
    verify_token = forms.CharField(
        label=gettext_lazy("Verify token"),
        max_length=200,
        min_length=8,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "Any word of your own. Once connected, enter it in the app's webhook settings with the address shown then."
        ),
    )

    def credentials(self) -> dict[str, str]:
        return {name: self.cleaned_data[name].strip() for name in ("token", "app_key", "verify_token")}

    def connection(self, can: Capabilities, settings: Mapping[str, Any], external_id: str = "") -> Connection:
        """The account as it would be, for the calls that prove it."""
        return Connection(0, external_id, "", self.credentials(), settings, can)


def asked(connection: Connection, path: str, **params: Any) -> dict[str, Any]:
    """A call that proves something. Raises ValidationError that says what to do."""
    try:
        with reading():
            return graph.get(connection, path, **params)
    except NeedsReconnect as problem:
        raise ValidationError({"token": str(problem)}) from None
    except Failure as problem:
        raise ValidationError(_("Meta could not be asked: %(why)s") % {"why": problem}) from None


def subscribed(connection: Connection, of: str, fields: str = "") -> None:
    """The app hears what happens here from now on. Raises ValidationError that names the missing permission."""
    try:
        with reading():
            body = {"subscribed_fields": fields} if fields else {}
            graph.post(connection, graph.path(of, "subscribed_apps"), body)
    except Failure as problem:
        raise ValidationError(
            _("The token works, but the app may not hear what happens there: %(why)s") % {"why": problem}
        ) from None
