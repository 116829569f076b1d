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
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hark.brands import settings_tabs
from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.channels import actions, oauth
from hark.channels.abilities import Connects, Finding, Setup, Tests
from hark.channels.base import Failure, Network
from hark.channels.models import Account
from hark.channels.registry import network_of
from hark.web.problems import NotPossible

from . import consent
from .accounts import show


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
    form = _form(request, network, account, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _shown(request, network, account, form)
    told = {**form.data.dict(), **{name: v for name, v in form.cleaned_data.items() if isinstance(v, str)}}
    declared = _setup(form).consent(told)
    if declared is None or told.get("token"):
        return _connected(request, network, account, form)
    try:
        return consent.ask(request, network, account, declared, told)
    except Failure as problem:
        form.add_error(None, str(problem))
        return _shown(request, network, account, form)


@require_safe
@sensitive_variables()
@member_may(Permission.MANAGE_ACCOUNTS)
def allowed(request: AgentRequest) -> HttpResponse:
    """Back from the network's consent: the code becomes tokens, and the form that led there is finished with them."""
    try:
        back = consent.answer(request)
    except NotPossible as problem:
        messages.error(request, str(problem))
        return redirect("channels:accounts", request.brand.slug)
    network = _network(back.channel)
    account = (
        get_object_or_404(Account.objects.visible_to(request.member), pk=back.account)
        if back.account
        else None
    )
    form = _form(request, network, account, back.told)
    if not form.is_valid():
        return _shown(request, network, account, form)
    try:
        form.tokens = back.tokens(_setup(form).consent(back.told), network.can.label)
    except (Failure, NotPossible) as problem:
        form.add_error(None, str(problem))
        return _shown(request, network, account, form)
    return _connected(request, network, account, form)


@require_POST
@member_may(Permission.MANAGE_ACCOUNTS)
def renew(request: AgentRequest, pk: int) -> HttpResponse:
    """The same permission once more, in one press: straight to the network's consent with what was told before."""
    account = get_object_or_404(Account.objects.visible_to(request.member).connected(), pk=pk)
    declared = oauth.declared(account)
    if declared is None:
        raise Http404
    if not declared.register_url and not account.credentials.get("client_id"):  # it has a token of its own
        return redirect("channels:reconnect", request.brand.slug, account.pk)
    fields = set(account.network.connect_form().base_fields) - {"token"}
    told = {
        **_known(account),
        **{name: value for name, value in account.credentials.items() if name in fields},
    }
    try:
        return consent.ask(request, account.network, account, declared, told)
    except Failure as problem:
        messages.error(request, str(problem))
        return redirect("channels:account", request.brand.slug, account.pk)


@require_POST
@member_may(Permission.MANAGE_ACCOUNTS)
def test(request: AgentRequest, pk: int) -> HttpResponse:
    """What works and what is missing, asked of the network now."""
    account = get_object_or_404(Account.objects.visible_to(request.member).connected(), pk=pk)
    if not isinstance(account.network, Tests):
        raise Http404
    try:
        found = account.network.test(oauth.connection(account))
    except Failure as problem:
        found = [Finding(False, str(problem))]
    return show(request, account, findings=found)


def _connected(request: AgentRequest, network: Network, account: Account | None, form: Any) -> HttpResponse:
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
    return _shown(request, network, account, form)


def _shown(request: AgentRequest, network: Network, account: Account | None, form: Any) -> HttpResponse:
    setup = _setup(form)
    declared = setup.consent(form.data or form.initial)
    context = {
        "form": form,
        "setup": setup,
        "leads": declared is not None,
        "back": consent.back_url(request) if declared and not declared.register_url else "",
        "network": network,
        "account": account,
        "tabs": settings_tabs.shown(request),
    }
    return render(request, "channels/connect.html", context, status=422 if form.errors else 200)


def _setup(form: Any) -> Setup:
    found: Setup = getattr(form, "setup", Setup())
    return found


def _form(request: AgentRequest, network: Any, account: Account | None, told: Any) -> Any:
    """The network's form; it knows the brand, and the account when this one is connected anew."""
    form_class: type[forms.Form] = network.connect_form()
    form: Any = form_class(told, initial=_known(account) if account else {})
    form.brand, form.account = request.brand, account
    return form


def _known(account: Account) -> dict[str, Any]:
    """What was told before, secrets apart; lists as lines."""
    told = {"handle": account.handle.removeprefix("@"), "name": account.name, **account.settings}
    return {name: "\n".join(value) if isinstance(value, list) else value for name, value in told.items()}
