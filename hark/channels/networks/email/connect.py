"""Connecting a mailbox: both servers, proven by signing in to each."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import Setup
from hark.channels.base import Connection, Failure
from hark.channels.registry import network_of

from . import servers

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
SERVERS = ("imap_host", "imap_port", "imap_tls", "smtp_host", "smtp_port", "smtp_tls")
WAYS = [
    ("tls", gettext_lazy("From the first byte (ports 993 and 465)")),
    ("starttls", gettext_lazy("STARTTLS (ports 143 and 587)")),
]
COPIES = [
    ("self", gettext_lazy("Hark does: a copy comes to the inbox and is moved to Sent")),
    ("server", gettext_lazy("The mail server does (Gmail, Microsoft 365)")),
]


class ConnectForm(forms.Form):
    """What is needed to read and write as an address. Field errors tell what to do about them."""

    setup = Setup(
        needs=(
            gettext_lazy(
                "A mailbox of its own that can be read by IMAP and sent from by SMTP; nobody else should answer from it."
            ),
            gettext_lazy("An app password, where the provider asks people for a second factor."),
        ),
        steps=(
            gettext_lazy(
                "Enter the address, its servers and the password. Connecting signs in to both, and sends nothing."
            ),
            gettext_lazy("Write to the address from somewhere else: the letter opens a case."),
        ),
    )

    handle = forms.EmailField(label=gettext_lazy("Address"), max_length=200)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("As customers see it beside the address."),
    )
    imap_host = forms.CharField(
        label=gettext_lazy("IMAP server"), max_length=253, widget=forms.TextInput(attrs=PLAIN)
    )
    imap_port = forms.IntegerField(
        label=gettext_lazy("IMAP port"), initial=993, min_value=1, max_value=65535,
    )  # fmt: skip
    imap_tls = forms.ChoiceField(label=gettext_lazy("IMAP encryption"), choices=WAYS, initial="tls")
    smtp_host = forms.CharField(
        label=gettext_lazy("SMTP server"), max_length=253, widget=forms.TextInput(attrs=PLAIN)
    )
    smtp_port = forms.IntegerField(
        label=gettext_lazy("SMTP port"), initial=465, min_value=1, max_value=65535,
    )  # fmt: skip
    smtp_tls = forms.ChoiceField(label=gettext_lazy("SMTP encryption"), choices=WAYS, initial="tls")
    user = forms.CharField(
        label=gettext_lazy("User name"), max_length=200, required=False, widget=forms.TextInput(attrs=PLAIN),
        help_text=gettext_lazy("Leave empty when it is the address."),
    )  # fmt: skip
    password = forms.CharField(
        label=gettext_lazy("Password"), max_length=300, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Where the provider has app passwords, one of those."),
    )  # fmt: skip
    sent_copy = forms.ChoiceField(
        label=gettext_lazy("Who files what was sent"), choices=COPIES, initial="self"
    )
    plus = forms.BooleanField(
        label=gettext_lazy("The address takes a plus (care+something@…)"), required=False, initial=True,
        help_text=gettext_lazy("Then answers find their case even when the customer’s program drops what says so."),
    )  # fmt: skip
    authserv_id = forms.CharField(
        label=gettext_lazy("Name of the server that checks senders"), max_length=253, required=False,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=gettext_lazy(
            "The first word of “Authentication-Results” in your own mail. Without it every sender is shown as unproven."
        ),
    )  # fmt: skip

    def connected(self) -> dict[str, Any]:
        """The account's fields, once signing in to both servers has worked. Raises ValidationError that says what to do."""
        told = self.cleaned_data
        address = told["handle"].lower()
        credentials = {
            **{name: told[name] for name in (*SERVERS, "password")},
            "user": told["user"] or told["handle"],
        }
        settings = {name: told[name] for name in ("name", "sent_copy", "plus", "authserv_id")}
        # Shown again when it is connected anew; secrets are not among them.
        settings |= {name: told[name] for name in (*SERVERS, "user")}
        connection = Connection(0, address, address, credentials, settings, network_of("email").can)
        _try(connection)
        return {
            "external_id": address,
            "handle": address,
            "name": told["name"],
            "settings": settings,
            "credentials": {**credentials, "address_secret": secrets.token_urlsafe(32)},
        }


def _try(connection: Connection) -> None:
    try:
        with servers.mailbox(connection) as client:
            client.select_folder("INBOX", readonly=True)
    except Failure as problem:
        raise ValidationError({"imap_host": _("Reading does not work. %(why)s") % {"why": problem}}) from None
    try:
        with servers.postman(connection) as client:
            if connection.settings.get("plus"):
                _try_plus(client, connection.external_id)
    except Failure as problem:
        raise ValidationError({"smtp_host": _("Sending does not work. %(why)s") % {"why": problem}}) from None


def _try_plus(client: servers.Postman, address: str) -> None:
    """Whether the server takes letters for such an address: it says so before anything is sent."""
    local, _at, domain = address.rpartition("@")
    client.mail(address)
    code, _said = client.rcpt(f"{local}+hark@{domain}")
    client.rset()
    if code >= 300:
        text = _("The mail server knows no %(address)s. Untick this, or let it take the plus.")
        raise ValidationError({"plus": text % {"address": f"{local}+hark@{domain}"}})
