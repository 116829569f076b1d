"""The queue: which cases a member sees in which view, what narrows them, and how many there are, up to a hundred."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Func, IntegerField, OuterRef, Prefetch, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from hark.brands.models import Brand, Member
from hark.cases.models import Case, CaseRows, Message, Snooze

from .paging import Page, page_of

ROWS = 25
COUNT_UP_TO = 100


@dataclass(frozen=True)
class View:
    """One tab of the queue."""

    name: str
    label: Any
    title: Any
    hurts: bool = False  # ordered by what hurts next; otherwise by what happened last

    def cases(self, member: Member) -> CaseRows:
        mine = Case.objects.visible_to(member)
        match self.name:
            case "mine":
                return mine.waiting().filter(assignee=member)
            case "unassigned":
                return mine.waiting().filter(assignee=None)
            case "customer":
                return mine.filter(state=Case.State.ANSWERED)
            case "snoozed":
                return mine.filter(state=Case.State.SNOOZED)
            case "resolved":
                return mine.resolved()
            case "closed":
                return mine.closed()
        return mine.waiting()


VIEWS = {
    view.name: view
    for view in (
        View("mine", _("Mine"), _("Mine"), hurts=True),
        View("team", _("Team"), _("Everybody who waits"), hurts=True),
        View("unassigned", _("Unassigned"), _("Nobody’s yet"), hurts=True),
        View("customer", _("With them"), _("Waiting for the customer")),
        View("snoozed", _("Snoozed"), _("Snoozed")),
        View("resolved", _("Resolved"), _("Resolved, book open")),
        View("closed", _("Closed"), _("Book closed")),
    )
}
FIRST_VIEW = "team"
FIRST_TABS = ("mine", "team", "unassigned")
FILTERS = ("account", "location", "priority", "tag", "assignee", "lang", "place")


@dataclass(frozen=True)
class Choice:
    """What a member looks at: a view and what narrows it, as it stands in the address."""

    view: View
    filters: Mapping[str, str]

    @cached_property
    def query(self) -> str:
        """The choice as part of an address, without the page."""
        return urlencode({"view": self.view.name, **self.filters})

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters)


def choice_of(query: Mapping[str, str]) -> Choice:
    """The choice in an address; what it does not know is left out."""
    view = VIEWS.get(query.get("view", ""), VIEWS[FIRST_VIEW])
    return Choice(view, {name: query[name] for name in FILTERS if query.get(name)})


def cases(member: Member, choice: Choice) -> CaseRows:
    """All cases of a choice, unordered. A filter that can't be read narrows to nothing, visibly."""
    rows = choice.view.cases(member)
    for name, value in choice.filters.items():
        rows = _narrowed(rows, name, value)
    return rows


def page(member: Member, choice: Choice, *, after: str = "", before: str = "") -> Page:
    """Rows with all that a row shows, in a constant number of queries."""
    rows = cases(member, choice).select_related("person", "assignee__user").prefetch_related("tags")
    if choice.view.name == "snoozed":
        asleep = Snooze.objects.filter(ended_at=None)
        rows = rows.prefetch_related(Prefetch("snoozes", asleep, to_attr="asleep"))
    by = "hurts_at" if choice.view.hurts else "last_activity_at"
    found = page_of(rows, by=by, size=ROWS, after=after, before=before, newest_first=not choice.view.hurts)
    nameless = [case.person for case in found.rows if not case.person.name]
    prefetch_related_objects(nameless, "profiles")  # a handle stands for the name
    return found


def counts(member: Member, views: Iterable[View]) -> dict[str, int]:
    """How many cases these views hold, counted up to a hundred, in one query. What is closed is not counted."""
    counted = {view.name: _up_to(view.cases(member)) for view in views if view.name != "closed"}
    answer = Brand.objects.filter(pk=member.brand_id).values_list(*counted.values()).get()
    return dict(zip(counted, answer, strict=True))


def tabs(member: Member, choice: Choice) -> list[tuple[View, int | None]]:
    """The first views and the chosen one, with how many cases each holds."""
    shown = [view for view in VIEWS.values() if view.name in FIRST_TABS or view == choice.view]
    numbers = counts(member, shown)
    return [(view, numbers.get(view.name)) for view in shown]


def _up_to(rows: CaseRows) -> Func:
    """At most a hundred index entries are read, however long the list is."""
    return Func(
        ArraySubquery(rows.order_by().values("pk")[:COUNT_UP_TO]),
        function="cardinality",
        output_field=IntegerField(),
    )


def _narrowed(rows: CaseRows, name: str, value: str) -> CaseRows:
    if name == "lang":
        return rows.filter(snippet_lang=value[:16])
    if name == "place":
        return rows.filter(has_private=value == "private")
    if name == "assignee" and value == "none":
        return rows.filter(assignee=None)
    if not value.isdecimal() or len(value) > 18:
        return rows.none()
    match name:
        case "priority":
            return rows.filter(priority=int(value)) if int(value) in Case.Priority.values else rows.none()
        case "location":
            return rows.filter(location=int(value))
        case "tag":
            return rows.filter(tags=int(value))
        case "assignee":
            return rows.filter(assignee=int(value))
    of_account = Message.objects.filter(case=OuterRef("pk"), account_id_at=int(value))
    return rows.filter(Exists(of_account))
