"""`hark backup`, `hark restore` and `hark backups`."""

from pathlib import Path
from typing import Any

import click

from hark.ops.terminal import done, out, say, warn

KEY_FILE = click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An age key file that seals or opens the backup (HARK_BACKUP_KEY_FILE).",
)
ASK = click.option("--ask", is_flag=True, help="Ask for a passphrase (else HARK_BACKUP_PASSPHRASE).")


def _chosen(key_file: Path | None, ask: bool, *, twice: bool = False) -> tuple[Any, Any]:
    import dataclasses

    from hark.ops import environment
    from hark.ops.backups import settings

    env = environment.read()
    chosen = settings.read(env)
    if key_file:
        chosen = dataclasses.replace(chosen, key_file=key_file)
    if ask:
        given = click.prompt("Passphrase", hide_input=True, confirmation_prompt=twice)
        chosen = dataclasses.replace(chosen, key_file=None, passphrase=given)
    return env, chosen


@click.command("backup")
@click.argument("target", metavar="[FILE]", required=False)
@click.option("--with-keys", is_flag=True, help="With the keys: whoever has the file can open credentials.")
@click.option("--force", is_flag=True, help="Write over FILE when it exists.")
@click.option("--verify", is_flag=True, help="Then restore it into a scratch database and compare.")
@KEY_FILE
@ASK
def backup_command(
    target: str | None, with_keys: bool, force: bool, verify: bool, key_file: Path | None, ask: bool
) -> None:
    """Write database and media into one file: a path, or s3://bucket/name. Default: HARK_BACKUP_TO/hark-<time>.tar

    Taken while Hark runs: the database is copied as it was at one moment.
    """
    from hark.ops import django_setup
    from hark.ops.backups import encryption, making, places, scratch
    from hark.ops.errors import OpsError

    env, chosen = _chosen(key_file, ask, twice=True)
    lock = encryption.lock(chosen)
    if target:
        at, name = places.file(chosen, env, target)
    else:
        at, name = places.place(chosen, env), making.new_name(lock)
    if name in at.names() and not force:
        raise OpsError(
            f"{at.shown(name)} exists already: choose another name, or write over it with --force."
        )
    with django_setup.database():
        from django.utils import timezone

        from hark.ops.models import BackupRun

        run = BackupRun(why=BackupRun.Why.HAND, started_at=timezone.now(), place=at.shown(name))
        try:
            made = making.make(env, at, name, with_keys=with_keys, lock=lock)
            run.size = made.bytes
            if verify:
                scratch.verify(env, at, name, lock)
                run.verified_at = timezone.now()
        except OpsError as error:
            run.problem = str(error)
            raise
        finally:
            run.finished_at = timezone.now()
            run.save()
    done(
        f"{made.place} ({made.bytes / 1e6:.1f} MB): {made.rows} rows of {made.tables} tables, {made.files} media files."
    )
    if verify:
        done("Restored into a scratch database and compared: every table holds the same rows.")
    if not with_keys:
        say(f"The keys in {env.keys} are not in it: keep a copy of that folder apart from it.")


@click.command("restore")
@click.argument("source", metavar="FILE")
@click.option("--force", is_flag=True, help="Replace what is in the database now, without asking.")
@click.option(
    "--without-erasures", is_flag=True, help="Let what customers deleted since the backup come back."
)
@KEY_FILE
@ASK
def restore_command(
    source: str, force: bool, without_erasures: bool, key_file: Path | None, ask: bool
) -> None:
    """Put back what `hark backup` wrote: a path, or s3://bucket/name. Stop `hark up` first.

    The file is checked before anything is touched, and compared before what was there goes. Then the database is
    brought to this version, and what customers deleted since the backup is blanked again.
    """
    from hark.ops import django_setup, postgres, upgrading
    from hark.ops.backups import encryption, places, restoring
    from hark.ops.errors import OpsError

    env, chosen = _chosen(key_file, ask)
    if django_setup.is_up(env):
        raise OpsError("Hark is running on this data: stop it, restore, then start it again.")
    at, name = places.file(chosen, env, source)

    def may_replace(manifest: Any) -> bool:
        import sys

        if force or not sys.stdin.isatty():
            return force
        return click.confirm(f"Replace what is in the database by the backup of {manifest.made_at}?")

    started = False if env.database_url else postgres.start(env, say)
    try:
        restored = restoring.restore(
            env,
            at,
            name,
            lock=encryption.lock(chosen),
            may_replace=may_replace,
            without_erasures=without_erasures,
        )
        done(
            f"Restored and compared: {restored.rows} rows of {len(restored.tables)} tables, "
            f"{len(restored.media)} media files."
        )
        if applied := upgrading.apply(env, backup=False):
            done(f"Brought to this version ({applied} migrations).")
    finally:
        if started:
            from django.db import connections

            connections.close_all()
            postgres.stop(env)
    if not restored.with_keys:
        warn(f"The backup holds no keys: put your copy into {env.keys}, or connect the accounts anew.")
    out.print("Start Hark with `hark up`.")


@click.group("backups")
def backups_command() -> None:
    """Look at the backups there are, prove them, and make a key for them."""


@backups_command.command("list")
def list_() -> None:
    """What is at HARK_BACKUP_TO, newest last."""
    from hark.ops import environment
    from hark.ops.backups import places, settings

    env = environment.read()
    at = places.place(settings.read(env), env)
    for name in at.names():
        if name.endswith((".tar", ".age")):
            click.echo(at.shown(name))


@backups_command.command()
@click.argument("source", metavar="FILE")
@KEY_FILE
@ASK
def verify(source: str, key_file: Path | None, ask: bool) -> None:
    """Restore FILE into a scratch database on the same server, compare every table, drop it again.

    What is there is not touched. Exit code 1 when anything differs.
    """
    from hark.ops import django_setup
    from hark.ops.backups import encryption, places, scratch

    env, chosen = _chosen(key_file, ask)
    at, name = places.file(chosen, env, source)
    with django_setup.database():
        from django.utils import timezone

        from hark.ops.models import BackupRun

        manifest = scratch.verify(env, at, name, encryption.lock(chosen))
        BackupRun.objects.filter(place=at.shown(name), problem="").update(verified_at=timezone.now())
    done(
        f"{at.shown(name)}, made {manifest.made_at}: {manifest.rows} rows of {len(manifest.tables)} tables and "
        f"{len(manifest.media)} media files are what was written."
    )


@backups_command.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def key(file: Path) -> None:
    """Make an age key in FILE, for HARK_BACKUP_KEY_FILE. Keep FILE apart from the backups, and a copy of it.

    Lay a file with the public half alone on the server, and nobody can open backups there.
    """
    from hark.ops.backups import encryption

    public = encryption.make_key(file)
    done(f"{file}")
    out.print(f"Its public half: {public}", markup=False)
