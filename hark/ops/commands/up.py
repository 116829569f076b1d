"""`hark up`: everything."""

import click


@click.command("up")
@click.option("--demo/--no-demo", default=True, help="On an empty database, create the demo brand (default).")
def up_command(demo: bool) -> None:
    """Start everything: database, web, worker, jobs, collectors. Ctrl-C stops it."""
    from hark.ops import environment, supervisor

    supervisor.up(environment.read(), demo=demo)
