"""The set-up screen of a chat: which sites may show it, how it greets, and how the site proves who its visitors are."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from hark.channels.abilities import Setup
from hark.channels.models import Account

from .settings import COLOUR, DEFAULT_COLOUR, origin_of

ORIGINS_LIMIT = 50


class ConnectForm(forms.Form):
    """Raises nothing: a site that can't be one is named in the error. `connected()` gives the account's fields."""

    setup = Setup(
        needs=(_("Somebody who can put one line of HTML on your site."),),
        steps=(
            _("Name the sites that may show the chat."),
            _("Copy the line that the account’s page shows then into their pages."),
        ),
    )

    account: Account | None = None  # set by the page when this one is connected anew

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Stands at the top of the chat window.")
    )
    origins = forms.CharField(
        label=_("Sites that may show it"),
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "https://www.example.com"}),
        max_length=4000,
        help_text=_("One address a line, with https://. “https://*.example.com” allows every subdomain."),
    )
    greeting = forms.CharField(label=_("Greeting"), max_length=200, required=False)
    colour = forms.CharField(
        label=_("Colour"),
        initial=DEFAULT_COLOUR,
        required=False,
        validators=[RegexValidator(COLOUR.pattern + r"\Z", _("Give a colour like #14635d."))],
        widget=forms.TextInput(attrs={"type": "color"}),
    )
    identity_required = forms.BooleanField(
        label=_("Take a customer's identity only with a proof"),
        required=False,
        help_text=_(
            "A visitor whom the site names without a signature is then refused instead of shown as unproven."
        ),
    )
    audience = forms.CharField(
        label=_("Audience of signed identities"),
        max_length=200,
        required=False,
        help_text=_("If set, a signed token must name it as “aud”."),
    )

    def clean_origins(self) -> list[str]:
        origins: list[str] = []
        for line in self.cleaned_data["origins"].splitlines():
            if not line.strip():
                continue
            try:
                origins.append(origin_of(line))
            except ValueError:
                raise ValidationError(
                    _(
                        "“%(line)s” is not the address of a site. It should look like https://www.example.com."
                    ),
                    params={"line": line.strip()[:100]},
                )
        if not origins:
            raise ValidationError(_("Name at least one site."))
        if len(origins) > ORIGINS_LIMIT:
            raise ValidationError(_("At most %(limit)d sites."), params={"limit": ORIGINS_LIMIT})
        return list(dict.fromkeys(origins))

    def connected(self) -> dict[str, Any]:
        """The fields of the new account, its first identity secret among the credentials."""
        told, account = self.cleaned_data, self.account
        return {
            "external_id": account.external_id if account else f"chat-{secrets.token_hex(8)}",
            "handle": urlsplit(told["origins"][0]).netloc,
            "name": told["name"],
            "settings": {
                "name": told["name"],
                "origins": told["origins"],
                "greeting": told["greeting"],
                "colour": told["colour"] or DEFAULT_COLOUR,
                "identity_required": told["identity_required"],
                "audience": told["audience"],
            },
            "credentials": {"identity_secret": secrets.token_urlsafe(32)},
        }


def active_secrets(credentials: Mapping[str, Any]) -> tuple[str, ...]:
    """Identity secrets that are in force, newest first; none where the brand has set none."""
    found = (credentials.get("identity_secret"), credentials.get("identity_secret_before"))
    return tuple(secret for secret in found if isinstance(secret, str) and secret.strip())


def snippet(key: str, *, label: str, colour: str) -> str:
    """What the brand puts on its pages: one script tag. `key` is the account's hook key; it is public."""
    return format_html(
        '<script async src="{}" data-key="{}" data-label="{}" data-colour="{}"></script>',
        django_settings.HARK_PUBLIC_URL.rstrip("/") + static("visits/loader.js"),
        key,
        label,
        colour,
    )
