"""Why a case is here, as plain sentences made of facts: how it came, why this priority, why this person, until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hark.brands import hours
from hark.cases.models import Case, Event, Message

DECISIONS = (
    Event.Kind.ASSIGNED,
    Event.Kind.UNASSIGNED,
    Event.Kind.PRIORITY,
    Event.Kind.TEAM,
    Event.Kind.REOPENED,
    Event.Kind.IMPORTED,
)


@dataclass(frozen=True)
class Reason:
    """One sentence: what, in bold, and the rest."""

    what: str
    because: str


def reasons(case: Case) -> list[Reason]:
    """The sentences, in the order in which somebody asks. Three queries."""
    first = (
        case.messages.filter(outbound=False)
        .select_related("thread__account", "profile")
        .order_by("published_at", "id")
        .first()
    )
    newest: dict[str, Event] = {}
    decided = case.events.filter(kind__in=DECISIONS).select_related("member__user").order_by("-id")[:50]
    for event in decided:
        newest.setdefault(event.kind, event)
    found = [
        _how_it_came(case, first, newest),
        _priority(case, newest),
        _team(case, newest),
        _assignee(case, newest),
    ]
    found.append(_clock(case))
    if reopened := newest.get(Event.Kind.REOPENED):
        found.append(Reason(_("Reopened"), reopened.why or _("because the customer wrote again.")))
    return [reason for reason in found if reason]


def _how_it_came(case: Case, first: Message | None, newest: dict[str, Event]) -> Reason | None:
    if Event.Kind.IMPORTED in newest:
        return Reason(_("From an archive"), _("brought in from the past, so nobody waits for it."))
    if first is None:
        return None
    account = first.thread.account
    place = {"handle": account.handle, "network": account.network.can.label}
    if first.rating is not None:
        return Reason(_("Here"), _("because of a review for %(handle)s on %(network)s.") % place)
    if first.private:
        return Reason(_("Here"), _("because of a private message to %(handle)s on %(network)s.") % place)
    if first.parent_external_id:
        return Reason(
            _("Here"),
            _("because of a reply to, or a mention of, %(handle)s in a thread on %(network)s.") % place,
        )
    if first.quote_external_id:
        return Reason(_("Here"), _("because %(handle)s was quoted on %(network)s.") % place)
    return Reason(_("Here"), _("because %(handle)s was mentioned on %(network)s.") % place)


def _priority(case: Case, newest: dict[str, Event]) -> Reason:
    label = str(case.get_priority_display()).capitalize()
    event = newest.get(Event.Kind.PRIORITY)
    if event is None:
        return Reason(label, _("because nothing asked for another priority."))
    return Reason(label, _by(event, _("set by hand")))


def _team(case: Case, newest: dict[str, Event]) -> Reason | None:
    if case.team is None:
        return None
    event = newest.get(Event.Kind.TEAM)
    return Reason(case.team.name, _by(event, _("chosen")) if event else _("the team of this account."))


def _assignee(case: Case, newest: dict[str, Event]) -> Reason:
    if case.assignee is None:
        event = newest.get(Event.Kind.UNASSIGNED)
        return Reason(
            _("Nobody’s yet"), _by(event, _("handed back")) if event else _("whoever answers first takes it.")
        )
    event = newest.get(Event.Kind.ASSIGNED)
    name = case.assignee.user.first_name
    return Reason(name, _by(event, _("assigned")) if event else _("because they answered first."))


def _clock(case: Case) -> Reason | None:
    clock: Any = case.clocks.order_by("-started_at").first()
    if clock is None:
        return None
    place: Any = case.location if case.location and case.location.hours else None
    if place:
        zone = place.time_zone or case.brand.time_zone
        span = hours.open_time(place.hours, zone, clock.started_at, clock.due_at)
        text = _("a first answer within %(minutes)s minutes of the hours of %(place)s is the target")
    else:
        span, text = (
            clock.due_at - clock.started_at,
            _("a first answer within %(minutes)s minutes is the target"),
        )
    target = text % {"minutes": round(span.total_seconds() / 60), "place": place}
    if clock.stopped_at is None:
        return Reason(_("The clock"), _("runs because %(target)s.") % {"target": target})
    met = _("and was met.") if clock.is_met else _("and was missed.")
    return Reason(_("The clock"), _("has stopped: %(target)s, %(met)s") % {"target": target, "met": met})


def _by(event: Event, deed: str) -> str:
    who = event.member.user.first_name if event.member else _("Hark")
    if event.why:
        return _("%(deed)s by %(who)s: %(why)s") % {"deed": deed, "who": who, "why": event.why}
    return _("%(deed)s by %(who)s.") % {"deed": deed, "who": who}
