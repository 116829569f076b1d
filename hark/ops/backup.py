"""`hark backup` and `hark restore`: database and media, as they were at one moment, proven by counts and sums."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from hark.ops import archive, terminal
from hark.ops.archive import Manifest
from hark.ops.environment import Environment
from hark.ops.errors import OpsError
from hark.ops.postgres import dsn, programs

VERSION = "0.1.0"
ASIDE = (
    "hark_before_restore"  # the schema that holds what was there, until the restored one has been compared
)
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Result:
    tables: int
    rows: int
    files: int
    bytes: int = 0
    keys_missing: bool = False


def make(env: Environment, target: Path, *, with_keys: bool) -> Result:
    """Write the backup. The counts in its manifest are of the very snapshot that was dumped."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".hark-backup-", dir=target.parent) as folder:
            dump = Path(folder) / "database.dump"
            manifest = _dump(env, dump, with_keys)
            manifest.media = _sums(env.media)
            archive.write(target, manifest, dump, env.media, env.keys if with_keys else None)
    except OSError as error:
        raise OpsError(f"The backup can't be written to {target}: {error.strerror or error}.") from error
    return Result(len(manifest.tables), manifest.rows, len(manifest.media), target.stat().st_size)


def restore(env: Environment, source: Path, *, force: bool) -> Result:
    """Put a backup in place, then compare it with its manifest; on any doubt everything stays as it was.

    Raises OpsError for a database that isn't empty (unless force), a damaged file, or counts that differ.
    """
    with _connected(env) as connection, archive.opened(source) as (tar, manifest):
        _finish_interrupted(connection)
        if _tables(connection) and not force:
            raise OpsError("The database isn't empty. To replace what is in it: hark restore --force FILE")
        try:
            with tempfile.TemporaryDirectory(prefix=".hark-restore-", dir=env.data) as folder:
                dump, media = Path(folder) / "database.dump", Path(folder) / "media"
                archive.extract(tar, "database.dump", dump, manifest.dump_sha256)
                media.mkdir()
                for path, digest in manifest.media.items():
                    if not archive.is_plain(path):
                        raise OpsError(f"The backup names a file outside of its media folder: {path!r}.")
                    archive.extract(tar, f"media/{path}", media / path, digest)
                _replace_database(env, connection, manifest, dump)
                _replace_folder(env.media, media)
                if manifest.with_keys:
                    _restore_keys(env, tar, Path(folder) / "keys")
        except OSError as error:
            raise OpsError(f"The backup can't be put back: {error.strerror or error}.") from error
    return Result(
        len(manifest.tables), manifest.rows, len(manifest.media), keys_missing=not manifest.with_keys
    )


def was_interrupted(connection: Any) -> bool:
    """Whether a restore was killed half-way: the database holds a part of it, with what was there set aside."""
    return bool(connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [ASIDE]).fetchone())


def _dump(env: Environment, dump: Path, with_keys: bool) -> Manifest:
    with _connected(env) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        [snapshot] = connection.execute("SELECT pg_export_snapshot()").fetchone() or [""]
        tables = _tables(connection)
        version = connection.info.server_version // 10000
        program = str(programs.directory(at_least=version) / "pg_dump")
        command = [program, "-Fc", "--verbose", "--schema=public", f"--snapshot={snapshot}", f"--file={dump}"]
        command += ["--no-owner", "--no-privileges", f"--dbname={dsn(env)}"]
        _run(command, "Copying the database", "dumping contents of table", len(tables))
        applied = connection.execute(
            "SELECT app || '.' || name FROM django_migrations ORDER BY id"
        ).fetchall()
        connection.execute("ROLLBACK")
    return Manifest(
        hark=VERSION,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        server_version=version,
        migrations=[name for (name,) in applied],
        tables=tables,
        dump_sha256=archive.sha256(dump),
        media={},
        with_keys=with_keys,
    )


