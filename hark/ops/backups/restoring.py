"""`hark restore`: put a backup in place, compare it, and on any doubt leave everything as it was."""

import contextlib
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hark import erasures
from hark.ops import keys
from hark.ops.backups import archive, contents, places, scratch, tools
from hark.ops.backups.archive import Manifest
from hark.ops.backups.contents import Connection
from hark.ops.backups.encryption import Lock
from hark.ops.backups.places import Place
from hark.ops.environment import Environment
from hark.ops.errors import OpsError
from hark.ops.postgres import dsn

# Two schemas that outlive a kill: one holds what was there until the restored one has been compared, the other says
# that the erasures since the backup have to be replayed before anybody may read.
ASIDE = "hark_before_restore"
TO_REPLAY = "hark_erasures_to_replay"


def restore(
    env: Environment,
    at: Place,
    name: str,
    *,
    lock: Lock | None = None,
    may_replace: Callable[[Manifest], bool] = lambda manifest: False,
    without_erasures: bool = False,
) -> Manifest:
    """Put a backup in place. Whoever calls it then applies migrations, which replays erasures too.

    Everything is fetched, opened and checked before anything is touched. Raises OpsError for a database that isn't
    empty (unless may_replace says so), a damaged file, a backup newer than the code, or contents that differ.
    """
    env.data.mkdir(parents=True, exist_ok=True)
    here = places.Folder(env.data)
    with contents.connected(dsn(env)) as connection:
        finish_interrupted(connection)
        try:
            with places.workroom(here, "restore") as room:
                whole = at.fetch(name, room)
                with archive.opened(scratch.unsealed(whole, room, lock or Lock())) as (tar, manifest):
                    _refuse_a_newer_backup(manifest)
                    dump, media = _unpacked(tar, manifest, room)
                    with contextlib.suppress(FileNotFoundError):
                        erasures.merge(at.fetch(erasures.FILE, room), env.data)
                    if not without_erasures:
                        _refuse_without_their_key(env, room)
                    if not contents.is_empty(connection) and not may_replace(manifest):
                        raise OpsError(
                            "The database isn't empty. To replace what is in it: hark restore --force FILE"
                        )
                    _replace_database(env, connection, manifest, dump, replay=not without_erasures)
                    _replace_folder(env.media, media)
                    if manifest.with_keys:
                        _replace_keys(env, room / "keys")
        except FileNotFoundError:
            raise OpsError(f"There is no backup {at.shown(name)}.") from None
        except OSError as error:
            raise OpsError(f"The backup can't be put back: {error.strerror or error}.") from error
    return manifest


def has_schema(connection: Any, name: str) -> bool:
    """Of ASIDE: a restore was killed half-way. Of TO_REPLAY: erasures wait."""
    return bool(connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [name]).fetchone())


def finish_interrupted(connection: Connection) -> None:
    """Put back what had been set aside, if anything is."""
    if not has_schema(connection, ASIDE):
        return
    with connection.transaction():
        _move_extensions(connection, "public", ASIDE)
        connection.execute("DROP SCHEMA IF EXISTS public CASCADE")
        connection.execute(f"ALTER SCHEMA {ASIDE} RENAME TO public")


def _refuse_a_newer_backup(manifest: Manifest) -> None:
    from hark.ops import django_setup, health

    django_setup.load()
    if newer := health.unknown_to_code(manifest.migrations):
        raise OpsError(
            f"The backup is newer than this code: it knows {newer[-1]}, which the code doesn't. Update the code first."
        )


def _unpacked(tar: Any, manifest: Manifest, room: Path) -> tuple[Path, Path]:
    dump, media = room / "database.dump", room / "media"
    archive.extract(tar, "database.dump", dump, manifest.dump_sha256)
    media.mkdir()
    for path, digest in manifest.media.items():
        if not archive.is_plain(path):
            raise OpsError(f"The backup names a file outside of its media folder: {path!r}.")
        archive.extract(tar, f"media/{path}", media / path, digest)
    if manifest.with_keys:
        for name in (name for name in tar.getnames() if name.startswith("keys/") and archive.is_plain(name)):
            archive.extract(tar, name, room / "keys" / Path(name).name)
    return dump, media


def _refuse_without_their_key(env: Environment, room: Path) -> None:
    """What is on the list is named by a keyed hash: without the key nobody can tell what had been erased."""
    files = [folder / keys.ERASURES for folder in (room / "keys", env.keys)]
    known = {
        erasures.mark(key.encode()) for path in files if path.exists() for key in path.read_text().split()
    }
    if missing := erasures.marks(env.data) - known:
        raise OpsError(
            f"{env.data / erasures.FILE} names what customers deleted since, by a key that isn't in {env.keys} "
            f"({', '.join(sorted(missing))}): put your copy of that folder there first, so that it stays deleted. "
            "With --without-erasures it comes back."
        )


def _replace_database(
    env: Environment, connection: Connection, manifest: Manifest, dump: Path, *, replay: bool
) -> None:
    with connection.transaction():
        connection.execute(f"ALTER SCHEMA public RENAME TO {ASIDE}")
        connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        if replay:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {TO_REPLAY}")
        _move_extensions(connection, ASIDE, "public")
    try:
        version = max(manifest.server_version, connection.info.server_version // 10000)
        tools.load(dsn(env), dump, version, len(manifest.tables))
        contents.compare(connection, manifest)
    except BaseException as error:
        finish_interrupted(connection)
        if isinstance(error, OpsError):
            raise OpsError(f"{error} The database is as it was before.") from error
        raise
    connection.execute(f"DROP SCHEMA {ASIDE} CASCADE")


def _move_extensions(connection: Connection, source: str, target: str) -> None:
    """Extensions belong to the database, not to the data: they stay in whichever schema is the living one."""
    from psycopg import sql

    rows = connection.execute(
        "SELECT extname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE nspname = %s",
        [source],
    ).fetchall()
    for (name,) in rows:
        statement = sql.SQL("ALTER EXTENSION {} SET SCHEMA {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(target)))


def _replace_folder(old: Path, new: Path) -> None:
    aside = old.with_name(f"{old.name}.before-restore")
    shutil.rmtree(aside, ignore_errors=True)
    if old.exists():
        old.rename(aside)
    new.chmod(0o755)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)


def _replace_keys(env: Environment, folder: Path) -> None:
    """The backup's keys take the place of those here, which are kept beside them under the time of day.

    Only those of the list of erasures are added up: the list may be older or younger than the backup.
    """
    own = env.keys / keys.ERASURES
    others = own.read_text() if own.exists() else ""
    folder.chmod(0o700)
    if env.keys.exists():
        env.keys.rename(env.keys.with_name(f"keys.before-{datetime.now(UTC):%Y%m%d-%H%M%S}"))
    folder.rename(env.keys)
    keys.add_erasures(env, others)
