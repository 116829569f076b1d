"""Migrations that would make pages wait are found, each for its reason; their harmless sisters pass."""

from collections.abc import Callable

import pytest
from django.contrib.postgres import operations as pg
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Q, functions

from hark.ops import checks, migration_lint

INDEX = models.Index(fields=["name"], name="parcels_by_name")
CHECK = models.CheckConstraint(condition=Q(weight__gt=0), name="parcels_weigh")
UNIQUE = models.UniqueConstraint(fields=["name"], name="parcels_differ")


def field(name: str, made: models.Field) -> Operation:
    return operations.AddField("parcel", name, made)


def altered(name: str, made: models.Field) -> Operation:
    return operations.AlterField("parcel", name, made)


@pytest.fixture
def lint() -> Callable[..., list[str]]:
    """The findings for a migration of these operations on a table of parcels that is there already."""

    def findings(*given: Operation, initial: bool = False) -> list[str]:
        state = ProjectState()
        operations.CreateModel(
            "Parcel",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=40, null=True)),
                ("weight", models.IntegerField()),
            ],
        ).state_forwards("post", state)
        migration = Migration("0002_more", "post")
        migration.operations, migration.initial = list(given), initial
        migration.dependencies = [("post", "0001_initial")]
        return list(migration_lint.findings(migration, state))

    return findings


@pytest.mark.parametrize(
    ("bad", "why", "good"),
    [
        (operations.AddIndex("parcel", INDEX), "AddIndexConcurrently", pg.AddIndexConcurrently("parcel", INDEX)),
        (operations.AddConstraint("parcel", CHECK), "NotValid", pg.AddConstraintNotValid("parcel", CHECK)),
        (operations.AddConstraint("parcel", UNIQUE), "USING INDEX", operations.RunSQL(
            "ALTER TABLE post_parcel ADD CONSTRAINT parcels_differ UNIQUE USING INDEX parcels_differ")),
        (field("due", models.IntegerField(default=0)), "db_default",
         field("due", models.IntegerField(default=0, db_default=0))),
        (field("due", models.IntegerField()), "db_default", field("due", models.IntegerField(null=True))),
        (field("at", models.DateTimeField(db_default=functions.Random())), "value of its own",
         field("at", models.DateTimeField(db_default=functions.Now()))),
        (field("code", models.CharField(max_length=9, null=True, unique=True)), "index is built",
         field("code", models.CharField(max_length=9, null=True))),
        (field("code", models.CharField(max_length=9, null=True, db_index=True)), "writes wait",
         field("code", models.CharField(max_length=9, null=True))),
        (altered("weight", models.BigIntegerField()), "written anew", altered("weight", models.IntegerField(null=True))),
        (altered("name", models.CharField(max_length=20, null=True)), "written anew",
         altered("name", models.CharField(max_length=80, null=True))),
        (altered("name", models.CharField(max_length=40)), "NOT NULL", altered("name", models.TextField(null=True))),
        (operations.RemoveField("parcel", "name"), "older code", operations.SeparateDatabaseAndState(
            state_operations=[operations.RemoveField("parcel", "name")])),
        (operations.RenameField("parcel", "name", "title"), "older code", altered("name", models.TextField(null=True))),
        (operations.DeleteModel("Parcel"), "older code", operations.SeparateDatabaseAndState(
            state_operations=[operations.DeleteModel("Parcel")])),
    ],
)  # fmt: skip
def test_an_operation_that_makes_pages_wait(lint, bad: Operation, why: str, good: Operation):
    [found] = lint(bad)
    assert found.startswith("post.0002_more: ")
    assert why in found
    assert lint(good) == []


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("CREATE INDEX a ON parcel (name)", "CREATE INDEX CONCURRENTLY a ON parcel (name)"),
        ("DROP INDEX a", "DROP INDEX CONCURRENTLY a"),
        ("ALTER TABLE parcel ALTER COLUMN weight TYPE bigint", "ALTER TABLE parcel ALTER COLUMN weight SET DEFAULT 1"),
        ("ALTER TABLE parcel ALTER weight SET NOT NULL", "ALTER TABLE parcel ALTER weight DROP NOT NULL"),
        ("ALTER TABLE parcel ADD CONSTRAINT a CHECK (weight > 0)",
         "ALTER TABLE parcel ADD CONSTRAINT a CHECK (weight > 0) NOT VALID"),
        ("ALTER TABLE parcel ADD CONSTRAINT a UNIQUE (name)",
         "ALTER TABLE parcel ADD CONSTRAINT a UNIQUE USING INDEX b"),
        ("ALTER TABLE parcel DROP COLUMN name", "ALTER TABLE parcel ALTER COLUMN name DROP DEFAULT"),
        ("LOCK TABLE parcel", "CREATE FUNCTION a() RETURNS void LANGUAGE sql AS $$ UPDATE parcel SET weight = 1 $$"),
        ("UPDATE parcel SET weight = 1", "COMMENT ON TABLE parcel IS 'UPDATE parcel SET'"),
        ("REINDEX TABLE parcel", "REINDEX TABLE CONCURRENTLY parcel"),
    ],
)  # fmt: skip
def test_sql_that_makes_pages_wait(lint, bad: str, good: str):
    [found] = lint(operations.RunSQL(bad))
    assert "Raw SQL" in found
    assert lint(operations.RunSQL(good)) == []


def test_what_is_not_atomic_stands_alone(lint):
    index = pg.AddIndexConcurrently("parcel", INDEX)
    assert lint(index) == []
    assert "alone" in lint(index, field("due", models.IntegerField(null=True)))[0]


def test_a_table_of_the_same_migration_and_a_first_migration_are_empty(lint):
    made = operations.CreateModel("Letter", [("id", models.BigAutoField(primary_key=True))])
    assert lint(made, operations.AddIndex("letter", models.Index(fields=["id"], name="letters"))) == []
    assert lint(operations.AddIndex("parcel", INDEX), initial=True) == []


def test_every_migration_of_hark_passes():
    assert list(checks.long_locks(MigrationLoader(None))) == []
