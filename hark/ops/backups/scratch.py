"""A scratch database to restore into, so that a backup is proven and not believed. It goes again, also after a crash."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import conninfo, sql

from hark.ops.backups import archive, contents, places, tools
from hark.ops.backups.encryption import Lock, is_sealed
from hark.ops.backups.places import Place
from hark.ops.environment import Environment
from hark.ops.errors import OpsError
from hark.ops.postgres import dsn

LOCK = 4_827_153_002  # an advisory lock of the real database: whoever holds it owns the scratch one
ENDING = "_hark_scratch"


def verify(env: Environment, at: Place, name: str, lock: Lock) -> archive.Manifest:
    """Fetch a backup, check every sum in it, restore it into a scratch database and compare every table.

    Touches nothing of what is there. Raises OpsError for the first thing that is wrong.
    """
    try:
        with places.workroom(at, "verify") as room:
            whole = at.fetch(name, room)
            with archive.opened(unsealed(whole, room, lock)) as (tar, manifest):
                dump = room / "database.dump"
                archive.extract(tar, "database.dump", dump, manifest.dump_sha256)
                for path, digest in manifest.media.items():
                    archive.check(tar, f"media/{path}", digest)
                with database(env) as address:
                    tools.load(address, dump, _newest(manifest, address), len(manifest.tables))
                    with contents.connected(address) as connection:
                        contents.compare(connection, manifest)
                return manifest
    except FileNotFoundError:
        raise OpsError(f"There is no backup {at.shown(name)}.") from None
    except OSError as error:
        raise OpsError(f"{at.shown(name)} can't be verified: {error.strerror or error}.") from error


def unsealed(whole: Path, room: Path, lock: Lock) -> Path:
    """The file itself, or its plain copy in the room."""
    if not is_sealed(whole):
        return whole
    plain = room / "plain.tar"
    lock.open(whole, plain)
    return plain


@contextmanager
def database(env: Environment) -> Iterator[str]:
    """The address of an empty scratch database beside the real one."""
    with contents.connected(dsn(env)) as connection:
        if not connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone() == (True,):
            raise OpsError("Another backup is being verified: wait for that one.")
        name = connection.info.dbname + ENDING
        try:
            _drop(connection, name)
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0")
            connection.execute(statement.format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            user = connection.info.user
            raise OpsError(
                f"A backup is verified in a scratch database, and {user} may not make one: ALTER ROLE {user} CREATEDB."
            ) from None
        try:
            yield conninfo.make_conninfo(dsn(env), dbname=name)
        finally:
            _drop(connection, name)


def sweep(env: Environment) -> None:
    """Drop the scratch database that a killed verification left behind."""
    with contents.connected(dsn(env)) as connection:
        name = connection.info.dbname + ENDING
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if there and connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone() == (True,):
            _drop(connection, name)


def _drop(connection: contents.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _newest(manifest: archive.Manifest, address: str) -> int:
    with contents.connected(address) as connection:
        return max(manifest.server_version, connection.info.server_version // 10000)
