"""Backups that are made by themselves, noted as rows of BackupRun, verified now and then, and let go when old."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from django.db import connection
from django.utils import timezone

from hark.ops.backups import encryption, making, places, scratch, settings
from hark.ops.backups.places import Place
from hark.ops.backups.settings import BackupSettings
from hark.ops.environment import Environment
from hark.ops.errors import OpsError
from hark.ops.models import BackupRun

NAME = re.compile(r"hark-(\d{8}-\d{6})\.tar(\.age)?")
AGAIN_AFTER_FAILURE = timedelta(hours=1)
SPARE_BYTES = 500 * 2**20  # what a backup by schedule leaves free, so that messages can be taken in meanwhile
KEEP_ROWS = timedelta(days=400)


def run_if_due(env: Environment) -> BackupRun | None:
    """One backup when it is time for one, with what belongs to it. The failure is in the row, not raised."""
    scratch.sweep(env)
    chosen = settings.read(env)
    if chosen.every is None or timezone.now() < next_at(chosen.every):
        return None
    run = back_up(env, BackupRun.Why.SCHEDULE)
    if not run.problem:
        try:
            let_go(places.place(chosen, env), chosen)
            if _verification_is_due(chosen):
                name = run.place.rpartition("/")[2]
                scratch.verify(env, places.place(chosen, env), name, encryption.lock(chosen))
                run.verified_at = timezone.now()
        except (OpsError, OSError, psycopg.Error) as error:
            run.problem = _in_words(error)
    run.save()
    BackupRun.objects.filter(started_at__lt=timezone.now() - KEEP_ROWS).delete()
    return run


def next_at(every: timedelta) -> datetime:
    """When the next one is due: the first so long after the database was made, and sooner after a failure."""
    last = BackupRun.objects.filter(why=BackupRun.Why.SCHEDULE).order_by("-started_at").first()
    if last:
        return last.started_at + (min(every, AGAIN_AFTER_FAILURE) if last.problem else every)
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(applied) FROM django_migrations")
        made: datetime = cursor.fetchone()[0]
    return made + every


def back_up(env: Environment, why: str) -> BackupRun:
    """Make one at the place of the settings. The row is not saved yet: before an update its table may be missing."""
    run = BackupRun(why=why, started_at=timezone.now(), place=settings.read(env).to)
    try:
        chosen = settings.read(env)
        at, lock = places.place(chosen, env), encryption.lock(chosen)
        _leave_room(env, at.workshop)
        made = making.make(env, at, making.new_name(lock), lock=lock)
        run.place, run.size = made.place, made.bytes
    except (OpsError, OSError, psycopg.Error) as error:
        run.problem = _in_words(error)
    run.finished_at = timezone.now()
    return run


def let_go(at: Place, chosen: BackupSettings) -> list[str]:
    """Delete what is older than the settings keep: the newest of each of the last days and weeks stays."""
    found = {name: made for name in at.names() if (made := _time_of(name))}
    newest_first = sorted(found, key=lambda name: found[name], reverse=True)
    kept: set[str] = set()
    for period, most in (("%Y-%m-%d", chosen.keep_days), ("%G-%V", chosen.keep_weeks)):
        first_of: dict[str, str] = {}
        for name in newest_first:
            first_of.setdefault(f"{found[name]:{period}}", name)
        kept |= set(list(first_of.values())[:most])
    gone = [name for name in newest_first if name not in kept]
    for name in gone:
        at.delete(name)
    return gone


def _verification_is_due(chosen: BackupSettings) -> bool:
    lock = encryption.lock(chosen)
    if chosen.verify_every is None or (lock.seals and not lock.opens):
        return False
    since = timezone.now() - chosen.verify_every
    return not BackupRun.objects.filter(verified_at__gt=since).exists()


def _leave_room(env: Environment, workshop: Path) -> None:
    """A backup must never be what fills the disk. A dump is smaller than its database; it is there twice for a while."""
    workshop.mkdir(parents=True, exist_ok=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        needed = int(cursor.fetchone()[0]) + SPARE_BYTES
    needed += sum(path.stat().st_size for path in env.media.rglob("*") if path.is_file())
    free = shutil.disk_usage(workshop).free
    if free < needed:
        raise OpsError(
            f"There is too little room for a backup in {workshop}: {free / 1e9:.1f} GB free, "
            f"{needed / 1e9:.1f} GB wanted."
        )


def _in_words(error: Exception) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__


def _time_of(name: str) -> datetime | None:
    found = NAME.fullmatch(name)
    try:
        return datetime.strptime(found[1], "%Y%m%d-%H%M%S").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
