"""Backups that are proven by a restore, made by schedule, let go when old; and failures that operators get to see."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from hark.ops import doctor, environment, tasks
from hark.ops.backups import archive, contents, encryption, making, places, schedule, scratch, settings
from hark.ops.environment import Environment
from hark.ops.errors import OpsError
from hark.ops.models import BackupRun
from hark.ops.postgres import dsn
from hark.ops.tests.test_doctor import env as env

pytestmark = pytest.mark.django_db(transaction=True)
PLAIN = encryption.Lock()


@pytest.fixture
def at(env: Environment) -> places.Folder:
    return places.Folder(env.data / "backups")


def scratches(env: Environment) -> list[str]:
    with psycopg.connect(dsn(env)) as asking:
        ending = f"{asking.info.dbname}{scratch.ENDING}"
        return [
            name for (name,) in asking.execute("SELECT datname FROM pg_database WHERE datname = %s", [ending])
        ]


def test_a_backup_is_proven_by_restoring_it_elsewhere(env, at, practice):
    practice.says("maya", "My parcel is late — ¿dónde está? 📦")
    (env.media / "ternway").mkdir(parents=True)
    (env.media / "ternway" / "picture.png").write_bytes(os.urandom(5000))
    made = making.make(env, at, "hark.tar")
    practice.says("maya", "Still nothing!")  # what comes after it makes no difference

    proven = scratch.verify(env, at, "hark.tar", PLAIN)
    assert proven.tables["cases_message"] == 1
    assert (proven.rows, len(proven.media)) == (made.rows, made.files) == (made.rows, 1)
    assert scratches(env) == []


def test_a_backup_that_lost_or_changed_something_is_found_out(env, at, practice):
    practice.says("maya", "My parcel is late")
    making.make(env, at, "hark.tar")
    with archive.opened(at.path / "hark.tar") as (tar, manifest):
        archive.extract(tar, "database.dump", at.path / "database.dump")
    assert manifest.sums["cases_message"] != "0"
    manifest.sums["cases_message"] = "1"  # as if another text had been there
    archive.write(at.path / "lying.tar", manifest, at.path / "database.dump", env.media, None)
    with pytest.raises(OpsError, match="cases_message holds other rows"):
        scratch.verify(env, at, "lying.tar", PLAIN)
    with pytest.raises(OpsError, match="There is no backup"):
        scratch.verify(env, at, "nowhere.tar", PLAIN)
    assert scratches(env) == []


def test_a_scratch_database_left_by_a_crash_goes_but_never_one_in_use(env):
    with psycopg.connect(dsn(env), autocommit=True) as killed:
        killed.execute(f'CREATE DATABASE "{killed.info.dbname}{scratch.ENDING}"')
    with scratch.database(env) as address, contents.connected(address) as inside:
        assert contents.is_empty(inside)
        scratch.sweep(env)
        assert len(scratches(env)) == 1
        with pytest.raises(OpsError, match="Another backup is being verified"), scratch.database(env):
            pass
    assert scratches(env) == []
    with psycopg.connect(dsn(env), autocommit=True) as killed:
        killed.execute(f'CREATE DATABASE "{killed.info.dbname}{scratch.ENDING}"')
    scratch.sweep(env)
    assert scratches(env) == []


def test_the_schedule_makes_a_sealed_one_proves_it_and_waits(env, at, ternway, monkeypatch):
    encryption.make_key(env.data / "backup-key")
    monkeypatch.setenv("HARK_BACKUP_KEY_FILE", str(env.data / "backup-key"))
    monkeypatch.setenv("HARK_DATA", str(env.data))
    monkeypatch.setenv("HARK_DATABASE_URL", env.database_url or "")
    BackupRun.objects.create(
        why="schedule", started_at=timezone.now() - timedelta(hours=25), finished_at=timezone.now(), place="x"
    )
    tasks._back_up()
    run = BackupRun.objects.latest("started_at")
    assert run.problem == ""
    assert run.verified_at
    assert run.why == "schedule"
    assert run.size == Path(run.place).stat().st_size > 10_000
    assert encryption.is_sealed(Path(run.place))

    tasks._back_up()
    assert BackupRun.objects.count() == 2
    assert {(finding.about, finding.state) for finding in doctor.examine(env)} >= {("backups", "ok")}


def test_a_failure_is_kept_shown_and_tried_again_within_the_hour(env, ternway, monkeypatch):
    (env.data / "taken").write_text("a file, where a folder should be")
    monkeypatch.setenv("HARK_BACKUP_TO", str(env.data / "taken"))
    monkeypatch.setattr(schedule, "next_at", lambda every: timezone.now() - timedelta(seconds=1))
    run = schedule.run_if_due(env)
    assert run
    assert "taken" in run.problem
    monkeypatch.undo()

    [finding] = [finding for finding in doctor.examine(env) if finding.about == "backups"]
    assert finding.state == "broken"
    assert run.problem in finding.text
    day = timedelta(hours=24)
    assert schedule.next_at(day) == run.started_at + schedule.AGAIN_AFTER_FAILURE
    BackupRun.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(applied) FROM django_migrations")
        assert schedule.next_at(day) == cursor.fetchone()[0] + day


def test_a_backup_never_fills_the_disk(env, ternway, monkeypatch):
    monkeypatch.setattr(schedule, "SPARE_BYTES", 2**60)
    run = schedule.back_up(env, "schedule")
    assert "too little room" in run.problem


def test_one_that_is_overdue_is_shown(env, ternway):
    long_ago = timezone.now() - timedelta(days=3)
    BackupRun.objects.create(why="schedule", started_at=long_ago, finished_at=long_ago, place="/b/hark.tar")
    found = [finding for finding in doctor.examine(env) if finding.about == "backups"]
    assert [finding.state for finding in found] == ["broken", "warning"]
    assert "overdue" in found[0].text
    assert "proven" in found[1].text


def test_the_newest_of_each_of_the_last_days_and_weeks_is_kept(env, at):
    at.path.mkdir()
    newest = datetime(2026, 3, 31, 3, 0, tzinfo=UTC)
    for hours in range(0, 24 * 70, 8):
        (at.path / f"hark-{newest - timedelta(hours=hours):%Y%m%d-%H%M%S}.tar").write_text("x")
    for other in ("hark.tar", "hark-99999999-999999.tar", "holiday.jpg"):
        (at.path / other).write_text("x")
    schedule.let_go(at, settings.read(env, {"HARK_BACKUP_KEEP": "7+4"}))
    assert at.names() == [
        "hark-20260315-190000.tar",
        "hark-20260322-190000.tar",
        *(f"hark-202603{day}-190000.tar" for day in range(25, 31)),
        "hark-20260331-030000.tar",
        "hark-99999999-999999.tar",
        "hark.tar",
        "holiday.jpg",
    ]


def test_somebody_who_may_not_make_databases_is_told_what_to_grant(env, at):
    with psycopg.connect(dsn(env), autocommit=True) as server:
        server.execute("DROP ROLE IF EXISTS hark_modest")
        server.execute("CREATE ROLE hark_modest LOGIN")
    modest = environment.read(
        {"HARK_DATA": str(env.data), "HARK_DATABASE_URL": f"{env.database_url} user=hark_modest"}
    )
    try:
        with pytest.raises(OpsError, match="ALTER ROLE hark_modest CREATEDB"), scratch.database(modest):
            pass
    finally:
        with psycopg.connect(dsn(env), autocommit=True) as server:
            server.execute("DROP ROLE hark_modest")
