"""Starting and stopping clocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from hark import bulk
from hark.cases.models import Case
from hark.cases.place import Place

from .models import Clock


def start(touched: Iterable[Place]) -> None:
    """Run the first-response clock of every case that has just begun, from its first message, in the hours of its place."""
    bulk.insert(
        Clock,
        ["brand_id", "case_id", "kind", "started_at", "due_at"],
        [
            (
                place.brand.pk,
                place.id,
                Clock.Kind.FIRST_RESPONSE,
                place.opened_at,
                place.due_at,
            )
            for place in touched
            if place.is_new and not place.archived
        ],
    )


def follow(case_ids: list[int]) -> None:
    """An earlier message of these cases came late: their wait began with it."""
    if not case_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE clocks_clock k SET started_at = c.opened_at, due_at = k.due_at + (c.opened_at - k.started_at)
            FROM cases_case c
            WHERE c.id = k.case_id AND k.case_id = ANY(%s) AND k.kind = %s AND k.started_at <> c.opened_at
            """,
            [case_ids, Clock.Kind.FIRST_RESPONSE],
        )
    keep_hours(list(Case.objects.filter(pk__in=case_ids).exclude(location=None).values_list("pk", flat=True)))


def keep_hours(case_ids: list[int]) -> None:
    """The first-response clocks of these cases in the hours of their places: after a case moved, or its wait did."""
    rows = Clock.objects.filter(case__in=case_ids, kind=Clock.Kind.FIRST_RESPONSE)
    clocks = list(rows.select_related("case__brand", "case__location"))
    for clock in clocks:
        clock.due_at = clock.case.first_response_due
    Clock.objects.bulk_update(clocks, ["due_at"], batch_size=1000)


def stop_first_response(case: Case, at: datetime) -> None:
    """A person has answered. Stopping twice keeps the first time."""
    Clock.objects.filter(case=case, kind=Clock.Kind.FIRST_RESPONSE, stopped_at=None).update(stopped_at=at)
    Case.objects.filter(pk=case.pk).update(due_at=None)
    case.due_at = None
