"""`hark db`: the embedded PostgreSQL by hand."""

import os
import sys

import click

from hark.ops import environment, postgres
from hark.ops.environment import Environment
from hark.ops.errors import OpsError
from hark.ops.postgres import place, processes, programs
from hark.ops.terminal import done, out, say


@click.group("db")
def db_command() -> None:
    """Start, stop and look into the database that Hark keeps for itself."""


@db_command.command()
def start() -> None:
    """Start it and leave it running."""
    env = _embedded()
    done("PostgreSQL started." if postgres.start(env, say) else "PostgreSQL was running already.")
    out.print(postgres.dsn(env), markup=False)


@db_command.command()
def stop() -> None:
    """Stop it. What runs on it (`hark up`) will complain and start it again."""
    done("PostgreSQL stopped." if postgres.stop(_embedded()) else "PostgreSQL wasn't running.")


@db_command.command()
def status() -> None:
    """Say whether it runs and where; exit code 1 when it doesn't."""
    env = _embedded()
    found = place.find(env)
    pid = processes.postmaster_pid(found.home) if postgres.is_running(env) else None
    out.print(
        f"data      {found.home}\naddress   {postgres.dsn(env)}\nruns as   {found.runner.name}", markup=False
    )
    out.print(f"process   {pid or 'not running'}", markup=False)
    sys.exit(0 if pid else 1)


@db_command.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open psql on Hark's database, wherever that is. Arguments are psql's own."""
    env = environment.read()
    if not env.database_url and not postgres.is_running(env):
        raise OpsError("PostgreSQL isn't running: start it with `hark db start` or `hark up`.")
    program = programs.directory() / "psql"
    os.execv(program, [str(program), postgres.dsn(env), *arguments])  # noqa: S606  psql takes our place here


def _embedded() -> Environment:
    env = environment.read()
    if env.database_url:
        raise OpsError("HARK_DATABASE_URL names a server that is not Hark's own: use that server's tools.")
    return env
