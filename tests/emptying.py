"""After a test that committed: only the tables that it filled are emptied.

Django's own way truncates every table and makes content types and permissions anew, which takes half a second after each
of seven hundred tests. A role that may not set triggers aside leaves it to Django.
"""

from __future__ import annotations

import functools
from typing import Any

from django.db import ProgrammingError, connection, transaction
from django.test import TransactionTestCase

KEPT = {"django_content_type", "auth_permission"}  # what migrations made
empty_as_django_does = TransactionTestCase._fixture_teardown


def install() -> None:
    TransactionTestCase._fixture_teardown = _empty


def _empty(test: Any) -> None:
    try:
        empty()
    except ProgrammingError:
        empty_as_django_does(test)


def empty() -> None:
    """Raises ProgrammingError where the role is no superuser."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # the history may go, and in any order
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables())
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {name}")


@functools.cache
def tables() -> tuple[str, ...]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(connection.ops.quote_name(name) for name in sorted({*names} - KEPT))
