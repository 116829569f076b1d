"""What the three connect forms share: the token, the app's secret, the verify token, and saying what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import OAuth, Swap
from hark.channels.base import Capabilities, Connection, Failure, NeedsReconnect

from . import graph
from .failures import reading
from .shapes import ident, parts, text

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
            "In the app’s settings at developers.facebook.com, under Basic. It proves that webhooks are Meta’s."
        ),
    )
    verify_token = forms.CharField(
        label=gettext_lazy("Verify token"),
        max_length=200,
        min_length=8,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "Any word of your own. Once connected, enter it in the app’s webhook settings with the address shown then."
        ),
    )

    def credentials(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name].strip() for name in ("token", "app_key", "verify_token")}

    def connection(self, can: Capabilities, settings: Mapping[str, Any], external_id: str = "") -> Connection:
        """The account as it would be, for the calls that prove it."""
        return Connection(0, external_id, "", self.credentials(), settings, can)


class AllowedForm(MetaForm):
    """A person's consent, or a token that was made elsewhere."""

    tokens: dict[str, Any] | None = None  # set by the page after the consent

    client_id = forms.CharField(
        label=gettext_lazy("App ID"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Beside the app secret. Needed unless you bring a token of your own."),
    )
    page = forms.CharField(
        label=gettext_lazy("Page"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Its name or number, if you may act for more than one."),
    )
    token = forms.CharField(
        label=gettext_lazy("Access token of your own"),
        max_length=1000,
        required=False,
        widget=SECRET,
        help_text=gettext_lazy("Instead of the consent: a system user’s, for example, which does not end."),
    )
    field_order = (
        "login",
        "client_id",
        "app_key",
        "app_key_instagram",
        "verify_token",
        "page",
        "human_agent",
        "token",
    )

    def clean(self) -> None:
        if not self.cleaned_data.get("token") and not self.cleaned_data.get("client_id"):
            self.add_error("client_id", _("Enter the app’s ID, or a token of your own below."))

    def credentials(self) -> dict[str, Any]:
        own = self.cleaned_data["client_id"].strip()
        return {**super().credentials(), **({"client_id": own} if own else {})}

    def takes_page(self, can: Capabilities) -> None:
        """After the consent of a person: the token of the Page that they mean. Raises ValidationError naming the Pages."""
        if not self.tokens:
            return
        self.cleaned_data["token"] = self.tokens["access"]
        wanted = self.cleaned_data["page"].strip().casefold()
        found = asked(
            self.connection(can, {}), "me/accounts", fields="id,name,username,access_token", limit=500
        )
        pages = parts(found, "data")
        fit = [
            page
            for page in pages
            if not wanted or wanted in {str(page.get(name)).casefold() for name in ("id", "name", "username")}
        ]
        if len(fit) != 1:
            names = ", ".join(f"{text(page.get('name'))} ({ident(page.get('id'))})" for page in pages)
            raise ValidationError(
                {"page": _("Which one? The permission is for: %s") % (names or _("no Page at all"))}
            )
        self.cleaned_data["token"] = text(fit[0].get("access_token"))


def page_consent(*scopes: str) -> OAuth:
    """Facebook Login: the code gives a person's token for hours, which is made to last, and gives that of the Page."""
    url = f"{graph.place(graph.FACEBOOK)}/{graph.VERSION}/oauth/access_token"
    return OAuth(
        f"https://www.facebook.com/{graph.VERSION}/dialog/oauth",
        url,
        scopes,
        basic_auth=False,
        scope_separator=",",
        pkce=False,
        secret_name="app_key",  # noqa: S106  the name of a field
        lasting=Swap(url, "fb_exchange_token", "fb_exchange_token"),
    )


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
