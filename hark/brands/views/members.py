"""Who works here: members, their roles, and seats that were offered."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hark.brands import actions, invitation_mail, settings_tabs
from hark.brands.access import AgentRequest, member_may
from hark.brands.models import Invitation, Member, MemberRows
from hark.brands.permissions import Permission
from hark.brands.settings_forms import InviteForm, MemberForm
from hark.journeys.departure import depart
from hark.web.problems import NotPossible


@require_safe
@member_may(Permission.MANAGE_MEMBERS)
def members(request: AgentRequest) -> HttpResponse:
    return _page(request, InviteForm())


@require_POST
@member_may(Permission.MANAGE_MEMBERS)
def invite(request: AgentRequest) -> HttpResponse:
    """Offer a seat by mail. Where no mail leaves, the link is shown once, to hand over by other means."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    email = form.cleaned_data["email"]
    try:
        with transaction.atomic():
            invitation, path = actions.invite(
                request.brand, email, form.cleaned_data["roles"], by=request.member
            )
            invitation_mail.send(invitation, path)
    except NotPossible as problem:
        form.add_error(None, str(problem))
        return _page(request, form)
    if invitation_mail.link_may_be_shown(request.user):
        return _page(request, InviteForm(), offered=(invitation, f"{settings.HARK_PUBLIC_URL}{path}"))
    messages.success(request, _("Invited %(email)s.") % {"email": email})
    return redirect("brands:members", request.brand.slug)


@require_POST
@member_may(Permission.MANAGE_MEMBERS)
def withdraw(request: AgentRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.visible_to(request.member), pk=pk)
    actions.withdraw_invitation(invitation)
    messages.success(request, _("The invitation was withdrawn. Its link no longer works."))
    return redirect("brands:members", request.brand.slug)


@require_http_methods(["GET", "POST"])
@member_may(Permission.MANAGE_MEMBERS)
def member(request: AgentRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_members(request), pk=pk)
    form = MemberForm(request.POST or None, member=found)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                actions.change_roles(found, form.cleaned_data["roles"], by=request.member)
                for name in ("teams", "locations"):
                    if name in form.cleaned_data:
                        getattr(found, name).set(form.cleaned_data[name])
        except NotPossible as problem:
            form.add_error("roles", str(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("brands:members", request.brand.slug)
    context = {"form": form, "found": found, "tabs": settings_tabs.shown(request)}
    return render(request, "brands/member.html", context, status=422 if form.errors else 200)


@require_POST
@member_may(Permission.MANAGE_MEMBERS)
def remove(request: AgentRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_members(request), pk=pk)
    try:
        returned = depart(found, by=request.member)
    except NotPossible as problem:
        messages.error(request, str(problem))
        return redirect("brands:member", request.brand.slug, pk)
    said = _("%(name)s no longer works here.") % {"name": found}
    if returned:
        said += " " + ngettext(
            "%(count)s open case is everybody’s again.",
            "%(count)s open cases are everybody’s again.",
            returned,
        ) % {"count": returned}
    messages.success(request, said)
    if found.pk == request.member.pk:
        return redirect("home")
    return redirect("brands:members", request.brand.slug)


def _members(request: AgentRequest) -> MemberRows:
    return Member.objects.visible_to(request.member).active().select_related("user")


def _page(
    request: AgentRequest, form: InviteForm, offered: tuple[Invitation, str] | None = None
) -> HttpResponse:
    open_offers = Invitation.objects.visible_to(request.member).open().order_by("-created_at")
    context = {
        "members": _members(request).prefetch_related("teams").order_by("user__name", "user__email"),
        "invitations": open_offers.select_related("invited_by__user"),
        "form": form,
        "offered": offered,
        "now": timezone.now(),
        "mail_leaves": invitation_mail.leaves(),
        "tabs": settings_tabs.shown(request),
    }
    return render(request, "brands/members.html", context, status=422 if form.errors else 200)
