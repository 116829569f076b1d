"""Search over everything a member may read: words in every script, and operators.

    pushchair "cut off" -refund from:maya is:open in:private tag:baggage channel:bluesky before:2026-02-01

Newest first; a page is found by walking back from the last message shown, so page 40 costs what page 1 costs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Value
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from hark.brands.models import Member
from hark.customers.models import Person
from hark.web.database.lookups import AnyOf, Holds
from hark.web.problems import NotPossible

from .models import Case, Message
from .words import term

TOKEN = re.compile(r'(-?)(?:(\w+):)?("[^"]*"|\S+)')
LONGEST = 500  # characters of a query
RECENT = 10_000  # messages that are looked through before the index is asked: what took 3 ms
FARTHEST = 100_000  # for several words, each of which may stand in a sixth of all messages: 60 ms, and the index needs 200
STATES = {
    "open": Q(case__state__lt=Case.State.RESOLVED),
    "waiting": Q(case__state=Case.State.WAITING),
    "answered": Q(case__state=Case.State.ANSWERED),
    "snoozed": Q(case__state=Case.State.SNOOZED),
    "resolved": Q(case__state=Case.State.RESOLVED),
    "closed": Q(case__state=Case.State.CLOSED),
    "unread": Q(case__unread=True),
    "unassigned": Q(case__assignee=None),
    "late": Q(case__state=Case.State.WAITING),
    "public": Q(private=False),
    "private": Q(private=True),
    "ours": Q(outbound=True),
    "theirs": Q(outbound=False),
    "edited": Q(edited_at__isnull=False),
}
HAS = {
    "picture": Q(media__kind="image"),
    "media": Q(media__isnull=False),
    "note": Q(case__notes__isnull=False),
    "rating": Q(rating__isnull=False),
    "link": Q(text__contains="http"),
}
OPERATORS = (
    "from",
    "to",
    "is",
    "in",
    "has",
    "tag",
    "assignee",
    "channel",
    "lang",
    "before",
    "after",
    "case",
    "priority",
)


@dataclass(frozen=True)
class Query:
    """What was typed, understood. `problems` are sentences about what was not."""

    terms: tuple[str, ...] = ()  # tsquery pieces that must hold
    excluded: tuple[str, ...] = ()
    words: tuple[str, ...] = ()  # as typed, to be marked in the results
    filters: tuple[Q, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.terms or self.excluded or self.filters)

    @property
    def tsquery(self) -> str:
        return " & ".join([f"({one})" for one in self.terms] + [f"!({one})" for one in self.excluded])


@dataclass(frozen=True)
class Page:
    """Messages found, newest first. `before` goes on where this page ends; None at the end."""

    query: Query
    messages: list[Message] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    before: str | None = None


def understand(text: str, member: Member) -> Query:
    """The query in a text. Nothing typed is an error: what makes no sense is named in `problems` and left out."""
    terms: list[str] = []
    excluded: list[str] = []
    typed: list[str] = []
    filters: list[Q] = []
    problems: list[str] = []
    for minus, operator, value in TOKEN.findall(text.replace("\0", "")[:LONGEST]):
        bare = value.strip('"')
        if operator.lower() in OPERATORS:
            try:
                condition = _filter(operator.lower(), bare, member)
            except NotPossible as problem:
                problems.append(str(problem))
                continue
            filters.append(~condition if minus else condition)
            continue
        piece = term(f"{operator}:{value}" if operator else value, exact=value.startswith('"'))
        if not piece:
            continue
        (excluded if minus else terms).append(piece)
        if not minus:
            typed.append(bare)
    return Query(tuple(terms), tuple(excluded), tuple(typed), tuple(filters), tuple(problems))


def find(member: Member, text: str, *, before: str | None = None, limit: int = 25) -> Page:
    """Messages (and, on the first page, people) that fit, of the cases this member may read."""
    query = understand(text, member)
    if query.is_empty:
        return Page(query)
    kept = Message.objects.filter(brand=member.brand_id, deleted_at=None)
    rows = kept.filter(Exists(Case.objects.visible_to(member).filter(pk=OuterRef("case_id"))))
    for condition in query.filters:
        rows = rows.filter(condition)
    end = int(before) if before and before.isdecimal() and len(before) < 19 else None
    if end is not None:
        rows = rows.filter(pk__lt=end)
    found = _newest(rows, member.brand_id, query, end, limit + 1)
    shown = kept.filter(pk__in=found[:limit]).select_related(
        "case__person", "case__assignee__user", "profile", "member__user", "thread__account"
    )
    return Page(
        query,
        list(shown.order_by("-pk")),
        [] if before else _people(member, query),
        str(found[limit - 1]) if len(found) > limit else None,
    )


def _newest(rows: QuerySet[Message], brand: int, query: Query, before: int | None, most: int) -> list[int]:
    """The newest ids among these rows that hold the query's words.

    Said which way to go, since the planner can't know how often a beginning of a word occurs: a common one is found among the
    newest messages soon, of a rare one the index names every place.
    """
    ids = rows.order_by("-pk").values_list("pk", flat=True).distinct()
    if not query.tsquery:
        return list(ids[:most])
    words = Holds(F("search"), Value(query.tsquery))
    holding = ids.filter(words)
    if not query.terms:  # what must not be there is no help to the index
        return list(holding[:most])
    end = before or (Message.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    found = list(holding.filter(pk__gte=end - RECENT)[:most])
    if 0 < len(found) < most and " " in query.tsquery:
        wider = 2 * RECENT * most // len(found)  # so many should do
        if wider <= FARTHEST:
            found = list(holding.filter(pk__gte=end - wider)[:most])
    if len(found) < most:
        named = Message.objects.filter(words, brand=brand).values("pk")
        found = list(ids.filter(AnyOf(F("pk"), ArraySubquery(named)))[:most])
    return found


def _people(member: Member, query: Query) -> list[Person]:
    if not query.words or query.filters:
        return []
    people = Person.objects.visible_to(member).named(" ".join(query.words), member.brand_id)
    return list(people.order_by("-pk").prefetch_related("profiles")[:5])


def _filter(operator: str, value: str, member: Member) -> Q:
    name = value.lstrip("@")
    match operator:
        case "from" | "to":
            if name == "us" or name == "me":
                mine = Q(member=member) if name == "me" else Q()
                return Q(outbound=operator == "from") & mine
            people = Person.objects.named(name, member.brand_id)  # of messages that may be read anyway
            if operator == "from":
                return Q(profile__person__in=people, outbound=False)
            return Q(case__person__in=people, outbound=True)
        case "is" | "in":
            if value.lower() == "late":
                return STATES["late"] & Q(case__due_at__lt=timezone.now())
            return _choice(operator, value, STATES)
        case "has":
            return _choice(operator, value, HAS)
        case "tag":
            return Q(case__tags__name__iexact=value)
        case "assignee":
            if name.lower() == "me":
                return Q(case__assignee=member)
            if name.lower() in ("none", "nobody"):
                return Q(case__assignee=None)
            return Q(case__assignee__user__name__icontains=name) | Q(case__assignee__user__email__iexact=name)
        case "channel":
            return Q(thread__account__channel__iexact=value)
        case "lang":
            return Q(lang__istartswith=value)
        case "case":
            if not value.lstrip("#").isdigit():
                raise NotPossible(_("case: takes a number."))
            return Q(case=int(value.lstrip("#")[:18]))
        case "priority":
            names = {one.name.lower(): one.value for one in Case.Priority}
            return _choice(
                operator, value, {name: Q(case__priority=number) for name, number in names.items()}
            )
        case _:
            return _time(operator, value)


def _choice(operator: str, value: str, choices: dict[str, Q]) -> Q:
    try:
        return choices[value.lower()]
    except KeyError:
        raise NotPossible(
            _("%(operator)s:%(value)s is not known. Try %(choices)s.")
            % {"operator": operator, "value": value, "choices": ", ".join(choices)}
        ) from None


def _time(operator: str, value: str) -> Q:
    """before:2026-02-01 is the start of that day, after: its end, in the viewer's zone; 7d is seven days ago."""
    at: datetime | None = None
    if match := re.fullmatch(r"(\d{1,4})([dhw])", value.lower()):
        unit = {"d": "days", "h": "hours", "w": "weeks"}[match.group(2)]
        at = timezone.now() - timedelta(**{unit: int(match.group(1))})
    else:
        try:
            day = parse_date(value)
        except ValueError:
            day = None
        if day is None or not 1970 <= day.year < 9000:
            raise NotPossible(
                _("%(operator)s: takes a date such as 2026-02-01, or 7d for seven days ago.")
                % {"operator": operator}
            )
        at = timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001
        if operator == "after":
            at += timedelta(days=1)
    return Q(published_at__lt=at) if operator == "before" else Q(published_at__gte=at)


def marked_words(query: Query) -> list[str]:
    """The words to mark in a result, longest first."""
    return sorted({word for word in query.words if word}, key=len, reverse=True)
