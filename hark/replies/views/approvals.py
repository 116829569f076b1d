"""Waiting for your yes: the queue of those who look at a reply before it leaves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hark.actions.views import panel
from hark.brands.access import AgentRequest, any_member, member_may
from hark.brands.permissions import Permission
from hark.cases import actions as cases
from hark.cases.errors import NotPossible
from hark.journeys import second_person
from hark.journeys.coaching import Held, findings
from hark.replies import approving
from hark.replies.coach import Finding
from hark.replies.forms import CommentForm, DecisionForm
from hark.replies.models import Approval, Reply

from .composer import good_of

approves = member_may(Permission.APPROVE_DRAFTS)
SHOWN = 50


@require_safe
@approves
def approvals(request: AgentRequest) -> HttpResponse:
    return page(request)


@require_safe
@any_member
def count(request: AgentRequest) -> HttpResponse:
    """How many replies wait for this member, for the rail: none for who may not decide, as a rail may be old."""
    number = 0
    if request.member.may(Permission.APPROVE_DRAFTS):
        waiting = Approval.objects.visible_to(request.member).waiting().exclude(asked_by=request.member)
        number = waiting.count() + len(panel.waiting(request))
    return render(request, "cases/_late.html", {"late": number, "waiting": True})


@approves
@require_POST
def approve(request: AgentRequest, pk: int) -> HttpResponse:
    """Yes, with the words as they are, or as the approver has changed them (`text`)."""
    approval = approval_for(request, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return page(request, approval, _("That form was not complete. Nothing was sent."))
    wish = form.cleaned_data
    text = wish["text"] if "text" in request.POST else None
    try:
        second_person.approve(
            approval, by=request.member, seen_version=wish["seen_version"], text=text, why=wish["why_held"]
        )
    except NotPossible as problem:
        return page(request, approval, str(problem), typed=text, held=isinstance(problem, Held))
    messages.success(
        request, _("It leaves in %(seconds)s seconds.") % {"seconds": request.brand.undo_seconds}
    )
    return _back(request)


@approves
@require_POST
def send_back(request: AgentRequest, pk: int) -> HttpResponse:
    approval = approval_for(request, pk)
    comment = request.POST.get("comment", "")
    try:
        approving.send_back(approval, by=request.member, comment=comment)
    except NotPossible as problem:
        return page(request, approval, str(problem), comment=comment)
    messages.success(request, _("Back to %(name)s, as a draft.") % {"name": approval.asked_by})
    return _back(request)


@approves
@require_POST
def note(request: AgentRequest, pk: int) -> HttpResponse:
    """A word about it that decides nothing: a note of the case, which its author is asked in."""
    approval = approval_for(request, pk)
    comment = request.POST.get("comment", "").replace("\0", "").strip()
    if not comment:
        return page(request, approval, _("The note is empty."))
    cases.write_note(approval.case, f"@{approval.asked_by.user.email} {comment}", by=request.member)
    messages.success(request, _("Noted in the case."))
    return _back(request, approval)


def page(
    request: AgentRequest,
    approval: Approval | None = None,
    problem: str = "",
    *,
    typed: str | None = None,
    comment: str = "",
    held: bool = False,
) -> HttpResponse:
    """What waits, or (`?view=decided`) what was decided today; with what went wrong just now, and all that was typed."""
    decided = request.GET.get("view") == "decided"
    mine = Approval.objects.visible_to(request.member)
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = mine.filter(decided_at__gte=midnight).exclude(decided_by=None).order_by("-decided_at")
    rows = (today if decided else mine.waiting()).select_related(
        "case__brand", "case__person", "asked_by__user", "decided_by__user", "rule"
    )[:SHOWN]
    actions = panel.waiting(request)
    context = {
        "cards": [_card(request, row, approval, problem, typed, comment) for row in rows],
        "held": held,
        "problem": problem if approval and approval.pk not in {row.pk for row in rows} else "",
        "decided": decided,
        "waiting_count": mine.waiting().count() + len(actions),
        "actions_waiting": [] if decided else actions,
        "decided_count": today.count(),
        "form": CommentForm(),
        "place": "approvals",
    }
    return render(request, "replies/approvals.html", context, status=422 if problem else 200)


def approval_for(request: AgentRequest, pk: int) -> Approval:
    rows = Approval.objects.visible_to(request.member).select_related(
        "case__brand", "case__person", "asked_by__user"
    )
    return get_object_or_404(rows, pk=pk)


def _card(
    request: AgentRequest,
    row: Approval,
    chosen: Approval | None,
    problem: str,
    typed: str | None,
    comment: str,
) -> dict[str, Any]:
    """One reply that waits: what it answers, its words, why, and what was typed when something went wrong."""
    replies = list(row.replies.select_related("account", "answers__profile").prefetch_related("files"))
    heard = row.case.messages.filter(outbound=False, deleted_at=None).select_related("profile")
    is_chosen = chosen is not None and chosen.pk == row.pk
    others = approving.approvers(row.brand_id, but=row.asked_by)
    checked = _checked(row, replies) if row.state == Approval.State.WAITING else []
    return {
        "good": good_of(checked),
        "to_change": [one for one in checked if one.level != "ok"],
        "approval": row,
        "case": row.case,
        "replies": replies,
        "reply": replies[0] if replies else None,
        "text": typed if is_chosen and typed is not None else "\n".join(reply.text for reply in replies),
        "heard": heard.order_by("-published_at", "-id").first(),
        "notes": list(
            row.case.notes.filter(at__gte=row.asked_at).select_related("member__user").order_by("id")
        ),
        "own": row.asked_by_id == request.member.pk,
        "others": [member for member in others if member.pk != request.member.pk],
        "problem": problem if is_chosen else "",
        "typed": typed is not None and is_chosen,
        "comment": comment if is_chosen else "",
    }


def _checked(row: Approval, replies: list[Reply]) -> list[Finding]:
    """What the coach says of the words that wait, as their author saw it."""
    text = "\n".join(reply.text for reply in replies)
    private, account = (replies[0].private, replies[0].account) if replies else (False, None)
    return findings(row.case, text, private=private, account=account, by=row.asked_by) if text else []


def _back(request: AgentRequest, approval: Approval | None = None) -> HttpResponse:
    address = reverse("replies:approvals", args=[request.brand.slug])
    return HttpResponseRedirect(f"{address}#approval-{approval.pk}" if approval else address)
