"""Settings, Second person: which replies somebody else sees before they leave."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hark.brands import settings_tabs
from hark.brands.access import AgentRequest, member_may
from hark.brands.permissions import Permission
from hark.journeys import second_person
from hark.replies import approving
from hark.replies.forms import RegulatedForm, RuleForm
from hark.replies.models import ApprovalRule

changes = member_may(Permission.CHANGE_TARGETS)


@require_http_methods(["GET", "POST"])
@changes
def rules(request: AgentRequest) -> HttpResponse:
    return _page(request, _form(request))


@require_http_methods(["GET", "POST"])
@changes
def rule(request: AgentRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ApprovalRule, brand=request.brand, pk=pk)
    return _page(request, _form(request, instance=found))


@changes
@require_POST
def regulated(request: AgentRequest) -> HttpResponse:
    form = RegulatedForm(request.POST, brand=request.brand)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved. It holds for replies from now on."))
    return redirect("replies:approval-rules", request.brand.slug)


@changes
@require_POST
def remove(request: AgentRequest, pk: int) -> HttpResponse:
    """What waits by it still waits: somebody was asked."""
    get_object_or_404(ApprovalRule, brand=request.brand, pk=pk).delete()
    messages.success(request, _("Removed. What waits already still needs its yes."))
    return redirect("replies:approval-rules", request.brand.slug)


def _form(request: AgentRequest, instance: ApprovalRule | None = None) -> RuleForm:
    topics = second_person.topics_to_choose(request.brand)
    return RuleForm(request.POST or None, instance=instance, brand=request.brand, topics=topics)


def _page(request: AgentRequest, form: RuleForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved. It holds for replies from now on."))
        return redirect("replies:approval-rules", request.brand.slug)
    context = {
        "form": form,
        "regulated": RegulatedForm(brand=request.brand),
        "changing": form.instance.pk,
        "rules": ApprovalRule.objects.filter(brand=request.brand).select_related("tag", "team"),
        "approvers": approving.approvers(request.brand.pk),
        "tabs": settings_tabs.shown(request),
    }
    return render(request, "replies/rules.html", context, status=422 if form.errors else 200)
