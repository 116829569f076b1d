"""Pages for customers: the chat window (framed by the brand's site, or by itself), the hand-off, the contact form."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language, get_language_bidi
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET, require_http_methods

from hark.channels.models import Account
from hark.channels.networks.webchat import settings
from hark.web.access import public

from .. import actions, assets, history, limits, places, words
from ..forms import ContactForm
from ..models import Visit


@require_GET
@public
@xframe_options_exempt
def frame(request: HttpRequest, key: str) -> HttpResponse:
    """The window inside the brand's site. Only the sites of the account may show it."""
    account = _account(key)
    told = settings.read(account.settings)
    answer = render(request, "visits/window.html", _window(account, told, mode="frame"))
    answer._csp_replace = {"frame-ancestors": list(told.origins) or ["'none'"]}  # type: ignore[attr-defined]
    return answer


@require_GET
@public
def window(request: HttpRequest, key: str) -> HttpResponse:
    """The window as a page of its own, for links and small screens."""
    account = _account(key)
    return render(
        request, "visits/window.html", _window(account, settings.read(account.settings), mode="page")
    )


@require_GET
@public
def handoff(request: HttpRequest, token: str) -> HttpResponse:
    """Where a public reply sends the customer. Looking binds nothing: networks look at every link by themselves."""
    try:
        move = actions.move_behind(None, token)
    except actions.Gone:
        return _gone(request)
    account = places.account_for(move.brand)
    if account is None:
        return _gone(request)
    context = _window(account, settings.read(account.settings), mode="page", handoff=token)
    return render(
        request, "visits/window.html", context | {"quote": history.quote(move.case_id), "handoff": token}
    )


@require_GET
@public
def colours(request: HttpRequest, key: str) -> HttpResponse:
    """The brand's colour as a style sheet: nothing inline."""
    told = settings.read(_account(key).settings)
    css = f":root {{ --chat: {told.colour}; --on-chat: {told.on_colour}; }}\n"
    answer = HttpResponse(css, content_type="text/css; charset=utf-8")
    patch_cache_control(answer, public=True, max_age=300)
    return answer


@require_GET
@public
def asset(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """A script or style sheet of the window. Its address holds the digest of them all, so it may be kept for ever."""
    bundle = assets.bundle()
    if name not in bundle.files:
        raise Http404
    answer = HttpResponse(bundle.files[name], content_type=assets.TYPES[name.rpartition(".")[2]])
    if digest == bundle.digest:
        patch_cache_control(answer, public=True, max_age=31_536_000, immutable=True)
    else:
        answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "POST"])
@public
def contact(request: HttpRequest, key: str) -> HttpResponse:
    """The contact form; after sending, the page with the reference and the way to the answer."""
    account = _account(key)
    if request.method != "POST":
        form = ContactForm(initial={"handoff": request.GET.get("c", "")[:200]})
        return render(request, "visits/contact.html", _page(account) | {"form": form})
    form = ContactForm(request.POST)
    if not form.is_valid():
        return render(request, "visits/contact.html", _page(account) | {"form": form}, status=422)
    if not limits.allowed(limits.FORMS_OF_ADDRESS, limits.address_of(request)):
        answer = render(
            request, "visits/contact.html", _page(account) | {"form": form, "too_often": True}, status=429
        )
        answer["Retry-After"] = str(limits.seconds_left(limits.FORMS_OF_ADDRESS))
        return answer
    visit, token = _write(account, form.cleaned_data)
    context = {"name": visit.name, "reference": str(form.cleaned_data["key"])[:8].upper(), "token": token}
    return render(request, "visits/sent.html", _page(account) | context)


def _write(account: Account, told: dict[str, Any]) -> tuple[Visit, str]:
    """A visit of its own for this form: an address that somebody typed proves nothing and finds nothing."""
    visit, token = actions.begin(
        account, name=told["name"], email=told["email"], locale=get_language() or "", seed=str(told["key"])
    )
    if told["handoff"]:
        with suppress(actions.Gone, actions.Taken):  # then it is a matter of its own
            actions.follow(visit, actions.move_behind(account.brand, told["handoff"]), told["handoff"])
    actions.say(visit, str(told["key"]), told["message"], form=True)
    return visit, token


def _gone(request: HttpRequest) -> HttpResponse:
    context = {"assets": reverse("visits:asset", args=[assets.bundle().digest, ""])}
    return render(request, "visits/gone.html", context, status=410)


def _account(key: str) -> Account:
    account = places.account_of(key)
    if account is None:
        raise Http404
    return account


def _page(account: Account) -> dict[str, Any]:
    return {
        "account": account,
        "shown_as": account.name or account.brand.name,
        "assets": reverse("visits:asset", args=[assets.bundle().digest, ""]),
    }


def _window(account: Account, told: settings.ChatSettings, *, mode: str, handoff: str = "") -> dict[str, Any]:
    return _page(account) | {
        "mode": mode,
        "greeting": told.greeting,
        "config": {
            "key": account.hook_key,
            "mode": mode,
            "handoff": handoff,
            "origins": list(told.origins),
            "brand": account.name or account.brand.name,
            "sessions": reverse("visits:sessions"),
            "messages": reverse("visits:messages"),
            "events": reverse("visits:events"),
            "locale": get_language(),
            "rtl": get_language_bidi(),
            "words": words.for_window(),
        },
    }
