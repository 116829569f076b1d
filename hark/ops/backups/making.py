"""`hark backup`: database and media as they were at one moment, with counts and sums to prove it."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hark import erasures
from hark.ops.backups import archive, contents, encryption, places, tools
from hark.ops.backups.archive import Manifest
from hark.ops.backups.encryption import Lock
from hark.ops.backups.places import Place
from hark.ops.environment import Environment
from hark.ops.errors import OpsError
from hark.ops.postgres import dsn

VERSION = "0.1.0"


@dataclass(frozen=True)
class Result:
    tables: int
    rows: int
    files: int
    place: str
    bytes: int


def new_name(lock: Lock) -> str:
    """hark-20260105-100000.tar, or ….tar.age."""
    return f"hark-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar{encryption.SUFFIX if lock.seals else ''}"


def make(
    env: Environment, at: Place, name: str, *, with_keys: bool = False, lock: Lock | None = None
) -> Result:
    """Write the backup. The counts in its manifest are of the very snapshot that was dumped.

    Raises OpsError. Takes, while it works, about twice the backup's size of room where it is made.
    """
    try:
        with places.workroom(at, "backup") as room:
            dump, whole = room / "database.dump", room / name
            manifest = _dump(env, dump, with_keys)
            archive.write(whole, manifest, dump, env.media, env.keys if with_keys else None)
            dump.unlink()
            if lock and lock.seals:
                plain = whole.rename(room / "plain.tar")
                lock.seal(plain, whole)
                plain.unlink()
            size = whole.stat().st_size
            at.put(whole, name)
            _lay_erasures_beside(env, at, room)
    except OSError as error:
        raise OpsError(
            f"The backup can't be written to {at.shown(name)}: {error.strerror or error}."
        ) from error
    return Result(len(manifest.tables), manifest.rows, len(manifest.media), at.shown(name), size)


def _lay_erasures_beside(env: Environment, at: Place, room: Path) -> None:
    """The list of erasures, with what the place knows already: an older backup than this one may be restored."""
    both = room / "both"
    both.mkdir()
    erasures.merge(env.data / erasures.FILE, both)
    with contextlib.suppress(FileNotFoundError):
        erasures.merge(at.fetch(erasures.FILE, room), both)
    if (both / erasures.FILE).exists():
        at.put(both / erasures.FILE, erasures.FILE)


def _dump(env: Environment, dump: Path, with_keys: bool) -> Manifest:
    with contents.connected(dsn(env)) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        [snapshot] = connection.execute("SELECT pg_export_snapshot()").fetchone() or [""]
        rows, sums = contents.of(connection)
        version = connection.info.server_version // 10000
        tools.dump(dsn(env), dump, snapshot, version, len(rows))
        applied = connection.execute(
            "SELECT app || '.' || name FROM django_migrations ORDER BY id"
        ).fetchall()
        connection.execute("ROLLBACK")
    return Manifest(
        hark=VERSION,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        server_version=version,
        migrations=[name for (name,) in applied],
        tables=rows,
        sums=sums,
        dump_sha256=archive.sha256(dump),
        media={},
        with_keys=with_keys,
    )
