"""`hark up`: everything."""

import click


@click.command("up")
@click.option("--demo/--no-demo", default=True, help="On an empty database, create the demo brand (default).")
@click.option(
    "--no-backup", is_flag=True, help="Update a database that holds data without a backup before it."
)
def up_command(demo: bool, no_backup: bool) -> None:
    """Start everything: database, web, worker, jobs, collectors. Ctrl-C stops it."""
    from hark.ops import environment, supervisor, terminal

    if no_backup:
        terminal.warn("No backup will be made before an update.")
    supervisor.up(environment.read(), demo=demo, backup=not no_backup)
