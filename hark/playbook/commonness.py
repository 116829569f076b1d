"""How common words are, as PostgreSQL's own ANALYZE has found it. Each process remembers that for ten minutes."""

from __future__ import annotations

import time
from collections.abc import Mapping

from django.db import connection

SECONDS = 600
# The share of messages, 0 to 1, in which each common word stands.
IN_MESSAGES = """
    SELECT word, share FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common (word, share)
    WHERE schemaname = current_schema() AND tablename = 'cases_message' AND attname = 'search' AND word IS NOT NULL
"""
# The number of answers of record that are filed under each common term.
IN_ANSWERS = """
    SELECT word, share * (SELECT reltuples FROM pg_class WHERE oid = 'playbook_term'::regclass)
    FROM pg_stats, unnest(most_common_vals::text::text[], most_common_freqs) AS common (word, share)
    WHERE schemaname = current_schema() AND tablename = 'playbook_term' AND attname = 'word'
"""
_known: dict[tuple[str, str], tuple[float, Mapping[str, float]]] = {}


def common(where: str) -> Mapping[str, float]:
    """Word → how common it is there (IN_MESSAGES, IN_ANSWERS); words that are not named are rarer than those that are."""
    key = str(connection.settings_dict["NAME"]), where
    at, known = _known.get(key, (0.0, {}))
    if at and time.monotonic() - at < SECONDS:
        return known
    with connection.cursor() as cursor:
        cursor.execute(where)
        known = dict(cursor.fetchall())
    _known[key] = (time.monotonic(), known)
    return known
