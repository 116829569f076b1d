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
from hark.crisis import models as crisis
from hark.playbook import known, uses
from hark.replies import coach, voice
from hark.replies.models import Reply

LATELY = timedelta(days=7)
MOST_TOLD = 30  # messages of the customer that are looked at
MOST_SENT = 100  # replies that a draft is compared with
PREPARED = frozenset(
    {Reply.Purpose.INVITE, Reply.Purpose.CLOSING, Reply.Purpose.TRANSCRIPT}
)  # words that Hark prepared: alike by design


class Held(NotPossible):
    """The coach holds this draft. Whoever may override a hold says why, and it goes."""

    def __init__(self, findings: list[coach.Finding]) -> None:
        super().__init__(" ".join(one.reason for one in findings))
        self.findings = findings


def findings(
    case: Case, text: str, *, private: bool, account: Account | None = None, by: Member | None = None
) -> list[coach.Finding]:
    """What the coach says about this draft for this case; `by` signs it."""
    facts = [
        coach.Fact(fact.answer, fact.text, fact.topics, fact.value, fact.outdated)
        for fact in known.facts_for(case, text)
    ]
    return coach.look(text, _context(case, text, private=private, account=account, by=by, facts=facts))


def let_through(
    case: Case, text: str, *, by: Member, private: bool, purpose: str = Reply.Purpose.ANSWER, why: str = ""
) -> None:
    """Raises Held where the coach holds the draft, unless a member with the right says why: then it is on the record."""
    held = [
        one
        for one in coach.look(text, _context(case, text, private=private, account=None, by=by, facts=[]))
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


def _context(
    case: Case,
    text: str,
    *,
    private: bool,
    account: Account | None,
    by: Member | None,
    facts: list[coach.Fact],
) -> coach.Context:
    """Without facts where only holds matter: what contradicts an answer is never held."""
    said = Message.objects.filter(case=case, outbound=False, deleted_at=None).order_by("-published_at", "-id")
    told = list(said.values_list("text", flat=True)[:MOST_TOLD])
    person, brand = case.person, case.brand
    profile = None if person.name else person.profiles.exclude(name="").first()
    can = account.network.can if account else None
    approved = uses.approved_near(case, text)
    incident = crisis.of(case, " ".join(told))
    return coach.Context(
        customer=told[0] if told else "",
        told="\n".join(told),
        customer_name=person.name or (profile.name if profile else None),
        network=account.channel if account else "",
        public=not private,
        limit=can.text_limit("private" if private else "public") if can else None,
        threads_long_text=bool(can and can.threads_long_text and not private),
        link_cost_micros=can.link_cost_micros if can and not private else 0,
        voice=voice.of(brand),
        initials=by.user.initials if by else "",
        order_patterns=brand.number_shapes,
        facts=facts,
        known_issue=voice.known_issue(brand, " ".join(told)),
        sent=_sent_lately(case),
        crisis=incident.what if incident else "",
        blocks=uses.blocks_for(case, approved) if incident else (),
        own=uses.own_part(text, approved),
        near_copy_threshold=voice.near_copy_threshold(brand),
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
