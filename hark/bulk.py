"""Many rows in one statement: how the hot paths talk to PostgreSQL.

Plain rows go by COPY, which has nothing to parse or plan. Where a conflict or a returned value matters it is
`INSERT … SELECT FROM unnest(array, …)`: one round trip, one plan (docs/adr/0005).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    conflict: str = "",
    returning: str = "",
) -> list[tuple[Any, ...]]:
    """Insert rows of column values; give back what `returning` asks for.

    `columns` are attribute names as in the database ("case_id"); `conflict` is the text after ON CONFLICT.
    The text of both comes from code, never from a request.
    """
    taken = list(rows)
    if not taken:
        return []
    if not conflict and not returning:
        _copy(model, columns, taken)
        return []
    types = [_array_type(model, column) for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    sql = f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT * FROM unnest({arrays})'  # noqa: S608  (names of ours)
    if conflict:
        sql += f" ON CONFLICT {conflict}"
    if returning:
        sql += f" RETURNING {returning}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(values) for values in zip(*taken, strict=True)])
        return cursor.fetchall() if returning else []


def _copy(model: type[models.Model], columns: Sequence[str], rows: list[Sequence[Any]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    # Django wraps errors of execute() alone; callers expect django.db's, whatever the way.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as sink:
        for row in rows:
            sink.write_row(row)


def ids_for(model: type[models.Model], count: int) -> list[int]:
    """Reserve `count` primary keys, so that rows which point at each other are written in one pass."""
    if count == 0:
        return []
    with connection.cursor() as cursor:
        # The inner query is materialised, so that the sequence is looked up once and not for every key.
        cursor.execute(
            "WITH found AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence)"
            " SELECT nextval(sequence) FROM found, generate_series(1, %s)",
            [f'"{model._meta.db_table}"', count],
        )
        return [row[0] for row in cursor.fetchall()]


def _array_type(model: type[models.Model], column: str) -> str:
    field = next(field for field in model._meta.concrete_fields if field.column == column)
    kind = field.db_type(connection)
    return str(kind).split(" GENERATED")[0].split(" CHECK")[0]
