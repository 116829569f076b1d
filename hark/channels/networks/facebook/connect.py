"""Connecting a Page: its access token is proven by asking who it is, and the app is subscribed to what happens there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import Setup

from ..meta.connect import AllowedForm, asked, page_consent, subscribed
from ..meta.shapes import ident

SCOPES = (
    "pages_show_list", "pages_manage_metadata", "pages_read_engagement", "pages_read_user_content", "pages_manage_engagement",
    "pages_messaging",
)  # fmt: skip
FIELDS = (
    "feed,mention,ratings,messages,message_echoes,message_edits,message_reactions,messaging_postbacks,messaging_referrals,"
    "messaging_handovers"
)


class ConnectForm(AllowedForm):
    """A Page's token, or the consent that gives it. `connected()` raises ValidationError that says what to do."""

    setup = Setup(
        needs=(
            gettext_lazy(
                "An app at developers.facebook.com, reviewed by Meta for customers’ data (Advanced Access)."
            ),
            gettext_lazy(
                "Its permissions: pages_show_list, pages_manage_metadata, pages_read_engagement, pages_read_user_content, "
                "pages_manage_engagement, pages_messaging."
            ),
            gettext_lazy("A person who may create content, moderate and answer messages on the Page."),
        ),
        steps=(
            gettext_lazy(
                "In the app, under Facebook Login, enter the address below as a valid redirect URI."
            ),
            gettext_lazy(
                "Fill in the fields, and allow it on the page of Facebook that follows. Connecting subscribes the app to what "
                "happens on the Page."
            ),
            gettext_lazy(
                "Under Webhooks of the app, for “Page”, enter the address shown then, and the verify token."
            ),
        ),
        oauth_for=lambda told: page_consent(*SCOPES),
    )

    human_agent = forms.BooleanField(
        label=gettext_lazy("Meta has approved “Human Agent” for this app"),
        required=False,
        help_text=gettext_lazy(
            "Then people can answer up to seven days after the customer last wrote, instead of 24 hours."
        ),
    )

    def connected(self) -> dict[str, Any]:
        from .adapter import Facebook

        self.takes_page(Facebook.can)
        settings = {"human_agent": self.cleaned_data["human_agent"]}
        found = asked(self.connection(Facebook.can, settings), "me", fields="id,name,username,category")
        page = ident(found.get("id"))
        if not page or "category" not in found:
            raise ValidationError(
                {"token": _("That is not the token of a Page. Take the Page’s own from /me/accounts.")}
            )
        subscribed(self.connection(Facebook.can, settings, page), page, FIELDS)
        return {
            "external_id": page,
            "handle": str(found.get("username") or page),
            "name": str(found.get("name") or "")[:120],
            "settings": settings,
            "credentials": self.credentials(),
        }
