"""Connecting an account: handle and app password, proven by signing in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.channels.abilities import Setup
from hark.channels.base import Failure, NeedsReconnect, TryLater
from hark.web import outbound

from . import api, failures, identity, sessions
from .messages import DECLARATION

OWN_PASSWORD = "com.atproto.access"  # noqa: S105  the scope of a session opened with the account's own password


class ConnectForm(forms.Form):
    """What is needed to speak as an account. Field errors tell what to do about them."""

    setup = Setup(
        needs=(gettext_lazy("The account’s handle, and somebody who can sign in to it."),),
        steps=(
            gettext_lazy(
                "On Bluesky, under Settings → Privacy and security → App passwords, add one; allow it access to direct messages."
            ),
            gettext_lazy("Copy it into this form. The password of the account itself stays with you."),
        ),
    )

    handle = forms.CharField(
        label=gettext_lazy("Handle"),
        max_length=253,
        help_text=gettext_lazy("As in your profile’s address, for example ternway.bsky.social."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=gettext_lazy("App password"),
        max_length=100,
        help_text=gettext_lazy(
            "Made on Bluesky under Settings → Privacy and security → App passwords, with “Allow access to your "
            "direct messages” ticked. Not the password you sign in with."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    pds = forms.CharField(
        label=gettext_lazy("Server (PDS)"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Leave empty: it is found by the handle. Fill in for a server of your own."),
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )
    open_messages = forms.BooleanField(
        label=gettext_lazy("Let everybody write us direct messages"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Otherwise only people that the account follows can follow you into private."),
    )
    without_messages = forms.BooleanField(
        label=gettext_lazy("Connect without direct messages"),
        required=False,
        help_text=gettext_lazy("Public posts only. No case can be moved to private on this account."),
    )

    def clean_handle(self) -> str:
        handle = (
            str(self.cleaned_data["handle"])
            .strip()
            .removeprefix("@")
            .removeprefix("https://bsky.app/profile/")
        )
        if not identity.HANDLE.fullmatch(handle) and not identity.DID.fullmatch(handle):
            raise ValidationError(
                _("A handle looks like a web address: name.bsky.social or your own domain.")
            )
        return handle if handle.startswith("did:") else handle.lower()

    def clean_pds(self) -> str:
        given = str(self.cleaned_data["pds"]).strip().rstrip("/")
        if not given:
            return ""
        try:
            return outbound.check_url(given if "://" in given else f"https://{given}")
        except outbound.AddressRefused as problem:
            raise ValidationError(str(problem)) from None

    def connected(self) -> dict[str, Any]:
        """The account's fields, once signing in has worked. Raises ValidationError that says what to do."""
        handle, password = self.cleaned_data["handle"], self.cleaned_data["password"]
        pds = self.cleaned_data["pds"] or _server_of(handle)
        tokens, said = _signed_in(pds, handle, password)
        if sessions.scope(tokens) == OWN_PASSWORD:
            raise _wrong(
                "password", _("That is the account’s own password. Make an app password and enter that.")
            )
        home = identity.pds_in(said.get("didDoc")) or pds
        did = str(said.get("did") or "")
        if not identity.DID.fullmatch(did):
            raise _wrong("pds", _("The server’s answer could not be read: is this a Bluesky server?"))
        with_messages = not self.cleaned_data["without_messages"]
        if with_messages:
            _check_messages(home, tokens)
            if self.cleaned_data["open_messages"]:
                _open_messages(home, tokens, did)
        credentials = {"pds": home, "password": password, "access": tokens.access, "refresh": tokens.refresh}
        return {
            "external_id": did,
            "handle": str(said.get("handle") or handle),
            "name": _name(home, tokens, did),
            "credentials": {**credentials, "dm": with_messages},
        }


def _wrong(field: str, text: str) -> ValidationError:
    return ValidationError({field: text})


def _server_of(handle: str) -> str:
    try:
        return identity.pds_of(identity.did_of(handle))
    except identity.Unknown:
        raise _wrong(
            "handle",
            _("No account with this handle could be found. Check the spelling, or fill in its server."),
        ) from None


def _signed_in(pds: str, handle: str, password: str) -> tuple[sessions.Tokens, dict[str, Any]]:
    try:
        with failures.reading():
            return sessions.log_in(pds, handle, password)
    except NeedsReconnect as problem:
        said = problem.__cause__
        if isinstance(said, api.XrpcError) and said.name == "AuthFactorTokenRequired":
            raise _wrong(
                "password", _("Bluesky asks for a second factor: use an app password instead.")
            ) from None
        if isinstance(said, api.XrpcError) and said.name != "AuthenticationRequired":
            raise _wrong("handle", str(problem)) from None
        raise _wrong("password", _("Bluesky does not know this handle with this app password.")) from None
    except TryLater as problem:
        if isinstance(problem.__cause__, api.NotReached | api.AnswerLost):
            text = _("The server %(server)s can’t be reached: %(why)s") % {
                "server": pds,
                "why": problem.__cause__,
            }
            raise _wrong("pds", text) from None
        raise ValidationError(_("Bluesky asks us to wait: %(why)s") % {"why": problem}) from None
    except Failure as problem:
        raise ValidationError(str(problem)) from None


def _check_messages(pds: str, tokens: sessions.Tokens) -> None:
    """Read one conversation: the only proof that the app password may."""
    try:
        with failures.reading():
            api.query(pds, "chat.bsky.convo.listConvos", {"limit": 1}, token=tokens.access, proxy=api.CHAT)
    except failures.NoDirectMessages:
        text = _(
            "This app password has no access to direct messages. Make a new one with “Allow access to your direct "
            "messages” ticked, or connect without direct messages."
        )
        raise _wrong("password", text) from None
    except Failure as problem:
        text = _("Direct messages can’t be read now (%(why)s). Try again, or connect without them.")
        raise ValidationError(text % {"why": problem}) from None


def _open_messages(pds: str, tokens: sessions.Tokens, did: str) -> None:
    """Declare that anybody may write: a customer answers an invitation, the brand does not follow them."""
    record = {"$type": DECLARATION, "allowIncoming": "all"}
    body = {"repo": did, "collection": DECLARATION, "rkey": "self", "record": record}
    try:
        with failures.reading():
            api.procedure(pds, "com.atproto.repo.putRecord", body, token=tokens.access)
    except Failure as problem:
        text = _("The account could not be opened for direct messages: %(why)s")
        raise _wrong("open_messages", text % {"why": problem}) from None


def _name(pds: str, tokens: sessions.Tokens, did: str) -> str:
    """The name shown on the profile, "" while it can't be had."""
    try:
        with failures.reading():
            said = api.query(pds, "app.bsky.actor.getProfile", {"actor": did}, token=tokens.access).body
    except Failure:
        return ""
    return str(said.get("displayName") or "")[:120]
