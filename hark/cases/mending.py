"""What a case tells of its messages, looked up again after an earlier one came late, or one was changed or deleted.

Rare, and so by a few statements over the cases that it concerns; the common way is in memory (opening.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from .keeping import Kept
from .models import Case
from .opening import SNIPPET
from .place import Place
from .urgency import keep_hours

# The customer's first and last words; the wait of whoever has no answer yet moves along with the first.
TIMES_SQL = """
    UPDATE cases_case c SET
        opened_at = said.first, last_customer_at = said.last,
        last_activity_at = CASE WHEN c.last_activity_at = c.last_customer_at THEN greatest(said.last, said.ours)
                                ELSE c.last_activity_at END,
        due_at = c.due_at + (said.first - c.opened_at),
        hurts_at = CASE WHEN c.first_reply_at IS NULL THEN c.hurts_at + (said.first - c.opened_at) ELSE c.hurts_at END
    FROM (
        SELECT case_id, min(published_at) FILTER (WHERE NOT outbound) AS first,
               max(CASE WHEN rating IS NULL THEN published_at ELSE coalesce(edited_at, published_at) END)
                   FILTER (WHERE NOT outbound) AS last, max(published_at) FILTER (WHERE outbound) AS ours
        FROM cases_message WHERE case_id = ANY(%s) GROUP BY case_id
    ) said
    WHERE c.id = said.case_id AND said.first IS NOT NULL
"""
LAST_SQL = """
    SELECT DISTINCT ON (case_id) case_id, CASE WHEN deleted_at IS NULL THEN text ELSE '' END, lang FROM cases_message
    WHERE case_id = ANY(%s) AND NOT outbound
    ORDER BY case_id, deleted_at IS NOT NULL, published_at DESC, id DESC
"""
SNIPPET_SQL = """
    UPDATE cases_case c SET snippet = new.snippet, snippet_lang = new.lang
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new(id, snippet, lang)
    WHERE c.id = new.id AND (c.snippet, c.snippet_lang) IS DISTINCT FROM (new.snippet, new.lang)
"""


def mend(touched: Iterable[Place], kept: Iterable[Kept]) -> list[int]:
    """Bring the times and the snippet of these cases up to date with their messages; which cases those were."""
    cases = {place.id for place in touched if place.is_mended}
    cases |= {one.case_id for one in kept if one.is_mended and one.case_id and not one.is_new}
    if not cases:
        return []
    with connection.cursor() as cursor:
        cursor.execute(TIMES_SQL, [list(cases)])
        keep_hours(Case.objects.filter(pk__in=cases).exclude(location=None).values_list("pk", flat=True))
        cursor.execute(LAST_SQL, [list(cases)])
        last = [(row[0], " ".join(row[1].split())[:SNIPPET], row[2]) for row in cursor.fetchall()]
        cursor.execute(SNIPPET_SQL, [list(column) for column in zip(*last, strict=True)] or [[], [], []])
    return list(cases)
