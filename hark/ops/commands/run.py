"""`hark run`: one process alone, so that it can live on another machine."""

import click

from hark.ops.processes import PROCESSES


@click.command("run")
@click.argument("name", type=click.Choice(list(PROCESSES)))
def run_command(name: str) -> None:
    """Run one process in the foreground against a database that is there and migrated.

    \b
    web         pages, hooks and live topics
    worker      arrival, outbox and clocks
    jobs        back-fills, mail, periodic work
    collectors  streaming and polling accounts
    """
    from hark.ops import environment, postgres, supervisor
    from hark.ops.errors import OpsError

    env = environment.read()
    if not env.database_url and not postgres.is_running(env):
        raise OpsError("The database isn't running: start it with `hark db start` or `hark up`.")
    supervisor.alone(env, name)
