"""Bring the database to this version of the code, with a bar to watch."""

from typing import Any

from hark.ops import django_setup, terminal
from hark.ops.backup import ASIDE
from hark.ops.errors import OpsError

LOCK = 4_827_153_001  # an advisory lock: of several machines that start at once, one migrates and the others wait


def apply() -> int:
    """Apply what is missing; how many that were. Raises OpsError when the database is newer than the code."""
    django_setup.load()
    from django.core.management import call_command
    from django.db import OperationalError, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            _refuse_half_a_restore()
            _refuse_a_newer_database()
            from hark.ops import health

            pending = health.pending()
            if pending:
                with terminal.progress("Preparing the database", len(pending)) as (bar, task):
                    call_command(_command(lambda: bar.advance(task)), interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
            return len(pending)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    except OperationalError as error:
        raise OpsError(f"The database doesn't answer: {str(error).strip().splitlines()[0]}") from error


def _refuse_half_a_restore() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [ASIDE])
        if cursor.fetchone():
            raise OpsError(
                "A restore was interrupted half-way: run `hark restore` again. Nothing has been lost."
            )


def _refuse_a_newer_database() -> None:
    from hark.ops import health

    if newer := health.unknown():
        raise OpsError(
            f"The database is newer than this code: it knows {', '.join(newer[-3:])}, which the code doesn't. "
            "Update the code, or restore a backup made before the update."
        )


def _command(advance: Any) -> Any:
    from django.core.management.commands.migrate import Command

    class Watched(Command):
        def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
            if action == "apply_success":
                advance()

    return Watched()
