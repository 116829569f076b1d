"""pg_dump and pg_restore, with a bar to watch."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from hark.ops import terminal
from hark.ops.backups import contents
from hark.ops.errors import OpsError
from hark.ops.postgres import programs


def dump(address: str, target: Path, snapshot: str, version: int, tables: int) -> None:
    """The public schema as that snapshot shows it. Raises OpsError with the program's own first complaint."""
    where, variables = contents.for_programs(address)
    command = [str(programs.directory(at_least=version) / "pg_dump"), "-Fc", "--verbose", "--schema=public"]
    command += [f"--snapshot={snapshot}", f"--file={target}", "--no-owner", "--no-privileges", where]
    _run(command, variables, "Copying the database", "dumping contents of table", tables)


def load(address: str, source: Path, version: int, tables: int) -> None:
    """Everything of a dump into an empty public schema, or nothing."""
    program = programs.directory(at_least=version)
    where, variables = contents.for_programs(address)
    wanted = _everything_but_the_schema(program, source)
    command = [str(program / "pg_restore"), "--verbose", "--no-owner", "--no-privileges", "--exit-on-error"]
    command += ["--single-transaction", f"--use-list={wanted}", where, str(source)]
    _run(command, variables, "Restoring the database", "processing data for table", tables)


def _everything_but_the_schema(program: Path, source: Path) -> Path:
    """A list for pg_restore without "create schema public", which is there already."""
    listing = programs.run([str(program / "pg_restore"), "--list", str(source)])
    if listing.returncode:
        raise OpsError(f"The backup is damaged: {listing.stdout.strip().splitlines()[-1]}")
    lines = [line for line in listing.stdout.splitlines() if " SCHEMA - public " not in line]
    wanted = source.with_suffix(".list")
    wanted.write_text("\n".join(lines) + "\n")
    return wanted


def _run(command: list[str], variables: Mapping[str, str], what: str, mark: str, total: int) -> None:
    """Run one, moving the bar at each table it names."""
    with (
        terminal.progress(what, total) as (bar, task),
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=variables,
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
