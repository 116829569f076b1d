"""Deliveries that no adapter could read: kept as they came, to be read again after a fix or set aside with a reason."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hark.brands import settings_tabs
from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.channels import actions, intake
from hark.channels.forms import DiscardForm
from hark.channels.models import Delivery, DeliveryRows
from hark.web.problems import NotPossible

PAGE = 50
SHOWN_BYTES = 20_000


@require_safe
@member_may(Permission.MANAGE_ACCOUNTS)
def deliveries(request: AgentRequest) -> HttpResponse:
    rows = _chosen(request).select_related("account").defer("raw").order_by("-id")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    page = list(rows[: PAGE + 1])
    context = {
        "rows": page[:PAGE],
        "next": page[PAGE - 1].pk if len(page) > PAGE else None,
        "tabs": settings_tabs.shown(request),
    }
    return render(request, "channels/unreadable.html", context)


@require_http_methods(["GET", "POST"])
@member_may(Permission.MANAGE_ACCOUNTS)
def delivery(request: AgentRequest, pk: int) -> HttpResponse:
    """One delivery, as it came. POST sets it aside for good, with a reason."""
    found = get_object_or_404(_unreadable(request).select_related("account"), pk=pk)
    form = DiscardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.discard(found, by=request.member, reason=form.cleaned_data["reason"])
        except NotPossible as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Set aside."))
            return redirect("channels:unreadable", request.brand.slug)
    raw = bytes(found.raw)
    context = {
        "delivery": found,
        "payload": pretty(raw[:SHOWN_BYTES]),
        "is_cut": len(raw) > SHOWN_BYTES,
        "size_bytes": len(raw),
        "form": form,
        "tabs": settings_tabs.shown(request),
    }
    return render(request, "channels/delivery.html", context, status=422 if form.errors else 200)


@require_POST
@member_may(Permission.MANAGE_ACCOUNTS)
def replay(request: AgentRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_unreadable(request), pk=pk)
    intake.replay([found])
    messages.success(request, _("It is being read again. If that fails, it comes back here."))
    return redirect("channels:unreadable", request.brand.slug)


@require_POST
@member_may(Permission.MANAGE_ACCOUNTS)
def replay_all(request: AgentRequest) -> HttpResponse:
    count = intake.replay(_unreadable(request).only("pk"))
    said = ngettext(
        "%(count)d delivery is being read again.", "%(count)d deliveries are being read again.", count
    )
    messages.success(request, said % {"count": count})
    return redirect("channels:accounts", request.brand.slug)


def pretty(raw: bytes) -> str:
    """JSON with its lines indented; anything else as it is, bytes that are no text as escapes."""
    text = raw.decode("utf-8", "backslashreplace")
    try:
        shown = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        return shown.encode("utf-8", "backslashreplace").decode()  # "\ud83d" alone is JSON, and no character
    except (ValueError, RecursionError):
        return text


def _chosen(request: AgentRequest) -> DeliveryRows:
    """All of them, or those of `?account=` and of the `?day=` in the brand's zone; what is no such thing chooses nothing."""
    rows, account, day = _unreadable(request), request.GET.get("account", ""), request.GET.get("day", "")
    if account.isdecimal() and len(account) < 19:
        rows = rows.filter(account=int(account))
    try:
        begins = datetime.combine(date.fromisoformat(day), time(), ZoneInfo(request.brand.time_zone))
        return rows.filter(received_at__gte=begins, received_at__lt=begins + timedelta(days=1))
    except (ValueError, OverflowError):
        return rows


def _unreadable(request: AgentRequest) -> DeliveryRows:
    return Delivery.objects.visible_to(request.member).unreadable()
