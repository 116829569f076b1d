"""Entries of a case's history as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hark.cases.models import Case, Event
from hark.web import words

SIZE = 40

ICONS: dict[str, str] = {
    Event.Kind.OPENED: "queue",
    Event.Kind.MESSAGE: "bubble",
    Event.Kind.EDITED: "pencil",
    Event.Kind.DELETED: "trash",
    Event.Kind.REPLIED: "reply",
    Event.Kind.REPLY_REFUSED: "warn",
    Event.Kind.REPLY_WITHDRAWN: "undo",
    Event.Kind.REPLY_SETTLED: "help",
    Event.Kind.COACH_OVERRIDDEN: "hold",
    Event.Kind.STEP: "check",
    Event.Kind.STEP_SKIPPED: "right",
    Event.Kind.MOVED: "lock",
    Event.Kind.FOLLOWED: "lock",
    Event.Kind.PAGE_CLOSED: "lock",
    Event.Kind.PAGE_ERASED: "trash",
    Event.Kind.TRANSCRIPT: "send",
    Event.Kind.REVEALED: "eye",
    Event.Kind.ASSIGNED: "assign",
    Event.Kind.UNASSIGNED: "assign",
    Event.Kind.SNOOZED: "snooze",
    Event.Kind.WOKEN: "bell",
    Event.Kind.PRIORITY: "warn",
    Event.Kind.TEAM: "people",
    Event.Kind.LOCATED: "pin",
    Event.Kind.TAGGED: "tag",
    Event.Kind.UNTAGGED: "tag",
    Event.Kind.NOTED: "note",
    Event.Kind.MERGED: "merge",
    Event.Kind.SPLIT: "split",
    Event.Kind.UNDONE: "undo",
    Event.Kind.REOPENED: "refresh",
    Event.Kind.IMPORTED: "archive",
    Event.Kind.APPROVAL_ASKED: "shield",
    Event.Kind.APPROVAL_LATE: "hold",
    Event.Kind.APPROVED: "check-circle",
    Event.Kind.SENT_BACK: "undo",
    Event.Kind.ACTION_ASKED: "refund",
    Event.Kind.ACTION_APPROVED: "check-circle",
    Event.Kind.ACTION_DECLINED: "undo",
    Event.Kind.ACTION_DONE: "refund",
    Event.Kind.ACTION_FAILED: "warn",
    Event.Kind.ASKED_HOW_IT_WENT: "star",
    Event.Kind.PROMISED: "promise",
    Event.Kind.PROMISE_DUE: "bell",
    Event.Kind.PROMISE_LATE: "hold",
    Event.Kind.PROMISE_KEPT: "check-circle",
    Event.Kind.PROMISE_BROKEN: "warn",
    Event.Kind.PROMISE_MOVED: "promise",
    Event.Kind.PROMISE_LET_GO: "promise",
    Event.Kind.PROMISE_GIVEN: "assign",
}

BY_HAND: dict[str, Any] = {
    Event.Kind.REPLIED: gettext_lazy("sent a reply"),
    Event.Kind.REPLY_REFUSED: gettext_lazy("sent a reply that was refused"),
    Event.Kind.REPLY_WITHDRAWN: gettext_lazy("took a reply back"),
    Event.Kind.HIDDEN: gettext_lazy("hid a comment"),
    Event.Kind.SHOWN: gettext_lazy("showed a hidden comment again"),
    Event.Kind.LIKED: gettext_lazy("liked a comment"),
    Event.Kind.REPLY_EDITED: gettext_lazy("corrected a reply"),
    Event.Kind.REPLY_SETTLED: gettext_lazy("looked whether a reply had arrived"),
    Event.Kind.COACH_OVERRIDDEN: gettext_lazy("sent what the coach held"),
    Event.Kind.MOVED: gettext_lazy("invited the customer to private"),
    Event.Kind.PAGE_CLOSED: gettext_lazy("closed the secure page"),
    Event.Kind.REVEALED: gettext_lazy("looked at personal details"),
    Event.Kind.SNOOZED: gettext_lazy("snoozed the case"),
    Event.Kind.WOKEN: gettext_lazy("woke the case"),
    Event.Kind.NOTED: gettext_lazy("wrote a note"),
    Event.Kind.MERGED: gettext_lazy("joined another case with this one"),
    Event.Kind.SPLIT: gettext_lazy("split messages off"),
    Event.Kind.UNDONE: gettext_lazy("took a change back"),
    Event.Kind.CLOSED_UNANSWERED: gettext_lazy("closed the case without an answer"),
    Event.Kind.REOPENED: gettext_lazy("reopened the case"),
    Event.Kind.OPENED: gettext_lazy("opened the case"),
    Event.Kind.APPROVAL_ASKED: gettext_lazy("asked for a second person’s yes"),
    Event.Kind.ACTION_ASKED: gettext_lazy("asked for an action"),
    Event.Kind.ACTION_APPROVED: gettext_lazy("said yes to an action"),
    Event.Kind.ACTION_DECLINED: gettext_lazy("declined an action"),
    Event.Kind.ACTION_DONE: gettext_lazy("had something done"),
    Event.Kind.ACTION_FAILED: gettext_lazy("asked for something that was not done"),
    Event.Kind.ASKED_HOW_IT_WENT: gettext_lazy("asked the customer how it went"),
    Event.Kind.APPROVED: gettext_lazy("said yes to a reply"),
    Event.Kind.SENT_BACK: gettext_lazy("sent a reply back to its author"),
    Event.Kind.PROMISE_KEPT: gettext_lazy("kept a promise"),
    Event.Kind.PROMISE_BROKEN: gettext_lazy("broke a promise"),
    Event.Kind.PROMISE_LET_GO: gettext_lazy("let a promise go"),
}


@dataclass(frozen=True)
class Entry:
    """One line: who did what, when, why."""

    at: datetime
    who: str
    what: str
    why: str
    icon: str


@dataclass(frozen=True)
class Entries:
    rows: list[Entry]
    before: str = ""  # leads to older ones


def page(case: Case, *, before: str = "") -> Entries:
    """The newest entries, or those before one. One query; ordered by id, in which entries are written."""
    rows = case.events.select_related("member__user").order_by("-id")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(id__lt=int(before))
    found = list(rows[: SIZE + 1])
    return Entries(
        [_entry(event) for event in found[:SIZE]], str(found[SIZE - 1].pk) if len(found) > SIZE else ""
    )


def _entry(event: Event) -> Entry:
    return Entry(
        event.at,
        str(event.member) if event.member else "",
        _what(event),
        event.why,
        ICONS.get(event.kind, "info"),
    )


def _what(event: Event) -> str:
    """The kind in words, with the detail that matters."""
    detail: dict[str, Any] = event.detail
    match event.kind:
        case Event.Kind.ASSIGNED if detail.get("to") == event.member_id is not None:
            return _("took the case")
        case Event.Kind.ASSIGNED if detail.get("name"):
            return _("gave the case to %(name)s") % {"name": detail["name"]}
        case Event.Kind.UNASSIGNED:
            return _("handed the case back")
        case Event.Kind.SNOOZED if detail.get("until"):
            return _("snoozed the case until %(time)s") % {"time": _moment(detail["until"])}
        case Event.Kind.PRIORITY if detail.get("after"):
            return _("changed the priority from %(before)s to %(after)s") % {
                "before": _priority(detail.get("before")),
                "after": _priority(detail["after"]),
            }
        case Event.Kind.TEAM:
            return _("chose the team %(team)s") % {"team": detail.get("team") or _("nobody")}
        case Event.Kind.LOCATED:
            return _("put the case into %(place)s") % {
                "place": detail.get("location") or _("the whole brand")
            }
        case Event.Kind.TAGGED if detail.get("tag"):
            return _("added the tag “%(tag)s”") % {"tag": detail["tag"]}
        case Event.Kind.UNTAGGED if detail.get("tag"):
            return _("took the tag “%(tag)s” off") % {"tag": detail["tag"]}
        case Event.Kind.APPROVED if detail.get("changed"):
            return _("changed a reply and said yes to it")
        case Event.Kind.PROMISED if detail.get("until"):
            return _("promised something until %(time)s") % {"time": _moment(detail["until"])}
        case Event.Kind.PROMISE_MOVED if detail.get("until"):
            return _("promised the same until %(time)s") % {"time": _moment(detail["until"])}
        case Event.Kind.PROMISE_GIVEN:
            return _("gave a promise to %(name)s") % {"name": detail.get("name") or _("everybody")}
        case Event.Kind.STEP if detail.get("step"):
            return _("reached “%(step)s”") % {"step": _step(detail["step"])}
        case Event.Kind.STEP_SKIPPED if detail.get("step"):
            return _("skipped “%(step)s”") % {"step": _step(detail["step"])}
    if event.member_id and event.kind in BY_HAND:
        return str(BY_HAND[event.kind])
    return str(event.get_kind_display())


def _moment(text: str) -> str:
    at = parse_datetime(text)
    return words.moment(at) if at and timezone.is_aware(at) else text


def _priority(value: Any) -> str:
    return str(Case.Priority(value).label) if value in Case.Priority.values else "?"


def _step(value: Any) -> str:
    return str(Case.Arc(value).label) if value in Case.Arc.values else "?"
