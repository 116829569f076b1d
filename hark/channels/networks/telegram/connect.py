"""Connecting a bot: its token, proven by asking who it is; the webhook is set where Hark can be reached from outside."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.brands.models import Brand
from hark.channels.abilities import Setup
from hark.channels.base import Connection, Failure, NeedsReconnect
from hark.channels.models import Account
from hark.channels.registry import network_of

from . import api, collecting


class ConnectForm(forms.Form):
    """The token of a bot. Field errors tell what to do about them."""

    setup = Setup(
        needs=(gettext_lazy("A bot of your own, made by writing /newbot to @BotFather on Telegram."),),
        steps=(
            gettext_lazy("Copy the token that BotFather gives you."),
            gettext_lazy(
                "For groups: write /setprivacy to BotFather and disable it, or make the bot an administrator."
            ),
            gettext_lazy("Paste the token here. Whoever has it can speak as the bot: keep it as a password."),
        ),
    )
    brand: Brand
    account: Account | None = None

    token = forms.CharField(
        label=gettext_lazy("Bot token"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    webhook = forms.BooleanField(
        label=gettext_lazy("Telegram delivers to us (webhook)"),
        required=False,
        help_text=gettext_lazy(
            "Needs a public https address. Otherwise Hark asks Telegram every few seconds."
        ),
    )
    server = forms.CharField(
        label=gettext_lazy("API server"), max_length=300, required=False,
        help_text=gettext_lazy("Leave empty, unless you run a Bot API server of your own."),
    )  # fmt: skip

    def clean_token(self) -> str:
        token = str(self.cleaned_data["token"]).strip()
        if not api.TOKEN.fullmatch(token):
            raise ValidationError(_("A token looks like 123456789:AAE… Copy all of it."))
        return token

    def connected(self) -> dict[str, Any]:
        """The account's fields. Raises ValidationError that says what to do."""
        told = self.cleaned_data
        home = (told["server"] or api.HOME).rstrip("/")
        held, can = {"token": told["token"]}, network_of("telegram").can
        bot = api.bot(Connection(0, "connecting", "", held, {"server": home}, can))
        try:
            me = bot.ask("getMe")
            if not isinstance(me, dict) or not me.get("id"):
                raise ValidationError(_("Telegram’s answer could not be read."))
            hook_secret = self._hook_secret()
            if told["webhook"]:
                self._set_webhook(bot, hook_secret)
            else:
                bot.ask("deleteWebhook")
        except NeedsReconnect:
            raise ValidationError(
                {"token": _("Telegram does not know this token. Ask BotFather for it again.")}
            ) from None
        except Failure as problem:
            raise ValidationError(str(problem)) from None
        return {
            "external_id": str(me["id"]),
            "handle": str(me.get("username") or me["id"]),
            "name": str(me.get("first_name") or "")[:120],
            "settings": {"webhook": told["webhook"], "server": home},
            "credentials": {"token": told["token"], "hook_secret": hook_secret},
        }

    def _hook_secret(self) -> str:
        """The one that is there already, since `actions.connect` keeps it."""
        held = self.account.credentials.get("hook_secret") if self.account and self.account.encrypted else ""
        return str(held or secrets.token_urlsafe(32))

    def _set_webhook(self, bot: api.Bot, secret: str) -> None:
        if not settings.HARK_PUBLIC_URL.startswith("https://"):
            raise ValidationError(
                {"webhook": _("Hark has no public https address; leave this off and it asks instead.")}
            )
        if self.account is None:
            raise ValidationError(
                {
                    "webhook": _(
                        "Connect the bot without it first, then anew with this ticked: its address is known then."
                    )
                }
            )
        url = f"{settings.HARK_PUBLIC_URL}/hooks/{self.account.hook_key}"
        bot.ask("setWebhook", url=url, secret_token=secret, allowed_updates=list(collecting.ALLOWED))
