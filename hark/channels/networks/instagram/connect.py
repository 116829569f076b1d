"""Connecting a professional account, by either of Instagram's two ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import OAuth, Setup, Swap

from ..meta import graph
from ..meta.connect import SECRET, AllowedForm, asked, page_consent, subscribed
from ..meta.shapes import ident, part

FIELDS = "comments,live_comments,mentions,messages,messaging_postbacks,messaging_seen,message_reactions,messaging_referral"


BY_PAGE = (
    "instagram_basic", "instagram_manage_comments", "instagram_manage_messages", "pages_manage_metadata", "pages_show_list",
    "pages_read_engagement",
)  # fmt: skip
BY_ITSELF = (
    "instagram_business_basic", "instagram_business_manage_comments", "instagram_business_manage_messages",
)  # fmt: skip
EARLY_SECONDS = 30 * 86_400.0  # its token lasts about 60 days, and can be renewed while it does


def consent(told: Mapping[str, Any]) -> OAuth:
    """By the Page, as on Facebook; by Instagram itself, with a token of the account that is renewed at half its life."""
    if told.get("login") != "instagram":
        return page_consent(*BY_PAGE)
    return OAuth(
        "https://www.instagram.com/oauth/authorize",
        f"{graph.place('https://api.instagram.com')}/oauth/access_token",
        BY_ITSELF,
        basic_auth=False,
        scope_separator=",",
        pkce=False,
        secret_name="app_key_instagram",  # noqa: S106  the name of a field
        lasting=Swap(f"{graph.place(graph.INSTAGRAM)}/access_token", "ig_exchange_token", "access_token"),
        renewing=Swap(
            f"{graph.place(graph.INSTAGRAM)}/refresh_access_token", "ig_refresh_token", "access_token"
        ),
        early_seconds=EARLY_SECONDS,
    )


class ConnectForm(AllowedForm):
    """A token of the account or its Page, or the consent for one. `connected()` raises ValidationError that says what to do."""

    setup = Setup(
        needs=(
            gettext_lazy("A professional account (business or creator)."),
            gettext_lazy(
                "By its Page: instagram_basic, instagram_manage_comments, instagram_manage_messages, pages_manage_metadata, "
                "pages_show_list, pages_read_engagement; for likes instagram_manage_engagement."
            ),
            gettext_lazy(
                "By Instagram itself: instagram_business_basic, instagram_business_manage_comments, "
                "instagram_business_manage_messages. Hark renews this permission before it ends, after about 60 days."
            ),
        ),
        steps=(
            gettext_lazy("In the account’s privacy settings, allow connected tools to read messages."),
            gettext_lazy(
                "In the app, under the login you choose, enter the address below as a valid redirect URI."
            ),
            gettext_lazy("Fill in the fields, and allow it on the page that follows."),
            gettext_lazy(
                "Under Webhooks of the app, for “Instagram”, enter the address shown then, and the verify token."
            ),
        ),
        oauth_for=consent,
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
            "App ID and token are those of the app’s Facebook Login, or of its Instagram Login. Likes need the Page."
        ),
    )
    app_key_instagram = forms.CharField(
        label=gettext_lazy("Instagram app secret"),
        max_length=200,
        required=False,
        widget=SECRET,
        help_text=gettext_lazy("Only for Instagram Login. Webhooks may be signed with this one."),
    )
    human_agent = forms.BooleanField(
        label=gettext_lazy("Meta has approved “Human Agent” for this app"), required=False
    )

    def clean(self) -> None:
        super().clean()
        told = self.cleaned_data
        if told.get("login") == "instagram" and not told.get("token") and not told.get("app_key_instagram"):
            self.add_error("app_key_instagram", _("Instagram Login asks for this secret."))

    def credentials(self) -> dict[str, Any]:
        other = self.cleaned_data["app_key_instagram"].strip()
        own = self.tokens if self.tokens and self.cleaned_data["login"] == "instagram" else {}
        return {**super().credentials(), **({"app_key_instagram": other} if other else {}), **(own or {})}

    def connected(self) -> dict[str, Any]:
        from .adapter import Instagram

        login = self.cleaned_data["login"]
        if login == "facebook":
            self.takes_page(Instagram.can)
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
