"""The way to a network's consent page and back (OAuth 2.0): who asked, for what, remembered in the session alone.

The form that was filled in waits in the session, encrypted; the state in the address binds the answer to this browser.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from hark.brands.access import AgentRequest
from hark.channels import credentials, oauth
from hark.channels.abilities import OAuth
from hark.channels.base import Network
from hark.channels.models import Account
from hark.web.problems import NotPossible

LASTS_SECONDS = 900
WAITING = "channels_consent"


@dataclass(frozen=True)
class Back:
    """Somebody who came back with a code."""

    channel: str
    account: int | None
    told: Mapping[str, Any]
    code: str
    verifier: str
    url: str

    def tokens(self, declared: OAuth | None, label: str) -> dict[str, Any]:
        """What the code is good for. Raises the failures of a call."""
        if declared is None:
            raise NotPossible(_("%(network)s is not connected this way.") % {"network": label})
        return oauth.exchange(
            declared, self.told, code=self.code, back=self.url, verifier=self.verifier, label=label
        )


def ask(
    request: AgentRequest, network: Network, account: Account | None, declared: OAuth, told: Mapping[str, Any]
) -> HttpResponse:
    """A page that leads on to the network's consent. Raises the failures of a call where an app has to be registered first.

    No redirect: browsers hold one that follows a form to the form-action of its page, and that stays our own.
    """
    if declared.register_url:
        told = {**told, **oauth.registered(declared, back_url(request), network.can.label)}
    state, verifier = secrets.token_urlsafe(32), oauth.new_verifier()
    waiting = {
        "state": state,
        "verifier": verifier,
        "channel": network.slug,
        "brand": request.brand.pk,
        "account": account.pk if account else None,
        "told": {name: told[name] for name in told if name != "csrfmiddlewaretoken"},
        "until": time.time() + LASTS_SECONDS,
    }
    request.session[WAITING] = base64.b64encode(credentials.seal(waiting)).decode()
    url = oauth.consent_url(
        declared, str(told.get("client_id") or ""), back=back_url(request), state=state, verifier=verifier
    )
    page = render(request, "channels/consent.html", {"network": network, "url": url})
    page["Cache-Control"] = "no-store"
    return page


def answer(request: AgentRequest) -> Back:
    """What the network sent the person back with; it can be used once. Raises NotPossible with what to do."""
    again = NotPossible(_("This permission was not asked for from here, or too long ago. Start again."))
    try:
        waiting = credentials.open_sealed(base64.b64decode(request.session.pop(WAITING)))
    except (KeyError, ValueError, credentials.Sealed):
        raise again from None
    fits = constant_time_compare(request.GET.get("state", ""), str(waiting["state"]))
    if not fits or waiting["brand"] != request.brand.pk or waiting["until"] < time.time():
        raise again
    if error := request.GET.get("error"):
        said = request.GET.get("error_description") or error
        raise NotPossible(_("The network gave no permission: %(said)s") % {"said": said[:300]})
    code = request.GET.get("code", "")
    if not code:
        raise again
    return Back(
        waiting["channel"], waiting["account"], waiting["told"], code, waiting["verifier"], back_url(request)
    )


def back_url(request: AgentRequest) -> str:
    """Where the network sends people back to: to be registered with it, letter for letter."""
    return settings.HARK_PUBLIC_URL + reverse("channels:allowed", args=[request.brand.slug])
