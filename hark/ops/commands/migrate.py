"""`hark migrate`: bring the database to this version of the code."""

import click


@click.command("migrate")
@click.option(
    "--no-backup", is_flag=True, help="Change a database that holds data without a backup before it."
)
def migrate_command(no_backup: bool) -> None:
    """Prepare the database for this version of Hark, after a backup of it. `hark up` does so by itself.

    Exit code 1 when the database is newer than this code; nothing is changed then.
    """
    from hark.ops import environment, postgres, terminal, upgrading

    env = environment.read()
    started = False if env.database_url else postgres.start(env, terminal.say)
    try:
        if no_backup:
            terminal.warn("No backup is made before an update.")
        count = upgrading.apply(env, backup=not no_backup)
        terminal.done(
            f"{count} migrations applied." if count else "Nothing to do: the database is up to date."
        )
    finally:
        if started:
            postgres.stop(env)
