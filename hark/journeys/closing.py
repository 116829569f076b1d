"""The last two milestones: resolve, and close the book in public (mission P1, P8)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.cases import actions as cases
from hark.cases import arc
from hark.cases.errors import NotPossible
from hark.cases.history import record
from hark.cases.models import AskedHow, Case, Event, Resolution, Step
from hark.clocks import promises
from hark.clocks.models import Promise
from hark.replies.models import Reply

from .reply import queue

ASK_AGAIN = timedelta(days=180)


@transaction.atomic
def resolve(
    case: Case, *, by: Member, note: str = "", outcome: str = Resolution.Outcome.SOLVED, cause: str = ""
) -> None:
    """The matter is settled: how, what had caused it, and (`note`) what was done.

    Raises NotPossible while an earlier milestone is neither reached nor skipped.

    A case that is already resolved, where the customer wrote once more, goes back to waiting for its closing.
    """
    _may(by)
    case.refresh_from_db()
    if case.state in (Case.State.CLOSED, Case.State.MERGED):
        raise NotPossible(_("The book is closed already."))
    ended, cause = Resolution.Outcome(outcome), cause.strip()[:200]
    arc.reach(case, Case.Arc.RESOLVED, by=by, why=f"{ended.label}: {cause}" if cause else str(ended.label))
    case.state = Case.State.RESOLVED
    case.save(update_fields=["state"])
    case.snoozes.filter(ended_at=None).delete()
    Resolution.objects.create(
        brand_id=case.brand_id,
        case=case,
        by=by,
        outcome=ended,
        cause=cause,
        done=note.strip(),
    )
    if note.strip():
        cases.write_note(case, note, by=by)
    cases.announce(case)


def closing_line(case: Case) -> str:
    """The public follow-up to begin from: whoever saw the complaint sees its ending. The agent makes it theirs."""
    name = case.person.name.split(" ")[0] if case.person.name else ""
    if case.has_private:
        told = (
            _("Thank you for going through this with us in private, %(name)s.")
            if name
            else _("Thank you for going through this with us in private.")
        )
        return (
            told % {"name": name}
            + " "
            + _("I’m glad that we could settle it. We are here if anything else comes up.")
        )
    told = _("I’m glad that this is settled, %(name)s.") if name else _("I’m glad that this is settled.")
    return told % {"name": name} + " " + _("We are here if anything else comes up.")


@transaction.atomic
def close_the_book(
    case: Case,
    *,
    by: Member,
    text: str,
    seen_version: int,
    confirmed: bool = False,
    press: uuid.UUID | None = None,
    ask_how: bool = False,
) -> list[Reply]:
    """Send the closing public reply; the book closes when it is out there. Raises NotPossible before it is resolved.

    `ask_how` adds the kind request to say how it went, where this customer was not asked before.
    """
    _may(by)
    reached = [step.name for step in arc.live_steps(case)]
    if missing := arc.gaps(reached, Case.Arc.BOOK_CLOSED):
        raise NotPossible(_("First: %(steps)s.") % {"steps": ", ".join(str(step.label) for step in missing)})
    if promised := open_promises(case):
        raise NotPossible(_still_open(promised))
    asks = ask_how and may_ask_how(case)
    rows = queue(
        case,
        by=by,
        private=False,
        text=f"{text.rstrip()} {kind_request()}" if asks else text,
        seen_version=seen_version,
        confirmed=confirmed,
        press=press,
        purpose=Reply.Purpose.CLOSING,
    )
    if asks and AskedHow.objects.get_or_create(case=case, defaults={"brand_id": case.brand_id, "by": by})[1]:
        record(case, Event.Kind.ASKED_HOW_IT_WENT, by=by, reply=rows[0].pk)
    return rows


def kind_request() -> str:
    return _("If you like, tell everybody here how it went. It helps the next person.")


def may_ask_how(case: Case) -> bool:
    """Once a case, and nobody twice within some months: a second request is a nuisance."""
    since = timezone.now() - ASK_AGAIN
    asked = AskedHow.objects.filter(brand=case.brand_id)
    return not asked.filter(Q(case=case) | Q(case__person=case.person_id, at__gt=since)).exists()


@transaction.atomic
def close_silently(case: Case, *, by: Member, reason: str, promise_reason: str = "") -> None:
    """Close without a public word, with a reason. Whatever milestone is open is skipped for that reason, on the record.

    A case that nobody answered is closed as unanswered: it counts in the coverage (mission D3). One with an open promise
    takes a reason of its own for it: then the promise is let go, and counts as not kept.
    """
    _may(by)
    reason = reason.strip()
    if not reason:
        raise NotPossible(_("Say in a few words why the book is closed without a public reply."))
    case.refresh_from_db()
    if case.state in (Case.State.CLOSED, Case.State.MERGED):
        raise NotPossible(_("The book is closed already."))
    if promised := open_promises(case):
        if not promise_reason.strip():
            raise NotPossible(_still_open(promised))
        promises.let_go(promised, by=by, why=promise_reason)
    reached = {step.name for step in arc.live_steps(case)}
    for name in arc.ORDER:
        if name not in reached:
            Step.objects.create(
                brand_id=case.brand_id, case=case, name=name, by=by, skipped=True, reason=reason
            )
            record(case, Event.Kind.STEP_SKIPPED, by=by, why=reason, step=name.value)
    if case.first_reply_at is None:
        record(case, Event.Kind.CLOSED_UNANSWERED, by=by, why=reason)
    case.state, case.arc = Case.State.CLOSED, Case.Arc.BOOK_CLOSED
    case.save(update_fields=["state", "arc"])
    case.snoozes.filter(ended_at=None).delete()
    cases.announce(case)


def open_promises(case: Case) -> list[Promise]:
    """What the customer still waits for."""
    return list(Promise.objects.of(case).open().select_related("owner__user"))


def _still_open(promised: list[Promise]) -> str:
    first = promised[0]
    return _("“%(what)s” was promised until %(until)s. Keep it first, or say why it is let go.") % {
        "what": first.what,
        "until": promises.in_words(first.due_at, ZoneInfo(first.zone)),
    }


@transaction.atomic
def reopen(case: Case, *, by: Member, why: str) -> None:
    """The matter goes on: resolved and closed are set aside. Raises NotPossible for a case that is open."""
    _may(by)
    case.refresh_from_db()
    if case.state == Case.State.MERGED:
        raise NotPossible(_("This case was merged into another one. Undo the merge instead."))
    if case.is_open and case.arc < Case.Arc.RESOLVED:
        raise NotPossible(_("This case is open."))
    arc.supersede(case, Case.Arc.RESOLVED)
    case.state = Case.State.WAITING
    case.save(update_fields=["state"])
    record(case, Event.Kind.REOPENED, by=by, why=why.strip())
    cases.announce(case)


def _may(by: Member) -> None:
    if not by.may(Permission.REPLY):
        raise NotPossible(_("Your role does not close cases."))