def _replace_database(env: Environment, connection: Connection, manifest: Manifest, dump: Path) -> None:
    program = programs.directory(
        at_least=max(manifest.server_version, connection.info.server_version // 10000)
    )
    wanted = _everything_but_the_schema(program, dump)
    command = [str(program / "pg_restore"), "--verbose", "--no-owner", "--no-privileges", "--exit-on-error"]
    command += ["--single-transaction", f"--use-list={wanted}", f"--dbname={dsn(env)}", str(dump)]
    with connection.transaction():
        connection.execute(f"ALTER SCHEMA public RENAME TO {ASIDE}")
        connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        _move_extensions(connection, ASIDE, "public")
    try:
        _run(command, "Restoring the database", "processing data for table", len(manifest.tables))
        if (found := _tables(connection)) != manifest.tables:
            raise OpsError(_difference(found, manifest.tables))
    except BaseException:
        _finish_interrupted(connection)
        raise
    connection.execute(f"DROP SCHEMA {ASIDE} CASCADE")


def _everything_but_the_schema(program: Path, dump: Path) -> Path:
    """A list for pg_restore without "create schema public", which is there already."""
    listing = programs.run([str(program / "pg_restore"), "--list", str(dump)])
    if listing.returncode:
        raise OpsError(f"The backup is damaged: {listing.stdout.strip().splitlines()[-1]}")
    lines = [line for line in listing.stdout.splitlines() if " SCHEMA - public " not in line]
    wanted = dump.with_suffix(".list")
    wanted.write_text("\n".join(lines) + "\n")
    return wanted


def _finish_interrupted(connection: Connection) -> None:
    """Put back what had been set aside, if anything is."""
    if not was_interrupted(connection):
        return
    with connection.transaction():
        _move_extensions(connection, "public", ASIDE)
        connection.execute("DROP SCHEMA IF EXISTS public CASCADE")
        connection.execute(f"ALTER SCHEMA {ASIDE} RENAME TO public")


def _move_extensions(connection: Connection, source: str, target: str) -> None:
    """Extensions belong to the database, not to the data: they stay in whichever schema is the living one."""
    rows = connection.execute(
        "SELECT extname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE nspname = %s",
        [source],
    ).fetchall()
    for (name,) in rows:
        statement = sql.SQL("ALTER EXTENSION {} SET SCHEMA {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(target)))


def _tables(connection: Connection) -> dict[str, int]:
    counts = {}
    for (name,) in connection.execute(TABLES).fetchall():
        row = connection.execute(
            sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))
        ).fetchone()
        counts[str(name)] = int(row[0]) if row else 0
    return counts


def _difference(found: dict[str, int], meant: dict[str, int]) -> str:
    wrong = [name for name in sorted(found.keys() | meant.keys()) if found.get(name) != meant.get(name)]
    told = ", ".join(
        f"{name} has {found.get(name, 'no')} rows instead of {meant.get(name, 'none')}" for name in wrong[:3]
    )
    return f"What was restored differs from what was backed up ({told}). The database is as it was before."


def _run(command: list[str], what: str, mark: str, total: int) -> None:
    """Run pg_dump or pg_restore, moving a bar at each table it names."""
    with (
        terminal.progress(what, total) as (bar, task),
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=programs.clean_environment(),
        ) as running,
    ):
        said: list[str] = []
        for line in running.stderr or ():
            if mark in line:
                bar.advance(task)
            said = [*said[-20:], line.strip()]
    if running.returncode:
        wrong = [line for line in said if "error" in line.lower()] or said
        raise OpsError(f"{what} failed: {wrong[0] if wrong else 'no reason given'}")


def _sums(media: Path) -> dict[str, str]:
    files = sorted(path for path in media.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(media).as_posix(): archive.sha256(path) for path in files}


def _replace_folder(old: Path, new: Path) -> None:
    aside = old.with_name(f"{old.name}.before-restore")
    shutil.rmtree(aside, ignore_errors=True)
    if old.exists():
        old.rename(aside)
    new.chmod(0o755)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)


def _restore_keys(env: Environment, tar: Any, folder: Path) -> None:
    """The backup's keys take the place of those here, which are kept beside them under the time of day."""
    for name in [name for name in tar.getnames() if name.startswith("keys/") and archive.is_plain(name)]:
        archive.extract(tar, name, folder / Path(name).name)
    folder.chmod(0o700)
    if env.keys.exists():
        env.keys.rename(env.keys.with_name(f"keys.before-{datetime.now(UTC):%Y%m%d-%H%M%S}"))
    folder.rename(env.keys)


def _connected(env: Environment) -> Connection:
    try:
        return psycopg.connect(dsn(env), autocommit=True)
    except psycopg.OperationalError as error:
        raise OpsError(f"The database doesn't answer: {str(error).strip().splitlines()[0]}") from error
