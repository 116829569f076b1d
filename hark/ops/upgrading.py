"""Bring the database to this version of the code: with a backup first, no long locks, and a bar to watch."""

import time
from collections.abc import Callable
from typing import Any

from hark.ops import django_setup, terminal
from hark.ops.backups import restoring
from hark.ops.environment import Environment
from hark.ops.errors import OpsError

LOCK = 4_827_153_001  # an advisory lock: of several machines that start at once, one migrates and the others wait
# A change of a table waits for whoever reads it, and everybody else waits behind it: so it waits shortly, and again.
# https://www.postgresql.org/docs/current/explicit-locking.html and runtime-config-client.html#GUC-LOCK-TIMEOUT
LOCK_SECONDS = 2.0
TRIES = 30
PAUSE_SECONDS = 1.0
LOCK_NOT_AVAILABLE = "55P03"  # https://www.postgresql.org/docs/current/errcodes-appendix.html


def apply(env: Environment, *, backup: bool = True) -> int:
    """Apply what is missing; how many that were. Then replay erasures, where a restore left some to do.

    A database that holds a brand is backed up before it is changed, unless backup is False.
    Raises OpsError when the database is newer than the code, or a table stays busy.
    """
    django_setup.load()
    from django.db import OperationalError, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            return _apply(env, backup)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    except OperationalError as error:
        raise OpsError(f"The database doesn't answer: {str(error).strip().splitlines()[0]}") from error


def refuse_a_newer_database() -> None:
    """Raises OpsError when the database knows a migration that this code doesn't."""
    from hark.ops import health

    if newer := health.unknown():
        raise OpsError(
            f"The database is newer than this code: it knows {', '.join(newer[-3:])}, which the code doesn't. "
            "Update the code, or restore a backup made before the update."
        )


def refuse_half_a_restore() -> None:
    """Raises OpsError while a restore has not been finished."""
    if _has_schema(restoring.ASIDE):
        raise OpsError("A restore was interrupted half-way: run `hark restore` again. Nothing has been lost.")


def refuse_before_replay() -> None:
    """Raises OpsError while erasures since the restored backup have to be replayed."""
    if _has_schema(restoring.TO_REPLAY):
        raise OpsError(
            "A backup was restored, and what was deleted since is not blanked yet: run `hark migrate`."
        )


def _apply(env: Environment, backup: bool) -> int:
    from django.core.management import call_command

    from hark.ops import health

    refuse_half_a_restore()
    refuse_a_newer_database()
    pending = health.pending()
    if pending:
        made = _back_up(env) if backup and _holds_data() else None
        with terminal.progress("Preparing the database", len(pending)) as (bar, task):
            _patiently(
                lambda: call_command(_command(lambda: bar.advance(task)), interactive=False, verbosity=0)
            )
        if made:
            made.save()
    call_command("createcachetable", verbosity=0)
    _replay(env)
    return len(pending)


def _back_up(env: Environment) -> Any:
    """The note of the backup, to be saved once its table is sure to be there."""
    from hark.ops.backups import schedule

    terminal.say("Backing up before the update … (--no-backup leaves that out)")
    made = schedule.back_up(env, "upgrade")
    if made.problem:
        raise OpsError(f"{made.problem} Nothing was changed. To update without a backup: --no-backup.")
    terminal.done(f"{made.place} ({made.size / 1e6:.1f} MB)")
    return made


def _holds_data() -> bool:
    """Whether there is a brand; in any version of the schema."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.brands_brand')")
        if cursor.fetchone()[0] is None:
            return False
        cursor.execute("SELECT EXISTS (SELECT FROM brands_brand)")
        return bool(cursor.fetchone()[0])


def _patiently(migrate: Callable[[], object]) -> None:
    """Again, when a table was busy: what was applied before stays applied."""
    from django.db import OperationalError, connection

    for _ in range(TRIES):
        try:
            migrate()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return
        finally:
            _set_lock_timeout(0, connection)
    raise OpsError(
        f"A table that has to change stays busy: each of {TRIES} tries waited {LOCK_SECONDS:g} s. "
        "End what holds it (a long report, a psql with an open transaction), or stop Hark, then try again."
    )


def _set_lock_timeout(seconds: float, connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds * 1000:.0f}ms"])


def _replay(env: Environment) -> None:
    if not _has_schema(restoring.TO_REPLAY):
        return
    from django.db import connection

    from hark.journeys import erasing

    if count := erasing.replay(env.data):
        terminal.done(f"{count} messages that were deleted since that backup have been blanked again.")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {restoring.TO_REPLAY}")


def _has_schema(name: str) -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)", [name])
        return bool(cursor.fetchone()[0])


def _command(advance: Callable[[], None]) -> Any:
    from django.core.management.commands.migrate import Command
    from django.db import connection

    class Watched(Command):
        def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
            if action == "apply_start":
                # What builds CONCURRENTLY is not atomic, blocks nobody, and would leave an invalid index behind.
                _set_lock_timeout(LOCK_SECONDS if migration.atomic else 0, connection)
            if action == "apply_success":
                advance()

    return Watched()
