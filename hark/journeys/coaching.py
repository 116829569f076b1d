"""What the coach may know of a case, and the holds that no way of sending gets around."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from hark import counting
from hark.brands.models import Member
from hark.brands.permissions import Permission
from hark.cases.errors import NotPossible
from hark.cases.history import record
from hark.cases.models import Case, Event, Message
from hark.channels.models import Account
from hark.replies import coach
from hark.replies.models import Reply

LATELY = timedelta(days=7)
MOST_SENT = 100  # replies that a draft is compared with
PREPARED = frozenset(
    {Reply.Purpose.INVITE, Reply.Purpose.CLOSING}
)  # words that Hark prepared: alike by design


class Held(NotPossible):
    """The coach holds this draft. Whoever may override a hold says why, and it goes."""

    def __init__(self, findings: list[coach.Finding]) -> None:
        super().__init__(" ".join(one.reason for one in findings))
        self.findings = findings


def findings(case: Case, text: str, *, private: bool, account: Account | None = None) -> list[coach.Finding]:
    """What the coach says about this draft for this case."""
    return coach.look(text, _context(case, private=private, account=account))


def let_through(
    case: Case, text: str, *, by: Member, private: bool, purpose: str = Reply.Purpose.ANSWER, why: str = ""
) -> None:
    """Raises Held where the coach holds the draft, unless a member with the right says why: then it is on the record."""
    held = [
        one
        for one in findings(case, text, private=private)
        if one.level == "hold" and not (one.check == "near_copy" and purpose in PREPARED)
    ]
    if not held:
        return
    for one in held:
        counting.COACH.labels(one.check, "overridden" if why else "held").inc()
    if not why.strip():
        raise Held(held)
    if not by.may(Permission.OVERRIDE_HOLD):
        raise NotPossible(_("Your role does not override the coach. Ask a lead, or change the words."))
    record(
        case, Event.Kind.COACH_OVERRIDDEN, by=by, why=why.strip()[:500], checks=[one.check for one in held]
    )


def _context(case: Case, *, private: bool, account: Account | None) -> coach.Context:
    last = Message.objects.filter(case=case, outbound=False, deleted_at=None).order_by("-published_at", "-id")
    message = last.first()
    person = case.person
    profile = None if person.name else person.profiles.exclude(name="").first()
    return coach.Context(
        customer=message.text if message else "",
        customer_name=person.name or (profile.name if profile else None),
        network=account.channel if account else "",
        public=not private,
        sent=_sent_lately(case),
    )


def _sent_lately(case: Case) -> list[coach.Sent]:
    """What anybody of the brand has sent to other customers lately, newest first."""
    rows = (
        Reply.objects.filter(brand=case.brand_id, queued_at__gt=timezone.now() - LATELY)
        .exclude(state__in=[Reply.State.WITHDRAWN, Reply.State.REFUSED])
        .exclude(purpose__in=PREPARED)
        .exclude(case=case)
        .select_related("author__user")
        .order_by("-id")[:MOST_SENT]
    )
    return [coach.Sent(row.text, row.author.user.first_name) for row in rows]
