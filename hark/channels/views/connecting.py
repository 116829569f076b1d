"""Connecting accounts: any network that has a form for it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from hark.brands import settings_tabs
from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.channels import actions
from hark.channels.base import Connects, Failure, Network
from hark.channels.models import Account
from hark.channels.registry import network_of
from hark.web.problems import NotPossible


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@member_may(Permission.MANAGE_ACCOUNTS)
def connect(request: AgentRequest, channel: str) -> HttpResponse:
    return _form_page(request, _network(channel), None)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@member_may(Permission.MANAGE_ACCOUNTS)
def reconnect(request: AgentRequest, pk: int) -> HttpResponse:
    """Also how an account that was disconnected comes back."""
    found = get_object_or_404(Account.objects.visible_to(request.member), pk=pk)
    return _form_page(request, _network(found.channel), found)


@require_POST
@member_may(Permission.MANAGE_ACCOUNTS)
def disconnect(request: AgentRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Account.objects.visible_to(request.member), pk=pk)
    actions.disconnect(found)
    messages.success(
        request, _("%(account)s is disconnected. Its cases and messages stay.") % {"account": found.handle}
    )
    return redirect("channels:accounts", request.brand.slug)


def _network(channel: str) -> Network:
    try:
        network = network_of(channel)
    except LookupError:
        raise Http404 from None
    if not isinstance(network, Connects):
        raise Http404
    return network


def _form_page(request: AgentRequest, network: Network, account: Account | None) -> HttpResponse:
    form = _form(request, network, account)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                fields = form.connected()
                made = (
                    actions.reconnect(account, fields)
                    if account
                    else actions.connect(request.brand, network.slug, fields)
                )
        except ValidationError as problem:
            form.add_error(None, problem)
        except (NotPossible, Failure) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("%(account)s is connected.") % {"account": made.handle})
            return redirect("channels:account", request.brand.slug, made.pk)
    context = {"form": form, "network": network, "account": account, "tabs": settings_tabs.shown(request)}
    return render(request, "channels/connect.html", context, status=422 if form.errors else 200)


def _form(request: AgentRequest, network: Any, account: Account | None) -> Any:
    """The network's form; it knows the brand, and the account when this one is connected anew."""
    form_class: type[forms.Form] = network.connect_form()
    form: Any = form_class(request.POST or None, initial=_known(account) if account else {})
    form.brand, form.account = request.brand, account
    return form


def _known(account: Account) -> dict[str, Any]:
    """What was told before, secrets apart; lists as lines."""
    told = {"handle": account.handle.removeprefix("@"), "name": account.name, **account.settings}
    return {name: "\n".join(value) if isinstance(value, list) else value for name, value in told.items()}
