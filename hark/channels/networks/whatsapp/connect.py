"""Connecting a business number: token and number are proven by asking what the number is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from hark.channels.abilities import Setup

from ..meta import graph
from ..meta.connect import MetaForm, asked, subscribed
from ..meta.shapes import ident

DIGITS = r"\A[0-9]+\Z"


class ConnectForm(MetaForm):
    """A number of a WhatsApp Business account. `connected()` raises ValidationError that says what to do."""

    setup = Setup(
        needs=(
            gettext_lazy("A number that is registered on the Cloud API, in a WhatsApp Business account."),
            gettext_lazy(
                "A system user’s token with whatsapp_business_messaging and whatsapp_business_management."
            ),
        ),
        steps=(
            gettext_lazy("Take the two ids from the WhatsApp manager, and fill in the fields below."),
            gettext_lazy(
                "Under Webhooks of the app, for “WhatsApp Business Account”, enter the address shown then, and the verify token."
            ),
            gettext_lazy(
                "There, subscribe to “messages”; to “smb_message_echoes” too, if the phone app is also used."
            ),
        ),
    )

    number = forms.RegexField(
        DIGITS, label=gettext_lazy("Phone number id"), max_length=60,
        help_text=gettext_lazy("The id beside the number in the WhatsApp manager, not the number itself."),
    )  # fmt: skip
    business = forms.RegexField(
        DIGITS, label=gettext_lazy("WhatsApp Business account id"), max_length=60,
    )  # fmt: skip
    template = forms.CharField(
        label=gettext_lazy("Template for answers after 24 hours"),
        max_length=512,
        required=False,
        help_text=gettext_lazy(
            "An approved template with one place, {{1}}, which takes the agent’s words. Without one, nothing can be sent then."
        ),
    )
    template_language = forms.CharField(
        label=gettext_lazy("Its language"),
        max_length=15,
        required=False,
        initial="en",
        help_text=gettext_lazy("As in the template: en, pt_PT."),
    )

    def connected(self) -> dict[str, Any]:
        from .adapter import WhatsApp

        told = self.cleaned_data
        settings = {
            name: told[name].strip() for name in ("number", "business", "template", "template_language")
        }
        connection = self.connection(WhatsApp.can, settings, settings["number"])
        found = asked(
            connection, graph.path(settings["number"]), fields="id,display_phone_number,verified_name"
        )
        subscribed(connection, settings["business"])
        return {
            "external_id": ident(found.get("id")) or settings["number"],
            "handle": str(found.get("display_phone_number") or settings["number"]),
            "name": str(found.get("verified_name") or "")[:120],
            "settings": settings,
            "credentials": self.credentials(),
        }
