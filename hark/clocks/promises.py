"""Verbs of promises. Each can be done once: the row is locked, and only an open promise changes (mission P7)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.cases import actions as cases
from hark.cases.errors import NotPossible
from hark.cases.history import record
from hark.cases.models import Case, Event
from hark.replies.actions import draft_of, save_draft

from .models import Promise

SOONEST, LATEST = timedelta(minutes=15), timedelta(days=1)  # how long before its time the owner is reminded
FARTHEST = timedelta(days=730)


def zone_of(case: Case) -> ZoneInfo:
    """In which “by Friday” is meant: the customer's zone where somebody knows it, else the brand's."""
    return ZoneInfo(case.person.time_zone or case.brand.time_zone)


@transaction.atomic
def make(
    case: Case,
    *,
    what: str,
    due_at: datetime,
    by: Member,
    owner: Member | None = None,
    press: uuid.UUID | None = None,
) -> Promise:
    """Write down what a customer was told. Its owner is whoever made it, unless somebody else is named.

    Raises NotPossible for a time that has passed, or an owner who can't answer customers. Pressing the same form twice
    gives the same promise.
    """
    _may(by, case)
    case = Case.objects.select_for_update(of=("self",)).select_related("brand", "person").get(pk=case.pk)
    if press and (before := Promise.objects.filter(press=press, case=case).first()):
        return before
    made = _write(case, what=what, due_at=due_at, by=by, owner=owner or by, press=press)
    record(case, Event.Kind.PROMISED, by=by, why=made.what, promise=made.pk, until=due_at.isoformat())
    cases.announce(case)
    return made


@transaction.atomic
def keep(promise: Promise, *, by: Member) -> Promise:
    """It was done. Later than said, it counts as kept late."""
    row = _open(promise, by)
    _settle(row, Promise.State.KEPT, by=by)
    record(row.case, Event.Kind.PROMISE_KEPT, by=by, why=row.what, promise=row.pk)
    _rest(row.case)
    return row


@transaction.atomic
def break_it(promise: Promise, *, by: Member, why: str) -> Promise:
    """It was not done, and won't be. Raises NotPossible without a reason."""
    row = _open(promise, by)
    _settle(row, Promise.State.BROKEN, by=by, why=why)
    record(row.case, Event.Kind.PROMISE_BROKEN, by=by, why=row.why, promise=row.pk)
    cases.announce(row.case)
    return row


@transaction.atomic
def say_anew(promise: Promise, *, by: Member, due_at: datetime, why: str) -> Promise:
    """Another time for the same promise: a new row that follows this one, and a draft that tells the customer."""
    row = _open(promise, by)
    _settle(row, Promise.State.MOVED, by=by, why=why)
    anew = _write(row.case, what=row.what, due_at=due_at, by=by, owner=row.owner, follows=row)
    record(row.case, Event.Kind.PROMISE_MOVED, by=by, why=row.why, promise=anew.pk, until=due_at.isoformat())
    _prepare(row, anew, by)
    cases.announce(row.case)
    return anew


@transaction.atomic
def let_go(open_ones: Iterable[Promise], *, by: Member, why: str) -> None:
    """Promises that nobody will keep since the book is closed without them. Raises NotPossible without a reason."""
    for promise in open_ones:
        row = _open(promise, by)
        _settle(row, Promise.State.LET_GO, by=by, why=why)
        record(row.case, Event.Kind.PROMISE_LET_GO, by=by, why=row.why, promise=row.pk)


@transaction.atomic
def give(promise: Promise, to: Member | None, *, by: Member | None, why: str = "") -> None:
    """Somebody else keeps it from now on, and is reminded; None: whoever is there, and the lead is told."""
    row = Promise.objects.select_for_update(of=("self",)).select_related("case").get(pk=promise.pk)
    if not row.is_open:
        raise NotPossible(_("This promise is settled."))
    if to is not None and (to.brand_id != row.brand_id or not to.may(Permission.REPLY)):
        raise NotPossible(_("%(name)s can't answer customers of this brand.") % {"name": to})
    if row.owner_id == (to.pk if to else None):
        return
    row.owner, row.owner_told_at = to, None
    row.save(update_fields=["owner", "owner_told_at"])
    record(row.case, Event.Kind.PROMISE_GIVEN, by=by, why=why, promise=row.pk, name=str(to or ""))
    cases.announce(row.case)


