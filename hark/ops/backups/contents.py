"""What a database holds, boiled down: the rows of every table, and a sum over them that knows no order."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import conninfo, sql

from hark.ops.backups.archive import Manifest
from hark.ops.errors import OpsError
from hark.ops.postgres import programs

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
# A row as text must not depend on who looks at it.
PLAINLY = """
    SET TimeZone = 'UTC'; SET DateStyle = ISO; SET IntervalStyle = postgres; SET extra_float_digits = 1;
    SET bytea_output = hex
"""
# Sixty bits of each row's MD5 (against accidents, not against forgers), added up.
COUNT = "SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0)::text FROM public.{} t"

Connection = psycopg.Connection[Any]


def of(connection: Connection) -> tuple[dict[str, int], dict[str, str]]:
    """Rows and sum of every table, as this transaction sees them."""
    connection.execute(PLAINLY)
    rows, sums = {}, {}
    for (name,) in connection.execute(TABLES).fetchall():
        found = connection.execute(sql.SQL(COUNT).format(sql.Identifier(name))).fetchone() or (0, "0")
        rows[str(name)], sums[str(name)] = int(found[0]), str(found[1])
    return rows, sums


def compare(connection: Connection, manifest: Manifest) -> None:
    """Raises OpsError naming the tables that hold something else than the manifest says."""
    rows, sums = of(connection)
    wrong = [
        f"{name} has {rows.get(name, 'no')} rows instead of {manifest.tables.get(name, 'none')}"
        for name in sorted(rows.keys() | manifest.tables.keys())
        if rows.get(name) != manifest.tables.get(name)
    ]
    wrong += [f"{name} holds other rows" for name, total in manifest.sums.items() if sums.get(name) != total]
    if wrong:
        raise OpsError(f"What was restored differs from what was backed up ({', '.join(wrong[:3])}).")


def is_empty(connection: Connection) -> bool:
    return connection.execute(TABLES).fetchone() is None


@contextmanager
def connected(address: str) -> Iterator[Connection]:
    """Raises OpsError when the database doesn't answer."""
    try:
        connection = psycopg.connect(address, autocommit=True)
    except psycopg.OperationalError as error:
        raise OpsError(f"The database doesn't answer: {str(error).strip().splitlines()[0]}") from error
    with connection:
        yield connection


def for_programs(address: str) -> tuple[str, Mapping[str, str]]:
    """The address for a command line, which others on this machine can read; its password goes by environment."""
    parts = conninfo.conninfo_to_dict(address)
    password = parts.pop("password", None)
    secret = {"PGPASSWORD": str(password)} if password else {}
    return f"--dbname={conninfo.make_conninfo('', **parts)}", programs.clean_environment() | secret
