"""Connecting a professional account, by either of Instagram's two ways."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.base import Setup

from ..meta.connect import SECRET, MetaForm, asked, subscribed
from ..meta.shapes import ident, part

FIELDS = "comments,live_comments,mentions,messages,messaging_postbacks,messaging_seen,message_reactions,messaging_referral"


class ConnectForm(MetaForm):
    """A token of the account or of its Page. `connected()` raises ValidationError that says what to do."""

    setup = Setup(
        needs=(
            gettext_lazy("A professional account (business or creator)."),
            gettext_lazy(
                "By its Page: instagram_basic, instagram_manage_comments, instagram_manage_messages, pages_manage_metadata, "
                "pages_show_list, pages_read_engagement; for likes instagram_manage_engagement."
            ),
            gettext_lazy(
                "By Instagram itself: instagram_business_basic, instagram_business_manage_comments, "
                "instagram_business_manage_messages. Its token ends after about 60 days."
            ),
        ),
        steps=(
            gettext_lazy("In the account's privacy settings, allow connected tools to read messages."),
            gettext_lazy("Take the token of the Page, or of the account, and fill in the fields below."),
            gettext_lazy(
                "Under Webhooks of the app, for “Instagram”, enter the address shown then, and the verify token."
            ),
        ),
    )

    WAYS = [
        ("facebook", gettext_lazy("by its Facebook Page")),
        ("instagram", gettext_lazy("by Instagram itself")),
    ]

    login = forms.ChoiceField(
        label=gettext_lazy("Connected"),
        choices=WAYS,
        initial="facebook",
        help_text=gettext_lazy(
            "The token of the Page, or the one that Instagram Login gave. Likes need the Page."
        ),
    )
    app_key_instagram = forms.CharField(
        label=gettext_lazy("Instagram app secret"),
        max_length=200,
        required=False,
        widget=SECRET,
        help_text=gettext_lazy("Only for Instagram Login, where webhooks may be signed with this one."),
    )
    human_agent = forms.BooleanField(
        label=gettext_lazy("Meta has approved “Human Agent” for this app"), required=False
    )

    def credentials(self) -> dict[str, str]:
        other = self.cleaned_data["app_key_instagram"].strip()
        return {**super().credentials(), **({"app_key_instagram": other} if other else {})}

    def connected(self) -> dict[str, Any]:
        from .adapter import Instagram

        login = self.cleaned_data["login"]
        settings = {"login": login, "human_agent": self.cleaned_data["human_agent"]}
        connection = self.connection(Instagram.can, settings)
        if login == "instagram":
            found = asked(connection, "me", fields="user_id,username,name")
            account = ident(found.get("user_id"))
        else:
            found = part(
                asked(connection, "me", fields="instagram_business_account{id,username,name}"),
                "instagram_business_account",
            )
            account = ident(found.get("id"))
        if not account:
            raise ValidationError(
                {
                    "token": _(
                        "No professional Instagram account belongs to this token. Is it linked to the Page?"
                    )
                }
            )
        subscribed(
            self.connection(Instagram.can, settings, account),
            account if login == "instagram" else "me",
            FIELDS,
        )
        return {
            "external_id": account,
            "handle": f"@{found.get('username') or account}",
            "name": str(found.get("name") or "")[:120],
            "settings": settings,
            "credentials": self.credentials(),
        }