def hand_back(member: Member, *, by: Member) -> int:
    """A member leaves: what they promised is everybody's, since the customer still waits for it; how many those are."""
    theirs = list(Promise.objects.open().filter(owner=member))
    for promise in theirs:
        give(promise, None, by=by, why=_("%(name)s has left the team.") % {"name": member})
    return len(theirs)


def in_words(at: datetime, zone: ZoneInfo) -> str:
    """A due time as one tells it to a customer: “Friday 27 November, 17:00”, in their zone and language of the team."""
    return formats.date_format(at.astimezone(zone), "l j F, H:i")


def _write(
    case: Case,
    *,
    what: str,
    due_at: datetime,
    by: Member,
    owner: Member | None,
    press: uuid.UUID | None = None,
    follows: Promise | None = None,
) -> Promise:
    now = timezone.now()
    what = " ".join(what.replace("\0", "").split())[:300]
    if not what:
        raise NotPossible(_("Say what was promised."))
    if not now < due_at < now + FARTHEST:
        raise NotPossible(_("Choose a time from now on, at most two years ahead."))
    if owner is not None and (owner.brand_id != case.brand_id or not owner.may(Permission.REPLY)):
        raise NotPossible(_("%(name)s can't answer customers of this brand.") % {"name": owner})
    return Promise.objects.create(
        brand_id=case.brand_id,
        case=case,
        what=what,
        due_at=due_at,
        zone=str(zone_of(case)),
        owner=owner,
        by=by,
        made_at=now,
        press=press,
        follows=follows,
        remind_at=remind_at(now, due_at),
    )


def remind_at(made_at: datetime, due_at: datetime) -> datetime:
    """A quarter of the time before it is due; at least 15 minutes before (or at once), at most a day."""
    return max(made_at, due_at - min(max((due_at - made_at) / 4, SOONEST), LATEST))


def _open(promise: Promise, by: Member) -> Promise:
    rows = Promise.objects.select_for_update(of=("self",)).select_related(
        "case__brand", "case__person", "owner"
    )
    row = rows.get(pk=promise.pk)
    _may(by, row.case)
    if not row.is_open:
        raise NotPossible(
            _("%(name)s has settled this already: %(state)s.")
            % {"name": row.settled_by or _("Somebody"), "state": row.get_state_display()}
        )
    return row


def _settle(row: Promise, state: Promise.State, *, by: Member, why: str = "") -> None:
    row.why = why.replace("\0", "").strip()[:500]
    if state != Promise.State.KEPT and not row.why:
        raise NotPossible(_("Say in a few words why."))
    row.state, row.settled_at, row.settled_by = state, timezone.now(), by
    row.save(update_fields=["state", "settled_at", "settled_by", "why"])
    Case.objects.filter(pk=row.case_id, due_at=row.due_at).update(
        due_at=None
    )  # it no longer runs in the queue


def _rest(case: Case) -> None:
    """A case that came back for its promise alone waits for the customer again, once it is kept."""
    last = case.messages.order_by("-published_at", "-id").values_list("outbound", flat=True).first()
    if last and not Promise.objects.late().filter(case=case).exists():
        Case.objects.filter(pk=case.pk, state=Case.State.WAITING).update(
            state=Case.State.ANSWERED, due_at=None
        )
    cases.announce(case)


def _prepare(row: Promise, anew: Promise, by: Member) -> None:
    """A draft where the customer spoke last, below what the member was writing there. The member makes it theirs."""
    last = row.case.messages.filter(outbound=False).order_by("-published_at", "-id").first()
    private = bool(last and last.private)
    zone = ZoneInfo(anew.zone)
    name = row.case.person.name.split(" ")[0] if row.case.person.name else ""
    line = _("I told you: %(what)s, by %(before)s. I need longer than I said, until %(until)s.") % {
        "what": row.what,
        "before": in_words(row.due_at, zone),
        "until": in_words(anew.due_at, zone),
    }
    line = f"{name}, {line[0].lower() if line[:2] != 'I ' else line[0]}{line[1:]}" if name else line
    written = draft_of(row.case, by, private)
    save_draft(row.case, by, private=private, text=f"{written}\n\n{line}".strip())


def _may(by: Member, case: Case) -> None:
    if not by.may(Permission.REPLY) or by.brand_id != case.brand_id:
        raise NotPossible(_("Your role does not promise anything to customers."))
