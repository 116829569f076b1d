"""A PostgreSQL for the peers: the programs and the manager of Hark, with PostgreSQL's own default settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from hark.ops import environment, postgres
from hark.ops.postgres import place, processes

# What PostgreSQL would do if nobody had set anything; durable, as it is by default.
DEFAULTS = {
    "shared_buffers": "128MB",
    "effective_cache_size": "4GB",
    "work_mem": "4MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "5min",
    "random_page_cost": "4",
    "jit": "on",
}


@dataclass
class Cluster:
    folder: Path

    @property
    def env(self) -> environment.Environment:
        return environment.read({"HARK_DATA": str(self.folder)})

    @property
    def sockets(self) -> Path:
        return place.find(self.env).sockets

    @property
    def pid(self) -> int:
        return processes.postmaster_pid(place.find(self.env).home) or 0

    @contextmanager
    def running(self) -> Iterator[Cluster]:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        postgres.start(self.env)
        try:
            with self.connect() as connection:
                for name, value in DEFAULTS.items():
                    connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            postgres.stop(self.env)
            postgres.start(self.env)
            yield self
        finally:
            postgres.stop(self.env)

    def dsn(self, database: str = "postgres") -> str:
        return postgres.dsn(self.env).replace("@/hark?", f"@/{database}?")

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(self.dsn(database), autocommit=True)

    def create(self, database: str) -> None:
        """The database anew, empty."""
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {database}")

    def has(self, database: str) -> bool:
        with self.connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        return found is not None

    def one(self, database: str, sql: str) -> Any:
        with self.connect(database) as connection:
            row = connection.execute(sql).fetchone()
        return row[0] if row else None
