"""Promises are remembered: the owner hears before the time, the lead when it has passed. Each once, however many workers.

A reminder is a mail (a job of the same commit), an entry in the history, and the case back in the queue.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hark.brands.jobs import send_later
from hark.brands.models import Member
from hark.brands.permissions import Role
from hark.cases import actions as cases
from hark.cases.history import record
from hark.cases.models import Case, Event

from .models import Promise


def remind_due(most: int = 50) -> int:
    """Remind whoever has to be reminded now; how many promises that concerned. Rows are claimed, so nobody hears twice."""
    now = timezone.now()
    with transaction.atomic():
        rows = (
            Promise.objects.select_for_update(skip_locked=True, of=("self",))
            .open()
            .filter(Q(remind_at__lte=now, owner_told_at=None) | Q(due_at__lte=now, lead_told_at=None))
            .select_related("case__brand", "case__person", "case__team", "owner__user")
            .order_by("due_at")[:most]
        )
        due = list(rows)
        for promise in due:
            _remind(promise, now)
    return len(due)


def leads_of(case: Case) -> list[Member]:
    """The leads of the case's team; without any, every lead; without any, the care managers."""
    active = Member.objects.active().filter(brand=case.brand_id).select_related("user").order_by("pk")
    leads = active.filter(roles__contains=[Role.LEAD])
    for choice in (leads.filter(teams=case.team_id) if case.team_id else leads.none(), leads):
        if found := list(choice):
            return found
    return list(active.filter(roles__contains=[Role.MANAGER]))


def _remind(promise: Promise, now: datetime) -> None:
    late = promise.due_at <= now
    if promise.owner_told_at is None and promise.owner and promise.owner.left_at is None:
        _mail(promise, promise.owner, "clocks/promise_due_mail.txt", _("A promise of yours is due"))
    promise.owner_told_at = promise.owner_told_at or now
    if late:
        for lead in leads_of(promise.case):
            if lead.pk != promise.owner_id:
                _mail(promise, lead, "clocks/promise_late_mail.txt", _("A promise to a customer is late"))
        promise.lead_told_at = now
    promise.save(update_fields=["owner_told_at", "lead_told_at"])
    kind = Event.Kind.PROMISE_LATE if late else Event.Kind.PROMISE_DUE
    record(promise.case, kind, why=promise.what, promise=promise.pk, until=promise.due_at.isoformat())
    _bring_back(promise)


def _bring_back(promise: Promise) -> None:
    """The case waits for us: its customer waits for what we said. It hurts when the promise is due."""
    case = promise.case
    if case.state == Case.State.SNOOZED:
        cases.wake(case, why=_("A promise is due."))
    Case.objects.filter(pk=case.pk, state__in=[Case.State.ANSWERED, Case.State.WAITING], due_at=None).update(
        state=Case.State.WAITING, hurts_at=promise.due_at, due_at=promise.due_at, unread=True
    )
    cases.announce(case)


def _mail(promise: Promise, to: Member, template: str, subject: str) -> None:
    """A link and the time in the reader's zone; none of the customer's words, nor of ours to them."""
    with timezone.override(to.user.time_zone), translation.override(settings.LANGUAGE_CODE):
        body = render_to_string(
            template,
            {
                "member": to,
                "promise": promise,
                "link": f"{settings.HARK_PUBLIC_URL}{promise.case.get_absolute_url()}#promise-{promise.pk}",
            },
        )
    send_later(to=to.user.email, subject=subject, body=body)
