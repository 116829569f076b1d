"""`hark backup` and `hark restore`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from hark.ops.terminal import done, out, say, warn


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option(
    "--with-keys",
    is_flag=True,
    help="With the keys: whoever has the file can open credentials.",
)
@click.option("--force", is_flag=True, help="Write over FILE when it exists.")
def backup_command(file: Path | None, with_keys: bool, force: bool) -> None:
    """Write database and media into one tar file (default: $HARK_DATA/backups/hark-<time>.tar).

    Taken while Hark runs: the database is copied as it was at one moment.
    """
    from hark.ops import backup, django_setup, environment
    from hark.ops.errors import OpsError

    env = environment.read()
    target = file or env.data / "backups" / f"hark-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"
    if target.exists() and not force:
        raise OpsError(f"{target} exists already: choose another name, or write over it with --force.")
    with django_setup.database():
        made = backup.make(env, target, with_keys=with_keys)
    done(
        f"{target} ({made.bytes / 1e6:.1f} MB): {made.rows} rows of {made.tables} tables, {made.files} media files."
    )
    if not with_keys:
        say(f"The keys in {env.keys} are not in it: keep a copy of that folder apart from it.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace what is in the database now.")
def restore_command(file: Path, force: bool) -> None:
    """Put back what `hark backup` wrote, and compare the counts. Stop `hark up` first."""
    from hark.ops import backup, django_setup, environment, postgres
    from hark.ops.errors import OpsError

    env = environment.read()
    if django_setup.is_up(env):
        raise OpsError("Hark is running on this data: stop it, restore, then start it again.")
    started = False if env.database_url else postgres.start(env, say)
    try:
        restored = backup.restore(env, file, force=force)
    finally:
        if started:
            postgres.stop(env)
    done(
        f"Restored and compared: {restored.rows} rows of {restored.tables} tables, {restored.files} media files."
    )
    if restored.keys_missing:
        warn(f"The backup holds no keys: put your copy into {env.keys}, or connect the accounts anew.")
    out.print("Start Hark with `hark up`: it brings the database to this version.")
