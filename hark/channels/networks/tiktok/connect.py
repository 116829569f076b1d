"""Connecting a business account: the brand's own approved app, and the account's consent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import Finding, OAuth, Setup
from hark.channels.base import Connection, Failure, NeedsReconnect

from . import api, polling

HOME = "https://business-api.tiktok.com/open_api/v1.3"
MATTERS = {
    "comment.list": gettext_lazy("read comments"),
    "comment.list.manage": gettext_lazy("answer comments"),
    "message.list.read": gettext_lazy("read messages"),
    "message.list.send": gettext_lazy("answer messages"),
}
OAUTH = OAuth(
    authorize_url="https://www.tiktok.com/v2/auth/authorize",
    token_url=f"{HOME}/tt_user/oauth2/token/",
    scopes=(
        "user.info.basic",
        "user.info.username",
        "user.account.type",
        "video.list",
        *MATTERS,
        "message.list.manage",
    ),
    basic_auth=False,
    scope_separator=",",
    client_name="client_key",
    code_name="auth_code",
    as_json=True,
    inside="data",
    refresh_url=f"{HOME}/tt_user/oauth2/refresh_token/",
    kept=("open_id",),
)


class ConnectForm(forms.Form):
    setup = Setup(
        needs=(
            gettext_lazy(
                "An app of your own on TikTok’s API for Business portal, approved for Accounts and comments."
            ),
            gettext_lazy(
                "For messages its Business Messaging approval too; TikTok gives it to no account that is registered in the "
                "European Economic Area, Switzerland or the United Kingdom."
            ),
            gettext_lazy("A business account, signed in to TikTok in this browser."),
        ),
        steps=(
            gettext_lazy("In the portal, enter the address below as the app’s redirect."),
            gettext_lazy(
                "Copy the app’s id and secret into this form, and allow it on the page of TikTok that follows."
            ),
            gettext_lazy(
                "In TikTok’s app, let everybody send you messages; otherwise requests must be accepted there."
            ),
        ),
        oauth=OAUTH,
    )
    tokens: dict[str, Any]  # set by the page after the consent

    client_id = forms.CharField(label=gettext_lazy("App ID (client key)"), max_length=100)
    client_secret = forms.CharField(
        label=gettext_lazy("App secret"), max_length=200, widget=forms.PasswordInput(render_value=False),
        help_text=gettext_lazy("It signs what TikTok sends to our webhook as well."),
    )  # fmt: skip

    def connected(self) -> dict[str, Any]:
        told, own = self.cleaned_data, str(self.tokens.get("open_id") or "")
        if not own:
            raise ValidationError(_("TikTok did not say which account this is. Try again."))
        handle, name = polling.name_of(_probe(own, self.tokens))
        return {
            "external_id": own,
            "handle": f"@{handle}" if handle else own,
            "name": name,
            "credentials": {
                "client_id": told["client_id"],
                "client_secret": told["client_secret"],
                **self.tokens,
            },
        }


def test(connection: Connection) -> list[Finding]:
    """Whether it lets us in, whether comments can be asked for, and what was allowed."""
    try:
        api.get(connection, "who am I", "business/get/", fields='["username"]')
        found = [Finding(True, _("TikTok knows us as %s.") % connection.handle)]
    except NeedsReconnect as problem:
        return [Finding(False, str(problem))]
    except Failure as problem:
        found = [Finding(None, str(problem))]
    listed = polling.videos(connection)
    missing = _(
        "TikTok lists no videos: comments come by webhook alone, and one that was lost is not found again."
    )
    found.append(
        Finding(
            bool(listed) or None, _("Comments below the newest videos can be read.") if listed else missing
        )
    )
    allowed = str(connection.credentials.get("scope") or "").replace(" ", ",").split(",")
    for scope, what in MATTERS.items() if allowed != [""] else ():
        if scope in allowed:
            found.append(Finding(True, _("We may %s.") % what))
        else:
            found.append(Finding(None, _("We may not %s: TikTok did not give that permission.") % what))
    return found


def _probe(own: str, tokens: Any) -> Connection:
    from .adapter import TikTok

    return Connection(0, own, own, tokens, {}, TikTok.can)
