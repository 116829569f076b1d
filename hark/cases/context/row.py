"""One row of the queue. What it shows is a value, and the same value is the same HTML: made once, then remembered.

A queue is drawn again whenever something in it changes, for everybody who looks at it, and then 24 of 25 rows are as they
were. A row of Django's templates costs a millisecond, a remembered one the twentieth part (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from hark.brands.models import Member
from hark.cases.models import Case
from hark.cases.templatetags import cases as tags
from hark.customers.personal_details import covered
from hark.web.templatetags.hark import avatar

REMEMBERED = 4096  # rows, some 2 KB each
TAGS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Row:
    """All that a row shows, and whether this reader may choose it."""

    pk: int
    path: str
    clock: str
    channel: str
    name: str
    snippet: str
    lang: str
    arc: int
    arc_label: str
    priority: int
    priority_label: str
    has_private: bool
    tags: tuple[str, ...]
    assignee: str
    face: str
    unread: bool
    is_open: bool
    is_chosen: bool
    may_choose: bool
    language: str  # of the reader


def row(case: Case, reader: Member, *, path: str, opened: int | None, chosen: Collection[int]) -> SafeString:
    """The HTML of a case in the queue. `path` is the page's address of cases, with `{}` for the number."""
    return _html(
        Row(
            pk=case.pk,
            path=path.replace("{}", str(case.pk), 1),
            clock=tags.case_clock(case),
            channel=case.channel,
            name=tags.who(case),
            snippet=covered(case.snippet, reader.brand.number_shapes),
            lang=case.snippet_lang,
            arc=case.arc,
            arc_label=str(Case.Arc(case.arc).label),
            priority=case.priority,
            priority_label=str(Case.Priority(case.priority).label),
            has_private=case.has_private,
            tags=tuple(tag.name for tag in case.tags.all()[:TAGS_SHOWN]),
            assignee=str(case.assignee or ""),
            face=avatar(case.assignee, "small") if case.assignee else "",
            unread=case.unread,
            is_open=case.pk == opened,
            is_chosen=case.pk in chosen,
            may_choose=reader.rights["reply"],
            language=get_language() or "",
        )
    )


@lru_cache(maxsize=REMEMBERED)
def _html(row: Row) -> SafeString:
    return render_to_string("cases/_row.html", {"row": row})
