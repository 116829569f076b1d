"""Migrations that would make pages wait: found before they land, by `make check`.

PostgreSQL takes an ACCESS EXCLUSIVE lock for most forms of ALTER TABLE, and whoever comes later waits behind it, readers
included (https://www.postgresql.org/docs/current/explicit-locking.html). Such a lock is harmless while it is short. What
makes it long is reading or writing the whole table under it; what breaks pages is a column gone from under older code.
Tables that a migration makes itself are empty, so initial migrations and their own tables are exempt.

django-migration-linter looks at the SQL for similar things, but needs a database to ask for it, and `make check` has none.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.postgres import operations as postgres
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

ALTER_TABLE = "https://www.postgresql.org/docs/current/sql-altertable.html"
CREATE_INDEX = "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"
VOLATILE = {"Random", "RandomUUID", "TransactionNow"}

# What SQL of our own may not say, and why.
SQL: dict[str, str] = {
    r"\bCREATE\s+(UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)": f"writes wait while it is built; CONCURRENTLY: {CREATE_INDEX}",
    r"\bDROP\s+INDEX\s+(?!CONCURRENTLY)": "readers wait for it: DROP INDEX CONCURRENTLY",
    r"\bALTER\s+(COLUMN\s+)?\S+\s+(SET\s+DATA\s+)?TYPE\b": f"the table is written anew under the lock: {ALTER_TABLE}",
    r"\bSET\s+NOT\s+NULL\b": f"the table is read under the lock; a NOT VALID check comes first: {ALTER_TABLE}",
    r"\bADD\s+(CONSTRAINT\s+\S+\s+)?(CHECK|FOREIGN\s+KEY)\b(?![^;]*NOT\s+VALID)": (
        f"the table is read under the lock; add it NOT VALID, then VALIDATE: {ALTER_TABLE}"
    ),
    r"\bADD\s+(CONSTRAINT\s+\S+\s+)?(UNIQUE|PRIMARY\s+KEY)\b(?!\s+USING\s+INDEX)": (
        f"an index is built under the lock; build it CONCURRENTLY, then ADD … USING INDEX: {ALTER_TABLE}"
    ),
    r"\b(DROP|RENAME)\s+COLUMN\b": "older code still asks for it; stop asking in one release, drop it in the next",
    r"\b(LOCK\s+TABLE|VACUUM\s+FULL|CLUSTER)\b": "it holds the whole table for as long as it takes",
    r"\bREINDEX\s+(?!\w+\s+CONCURRENTLY)": "it holds the whole table for as long as it takes: REINDEX … CONCURRENTLY",
    r"\b(UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b": "rows stay locked until it commits: do it in pieces, in a job",
}


def findings(migration: Migration, before: ProjectState) -> Iterator[str]:
    """What is wrong with one migration, given the models as they are before it. A sentence each, with its reason."""
    if migration.initial or not migration.dependencies:
        return
    state, made = before.clone(), set[tuple[str, str]]()
    app = migration.app_label
    for operation in migration.operations:
        if isinstance(operation, operations.CreateModel):
            made.add((app, operation.name_lower))
        name = getattr(operation, "model_name", None) or getattr(operation, "name", "")
        if (app, str(name).lower()) not in made:
            for text in _judge(operation, state, migration):
                yield f"{app}.{migration.name}: {operation.describe()}: {text}"
        operation.state_forwards(app, state)


def _judge(operation: Operation, state: ProjectState, migration: Migration) -> Iterator[str]:
    for kind, rule in RULES.items():
        if type(operation) is kind:
            yield from rule(operation, state, migration)


def _index(operation: Any, state: ProjectState, migration: Migration) -> Iterator[str]:
    yield f"writes wait while it is built; use AddIndexConcurrently, with atomic = False: {CREATE_INDEX}"


def _drop_index(operation: Any, state: ProjectState, migration: Migration) -> Iterator[str]:
    yield "readers wait for it; use RemoveIndexConcurrently, with atomic = False"


def _concurrently(operation: Any, state: ProjectState, migration: Migration) -> Iterator[str]:
    if len(migration.operations) > 1:
        yield "what is not atomic stands alone in its migration, so that it can be tried again"


def _constraint(operation: Any, state: ProjectState, migration: Migration) -> Iterator[str]:
    if isinstance(operation.constraint, models.CheckConstraint):
        yield f"the table is read under the lock; use AddConstraintNotValid, then ValidateConstraint: {ALTER_TABLE}"
    else:
        yield f"an index is built under the lock; build it CONCURRENTLY, then ADD … USING INDEX: {ALTER_TABLE}"


def _add_field(operation: Any, state: ProjectState, migration: Migration) -> Iterator[str]:
    field = operation.field
    if field.many_to_many:
        return
    default = field.db_default
    if default is not models.NOT_PROVIDED and any(
        type(part).__name__ in VOLATILE for part in _parts(default)
    ):
        yield f"each row gets a value of its own, so the table is written anew under the lock: {ALTER_TABLE}"
    if not field.null and default is models.NOT_PROVIDED:
        yield (
            "older code, which still runs, inserts rows without it and fails: give it a db_default, or null=True "
            "(Django drops its own default again once the column is there)"
        )
    if field.unique:
        yield f"an index is built under the lock; add it plain, then build the index CONCURRENTLY: {ALTER_TABLE}"
    elif field.db_index:
        yield f"writes wait while its index is built; db_index=False and AddIndexConcurrently: {CREATE_INDEX}"


def _alter_field(operation: Any, state: ProjectState, migration: Migration) -> Iterator[str]:
    model = state.models[migration.app_label, operation.model_name_lower]
    old, new = model.fields[operation.name], operation.field
    if _type(old) != _type(new) and not _only_wider(old, new):
        yield f"another type: the table is written anew while everybody waits: {ALTER_TABLE}"
    if old.null and not new.null:
        yield f"NOT NULL: the table is read under the lock; a NOT VALID check comes first: {ALTER_TABLE}"
    if new.unique and not old.unique:
        yield f"an index is built under the lock; build it CONCURRENTLY first: {ALTER_TABLE}"
    elif new.db_index and not old.db_index:
        yield f"writes wait while its index is built; use AddIndexConcurrently: {CREATE_INDEX}"


def _gone(operation: Any, state: ProjectState, migration: Migration) -> Iterator[str]:
    yield (
        "pages of the older code still ask for it while the migration runs; stop asking in one release "
        "(SeparateDatabaseAndState), drop it in the next"
    )


def _sql(operation: Any, state: ProjectState, migration: Migration) -> Iterator[str]:
    given = operation.sql if isinstance(operation.sql, list | tuple) else [operation.sql]
    text = ";".join(part if isinstance(part, str) else part[0] for part in given)
    text = re.sub(r"--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'", " ", text, flags=re.DOTALL)
    for pattern, why in SQL.items():
        if found := re.search(pattern, text, re.IGNORECASE):
            yield f"“{' '.join(found[0].split())}”: {why}"


def _separated(operation: Any, state: ProjectState, migration: Migration) -> Iterator[str]:
    for one in operation.database_operations:
        if type(one) not in (operations.RemoveField, operations.DeleteModel):  # this is how they are dropped
            yield from _judge(one, state, migration)


def _type(field: Any) -> tuple[str, Any, Any, Any]:
    related = field.remote_field and field.remote_field.model
    kind = field.get_internal_type()
    numbers = getattr(field, "max_digits", None), getattr(field, "decimal_places", None)
    return (str(related).lower() if related else kind, getattr(field, "max_length", None), *numbers)


def _only_wider(old: Any, new: Any) -> bool:
    """A longer varchar, or text instead of one, is written to the catalogue alone (notes of ALTER TABLE)."""
    if old.get_internal_type() != "CharField" or new.get_internal_type() not in ("CharField", "TextField"):
        return False
    return new.max_length is None or (old.max_length is not None and new.max_length >= old.max_length)


def _parts(expression: Any) -> Iterator[Any]:
    yield expression
    for part in getattr(expression, "get_source_expressions", list)():
        yield from _parts(part)


Rule = Callable[[Any, ProjectState, Migration], Iterator[str]]
RULES: dict[type[Operation], Rule] = {
    operations.AddIndex: _index,
    operations.RemoveIndex: _drop_index,
    operations.AddConstraint: _constraint,
    operations.AddField: _add_field,
    operations.AlterField: _alter_field,
    operations.RemoveField: _gone,
    operations.DeleteModel: _gone,
    operations.RenameField: _gone,
    operations.RenameModel: _gone,
    operations.AlterModelTable: _gone,
    operations.RunSQL: _sql,
    operations.SeparateDatabaseAndState: _separated,
    postgres.AddIndexConcurrently: _concurrently,
    postgres.RemoveIndexConcurrently: _concurrently,
}
