"""Verbs of actions. The case is locked while limits are counted, so that two tabs, presses or agents never add up to more
than the limit; the run's row says what happened, and its key makes a repeated call harmless."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.cases import actions as cases
from hark.cases.errors import NotPossible
from hark.cases.history import record
from hark.cases.models import Case, Event

from . import schema
from .models import Action, Run

COUNT = [state for state in Run.State if state not in (Run.State.DECLINED, Run.State.FAILED)]


@transaction.atomic
def run(action: Action, case: Case, *, by: Member, values: dict[str, Any], press: uuid.UUID) -> Run:
    """Do it, or ask a second person where the amount goes beyond what this member may spend in one case.

    Raises NotPossible for who may not act, and for an amount that nobody may give. The same press gives the same run.
    """
    if not by.may(Permission.ACT) or by.brand_id != case.brand_id or action.brand_id != case.brand_id:
        raise NotPossible(_("Your role does not run actions."))
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if before := Run.objects.filter(press=press, case=case, by=by).first():
        return before
    if case.state == Case.State.MERGED:
        raise NotPossible(_("This case was merged into another one. Act there."))
    if not action.is_active:
        raise NotPossible(_("This action is no longer offered."))
    amount = _amount(action, values)
    needs_second = action.second_always or not _within(action, case, by, amount)
    if needs_second and not deciders(action, case, amount, but=by):
        raise NotPossible(_("That is beyond what anybody here may give."))
    row = Run.objects.create(
        brand_id=case.brand_id,
        case=case,
        action=action,
        by=by,
        press=press,
        values=schema.plain(values),
        amount=amount,
        state=Run.State.APPROVAL if needs_second else Run.State.QUEUED,
    )
    record(case, Event.Kind.ACTION_ASKED, by=by, why=str(row), run=row.pk, second=needs_second)
    cases.announce(case)
    return row


@transaction.atomic
def approve(run_: Run, *, by: Member) -> Run:
    """A second person lets it happen, within their own limit. Raises NotPossible otherwise, and when it was decided."""
    case, row = _lock(run_, by)
    if not _within(row.action, case, by, row.amount, but=row):
        raise NotPossible(_("This is beyond your own limit."))
    row.state, row.due_at = Run.State.QUEUED, timezone.now()
    _decide(row, by, "")
    record(case, Event.Kind.ACTION_APPROVED, by=by, why=str(row), run=row.pk)
    return row


@transaction.atomic
def decline(run_: Run, *, by: Member, comment: str) -> Run:
    comment = comment.replace("\0", "").strip()[:500]
    if not comment:
        raise NotPossible(_("Say in a few words why not."))
    case, row = _lock(run_, by)
    row.state = Run.State.DECLINED
    _decide(row, by, comment)
    record(case, Event.Kind.ACTION_DECLINED, by=by, why=comment, run=row.pk)
    return row


def spent(action: Action, case: Case, but: Run | None = None) -> Decimal:
    """What was given in this case by this action, or is on its way."""
    rows = Run.objects.filter(action=action, case=case, state__in=COUNT)
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    total: Decimal | None = rows.aggregate(total=Sum("amount"))["total"]
    return total or Decimal(0)


def left(action: Action, case: Case, member: Member) -> Decimal | None:
    """What this member may still give in this case alone; None: it is not about money, or not theirs to give."""
    limit = action.limit_of(member)
    return None if limit is None or not action.amount_field else max(Decimal(0), limit - spent(action, case))


def deciders(action: Action, case: Case, amount: Decimal | None, *, but: Member) -> list[Member]:
    """Members who could say yes to it."""
    members = Member.objects.active().filter(brand=case.brand_id).exclude(pk=but.pk).select_related("user")
    return [member for member in members if _decides(member) and _within(action, case, member, amount)]


def _decides(member: Member) -> bool:
    return member.may(Permission.ACT) and member.may(Permission.APPROVE_DRAFTS)


def _within(
    action: Action, case: Case, member: Member, amount: Decimal | None, but: Run | None = None
) -> bool:
    if amount is None:
        return member.may(Permission.ACT)
    limit = action.limit_of(member)
    return limit is not None and spent(action, case, but) + amount <= limit


def _amount(action: Action, values: dict[str, Any]) -> Decimal | None:
    if not action.amount_field:
        return None
    amount = values.get(action.amount_field)
    if amount is None or not Decimal(amount) > 0:
        raise NotPossible(_("Say how much: more than nothing."))
    return Decimal(amount).quantize(Decimal("0.01"))


def _lock(run_: Run, by: Member) -> tuple[Case, Run]:
    case = Case.objects.select_for_update(of=("self",)).get(pk=run_.case_id)
    rows = Run.objects.select_for_update(of=("self",)).select_related(
        "action", "by__user", "decided_by__user"
    )
    row = rows.get(pk=run_.pk)
    if not _decides(by) or by.brand_id != row.brand_id:
        raise NotPossible(_("Your role does not decide this."))
    if row.by_id == by.pk:
        raise NotPossible(_("Nobody approves their own. Somebody else has to look."))
    if row.state != Run.State.APPROVAL:
        raise NotPossible(
            _("%(name)s was quicker: %(state)s.")
            % {"name": row.decided_by or _("Somebody"), "state": row.get_state_display()}
        )
    return case, row


def _decide(row: Run, by: Member, comment: str) -> None:
    row.decided_by, row.decided_at, row.comment = by, timezone.now(), comment
    row.save(update_fields=["state", "due_at", "decided_by", "decided_at", "comment"])
    cases.announce(row.case)
