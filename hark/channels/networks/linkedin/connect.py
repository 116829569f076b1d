"""Connecting a page: the brand's own approved app, the consent of somebody with a role there, and which page it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import Finding, OAuth, Setup
from hark.channels.base import Connection, Failure, Refused
from hark.channels.shapes import text

from . import api, polling

MATTERS = {
    "r_organization_social": gettext_lazy("read comments"),
    "w_organization_social": gettext_lazy("answer them"),
    "rw_organization_admin": gettext_lazy("be told at once"),
}
OAUTH = OAuth(
    authorize_url="https://www.linkedin.com/oauth/v2/authorization",
    token_url="https://www.linkedin.com/oauth/v2/accessToken",  # noqa: S106  an address
    scopes=(*MATTERS, "r_basicprofile"),
    basic_auth=False,
)


class ConnectForm(forms.Form):
    setup = Setup(
        needs=(
            gettext_lazy("An app of your own with LinkedIn’s Community Management product: LinkedIn reviews each app."),
            gettext_lazy("Somebody who is an administrator of the page, signed in to LinkedIn in this browser."),
        ),
        steps=(
            gettext_lazy("In the developer portal, under “Auth”, enter the address below as redirect URL."),
            gettext_lazy("Copy the client ID and the primary client secret into this form; the secret signs webhooks too."),
            gettext_lazy("The page’s number stands in the address of its admin view: linkedin.com/company/NUMBER/admin."),
            gettext_lazy(
                "Afterwards enter the webhook that the account’s page shows under “Webhooks”, if your app has that tab. "
                "Without it LinkedIn is asked every five minutes."
            ),
        ),
        oauth=OAUTH,
    )  # fmt: skip
    tokens: dict[str, Any]  # set by the page after the consent

    client_id = forms.CharField(label=gettext_lazy("Client ID"), max_length=100)
    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"), max_length=200, widget=forms.PasswordInput(render_value=False)
    )
    page = forms.RegexField(
        r"\A\s*(?:urn:li:organization:)?(\d{1,20})\s*\Z",
        label=gettext_lazy("Number of the page"),
        max_length=60,
    )
    application = forms.RegexField(
        r"\A\d{1,20}\Z", label=gettext_lazy("Number of the app"), required=False, max_length=20,
        help_text=gettext_lazy("Stands in the address of the app in the developer portal. Only to be told at once."),
    )  # fmt: skip

    def clean_page(self) -> str:
        return str(self.cleaned_data["page"]).strip().rpartition(":")[2]

    def connected(self) -> dict[str, Any]:
        told = self.cleaned_data
        probe = _probe(told["page"], self.tokens)
        try:
            polling._notifications(api.line(probe), polling._since(probe, None), 0)
        except Failure as problem:
            raise ValidationError(_("LinkedIn does not let us read this page: %s") % problem) from None
        ends = self.tokens.get("access_ends")
        lasts = datetime.fromtimestamp(ends, UTC) if ends and not self.tokens.get("refresh") else None
        name, vanity = _named(probe)
        return {
            "external_id": told["page"],
            "handle": vanity or name or told["page"],
            "name": name,
            "settings": {"page": told["page"], "application": told["application"], "person": _person(probe)},
            "credentials": {
                "client_id": told["client_id"],
                "client_secret": told["client_secret"],
                **self.tokens,
            },
            "token_expires_at": lasts,  # without a refresh token only a person can renew it
        }


def _named(probe: Connection) -> tuple[str, str]:
    """The page's name and short name; a number will do where the app may not ask."""
    try:
        with api.line(probe).reading("page") as call:
            found = call("GET", f"/rest/organizations/{probe.external_id}").body
            return text(found, "localizedName")[:120], text(found, "vanityName")[:200]
    except Failure:
        return "", ""


def _person(probe: Connection) -> str:
    """Who gave the consent, for the webhook; "" where the app may not ask."""
    try:
        with api.line(probe).reading("who am I") as call:
            found = text(call("GET", "/v2/me").body, "id")
            return f"urn:li:person:{found}" if found else ""
    except Failure:
        return ""


def test(connection: Connection) -> list[Finding]:
    found = [_reads(connection)]
    allowed = str(connection.credentials.get("scope") or "").replace(",", " ").split()
    for scope, what in MATTERS.items() if allowed else ():
        missing = _("We may not %(what)s: the permission %(scope)s is missing. Renew the permission.")
        named = {"what": what, "scope": scope}
        has = scope in allowed
        found.append(Finding(has, (_("We may %(what)s.") if has else missing) % named))
    return found


def _reads(connection: Connection) -> Finding:
    try:
        polling._notifications(api.line(connection), polling._since(connection, None), 0)
    except Refused as problem:
        return Finding(False, str(problem))
    return Finding(True, _("LinkedIn lets us read what is said to the page."))


def _probe(page: str, tokens: Any) -> Connection:
    from .adapter import LinkedIn

    return Connection(0, page, page, tokens, {}, LinkedIn.can)
