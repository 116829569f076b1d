"""Django, loaded when a command needs it and not before; and the database such a command can rely on."""

import contextlib
import fcntl
import os
from collections.abc import Iterator

from hark.ops import environment, postgres
from hark.ops.errors import OpsError
from hark.ops.terminal import say

SUPERVISOR_LOCK = "supervisor.lock"


def load() -> None:
    """Django set up with Hark's settings. Safe to call again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hark.config.settings")
    import django

    django.setup()


@contextlib.contextmanager
def database() -> Iterator[None]:
    """A database that answers and is migrated, and Django on top.

    An embedded PostgreSQL that had to be started for this one command is stopped after it, unless `hark up` came
    meanwhile.
    """
    env = environment.read()
    started = postgres.start(env, say) if not env.database_url else False
    try:
        load()
        _must_be_migrated()
        yield
    finally:
        if started and not is_up(env):
            from django.db import connections

            connections.close_all()
            postgres.stop(env)


def is_up(env: environment.Environment) -> bool:
    """Whether a supervisor runs on this data directory."""
    try:
        with (env.data / SUPERVISOR_LOCK).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def pending_migrations() -> list[str]:
    """What the database lacks of this code. Raises OpsError when it doesn't answer."""
    from django.db import OperationalError

    from hark.ops import health

    try:
        return health.pending()
    except OperationalError as error:
        raise OpsError(f"The database doesn't answer: {str(error).strip().splitlines()[0]}") from error


def _must_be_migrated() -> None:
    if pending_migrations():
        raise OpsError(
            "The database isn't prepared for this version of Hark yet: run `hark migrate` or `hark up`."
        )
