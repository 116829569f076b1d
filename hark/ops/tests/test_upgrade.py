"""An update of a living database: backed up first, never blocking pages for long, refused where the code is older."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from hark.ops import health, supervisor, upgrading
from hark.ops.backups import contents, making, places, restoring
from hark.ops.environment import Environment
from hark.ops.errors import OpsError
from hark.ops.models import BackupRun
from hark.ops.postgres import dsn
from hark.ops.tests.test_doctor import env as env

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("ops", "{before}")]
    operations = [migrations.RunSQL("ALTER TABLE brands_brand ADD COLUMN motto text")]
"""


@pytest.fixture
def next_release(settings, tmp_path: Path, monkeypatch) -> Iterator[None]:
    """Code with one more migration than the database has seen: a column for every brand."""
    package = f"next_release_{tmp_path.name}"
    folder, own = tmp_path / package, Path(upgrading.__file__).parent / "migrations"
    folder.mkdir()
    for path in own.glob("*.py"):
        (folder / path.name).write_text(path.read_text())
    last = max(path.stem for path in own.glob("0*.py"))
    (folder / "9000_motto.py").write_text(NEXT.format(before=last))
    monkeypatch.syspath_prepend(str(tmp_path))
    settings.MIGRATION_MODULES = {"ops": package}
    monkeypatch.setattr(health, "_migrated", False)
    yield
    ask("ALTER TABLE brands_brand DROP COLUMN IF EXISTS motto")
    ask("DELETE FROM django_migrations WHERE name = '9000_motto'")
    for name in [name for name in sys.modules if name.startswith(package)]:
        del sys.modules[name]


def ask(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def has_motto() -> bool:
    return bool(ask("SELECT 1 FROM information_schema.columns WHERE column_name = 'motto'"))


@contextmanager
def held(env: Environment) -> Iterator[psycopg.Connection]:
    """Somebody reads the brands and doesn't come to an end."""
    with psycopg.connect(dsn(env)) as reader:
        reader.execute("SELECT count(*) FROM brands_brand")
        yield reader


def test_a_database_that_holds_data_is_backed_up_first(env, ternway, next_release):
    assert health.pending() == ["ops.9000_motto"]
    assert upgrading.apply(env) == 1
    assert has_motto()
    run = BackupRun.objects.get()
    assert (run.why, run.problem) == ("upgrade", "")
    with contents.connected(dsn(env)) as asking:
        restoring.restore(
            env, places.Folder(env.data / "backups"), Path(run.place).name, may_replace=lambda _: True
        )
        assert not asking.execute(
            "SELECT 1 FROM information_schema.columns WHERE column_name = 'motto'"
        ).fetchone()
    upgrading.apply(env, backup=False)
    assert has_motto()


def test_an_empty_database_or_a_flag_needs_no_backup(env, next_release, request):
    assert upgrading.apply(env) == 1
    assert not (env.data / "backups").exists()
    ask("ALTER TABLE brands_brand DROP COLUMN motto")
    ask("DELETE FROM django_migrations WHERE name = '9000_motto'")
    request.getfixturevalue("ternway")
    assert upgrading.apply(env, backup=False) == 1
    assert not (env.data / "backups").exists()


def test_without_its_backup_nothing_is_changed(env, ternway, next_release):
    (env.data / "backups").write_text("a file, where the folder should be")
    with pytest.raises(OpsError, match=r"Nothing was changed.*--no-backup"):
        upgrading.apply(env)
    assert not has_motto()


def test_pages_answer_while_a_migration_waits_for_a_busy_table(env, ines, next_release, client, monkeypatch):
    """The migration wants what a long report holds; whoever comes behind it waits no longer than it does."""
    monkeypatch.setattr(upgrading, "LOCK_SECONDS", 0.3)
    monkeypatch.setattr(upgrading, "PAUSE_SECONDS", 0.2)
    client.force_login(ines.user)
    assert client.get("/", follow=True).status_code == 200
    done, problems = threading.Event(), list[BaseException]()

    def update() -> None:
        try:
            upgrading.apply(env, backup=False)
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()
            done.set()

    answers, longest, began = list[int](), 0.0, time.monotonic()
    with held(env) as report:
        thread = threading.Thread(target=update)
        thread.start()
        while not done.is_set():
            before = time.monotonic()
            answers.append(client.get("/", follow=True).status_code)
            longest = max(longest, time.monotonic() - before)
            if before - began > 2:
                report.rollback()  # the report comes to its end
        thread.join()
    assert not problems
    assert has_motto()
    assert set(answers) == {200}
    assert len(answers) > 5
    assert longest < 1.5


def test_a_table_that_stays_busy_is_said(env, ternway, next_release, monkeypatch):
    monkeypatch.setattr(upgrading, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(upgrading, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(upgrading, "TRIES", 2)
    with held(env), pytest.raises(OpsError, match="stays busy"):
        upgrading.apply(env, backup=False)
    assert not has_motto()
    assert ask("SHOW lock_timeout") == [("0",)]


def test_older_code_refuses_a_newer_database_and_a_newer_backup(env, ternway):
    at = places.Folder(env.data / "backups")
    ask("INSERT INTO django_migrations (app, name, applied) VALUES ('cases', '9999_future', now())")
    try:
        making.make(env, at, "newer.tar")
        with pytest.raises(OpsError, match="newer than this code"):
            upgrading.apply(env)
        with pytest.raises(OpsError, match="newer than this code"):
            supervisor.alone(env, "worker")
    finally:
        ask("DELETE FROM django_migrations WHERE name = '9999_future'")
    with pytest.raises(OpsError, match=r"backup is newer than this code.*cases\.9999_future"):
        restoring.restore(env, at, "newer.tar", may_replace=lambda _: True)
    assert ask("SELECT count(*) FROM brands_brand") == [(1,)]
