"""`hark migrate`: bring the database to this version of the code."""

import click


@click.command("migrate")
def migrate_command() -> None:
    """Prepare the database for this version of Hark. `hark up` does so by itself."""
    from hark.ops import environment, migrations, postgres, terminal

    env = environment.read()
    started = False if env.database_url else postgres.start(env, terminal.say)
    try:
        count = migrations.apply()
        terminal.done(
            f"{count} migrations applied." if count else "Nothing to do: the database is up to date."
        )
    finally:
        if started:
            postgres.stop(env)
