"""Make, start and stop the embedded PostgreSQL."""

import contextlib
import fcntl
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hark.ops.environment import Environment, make_data_directory
from hark.ops.errors import OpsError
from hark.ops.postgres import processes, programs, settings
from hark.ops.postgres.place import DATABASE, PORT, SHARED_HOME, USER, Place, dsn, find

START_SECONDS = 60
RETRY_SECONDS = 0.2
NOT_IN_PATHS = '"$`\\\n'  # pg_ctl hands the path to a shell, between double quotes

Say = Callable[[str], None]


def start(env: Environment, say: Say = lambda line: None) -> bool:
    """A server that answers, with the database in it. True when it wasn't running before.

    Safe to call from several processes at once, and after a kill -9 of anything. Raises OpsError with one sentence.
    """
    make_data_directory(env)
    place = find(env)
    with _locked(env, say), _in_words(place.home):
        if _answers(env, place):
            return False
        if refused := set(str(place.home)) & set(NOT_IN_PATHS):
            raise OpsError(
                f"PostgreSQL can't live in {place.home}: {min(refused)} in a path is more than it can take."
            )
        bin_directory = programs.directory_for(place.runner)
        if place.elsewhere:
            say(f"{place.runner.name} can't reach {env.data}: the database is kept in {place.home}.")
        if not (place.home / "PG_VERSION").exists():
            say("Creating the database …")
            _initialise(place, bin_directory)
        _check_version(place, bin_directory)
        _prepare_sockets(place)
        _start(env, place, bin_directory)
        _make_database(env)
        return True


def stop(env: Environment) -> bool:
    """Stop the server, after its running transactions were rolled back. False when it wasn't running."""
    place = find(env)
    if not is_running(env):
        return False
    control = [str(programs.directory_for(place.runner) / "pg_ctl"), "-D", str(place.home), "-w", "-t", "60"]
    with _locked(env, lambda line: None):
        answer = programs.run([*control, "-m", "fast", "stop"], place.runner)
    if answer.returncode and is_running(env):
        raise OpsError(f"PostgreSQL in {place.home} didn't stop: {answer.stdout.strip()}")
    if place.sockets != place.home:
        with contextlib.suppress(OSError):
            place.sockets.rmdir()
    return True


def is_running(env: Environment) -> bool:
    place = find(env)
    with _in_words(place.home):
        return processes.postmaster_pid(place.home) is not None


def is_headless(env: Environment) -> bool:
    return processes.is_headless(find(env).home)


def end_at_once(env: Environment) -> None:
    """As a power cut would: what was committed is there at the next start."""
    if pid := processes.postmaster_pid(find(env).home):
        os.kill(pid, signal.SIGKILL)


def _initialise(place: Place, bin_directory: Path) -> None:
    """Made beside its place and moved there when complete, so that a kill in between leaves nothing half."""
    draft = place.home.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    if place.elsewhere:
        for folder in (SHARED_HOME, place.home.parent):
            folder.mkdir(exist_ok=True, parents=True)
            folder.chmod(0o755)
    draft.mkdir(mode=0o700)
    if place.runner.is_another:
        os.chown(draft, place.runner.uid, place.runner.gid)
    command = [str(bin_directory / "initdb"), "-D", str(draft), "-U", USER, "-E", "UTF8", "--data-checksums"]
    command += ["--auth-local=trust", "--auth-host=reject", *_locale(programs.major_version(bin_directory))]
    answer = programs.run(command, place.runner)
    if answer.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        raise OpsError(_why(answer.stdout, place, "can't be created"))
    with (draft / "postgresql.conf").open("a") as file:
        file.write(settings.INCLUDES)
    draft.rename(place.home)


def _locale(version: int) -> list[str]:
    """Independent of the system's locales where PostgreSQL can be (from 17); lower() knows accented letters."""
    if version >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _check_version(place: Place, bin_directory: Path) -> None:
    theirs = int((place.home / "PG_VERSION").read_text().strip().split(".")[0])
    ours = programs.major_version(bin_directory)
    if theirs != ours:
        raise OpsError(
            f"The database in {place.home} was made by PostgreSQL {theirs}, but the programs here are version {ours}. "
            f"Point HARK_PG_BIN at PostgreSQL {theirs}, run `hark backup`, move that folder away, then `hark restore`."
        )


def _prepare_sockets(place: Place) -> None:
    draft = place.home / "hark.conf"
    draft.unlink(missing_ok=True)
    draft.write_text(settings.text(place.sockets))
    draft.chmod(0o600)
    if place.runner.is_another:
        os.chown(draft, place.runner.uid, place.runner.gid)
    if place.sockets == place.home:
        return
    with contextlib.suppress(FileExistsError):
        place.sockets.mkdir(mode=0o700)
        if place.runner.is_another:
            os.chown(place.sockets, place.runner.uid, place.runner.gid)
    found = place.sockets.lstat()
    if found.st_uid != place.runner.uid or found.st_mode & 0o170777 != 0o040700:
        raise OpsError(
            f"{place.sockets} belongs to somebody else or is open to others: remove it and start again."
        )


def _start(env: Environment, place: Place, bin_directory: Path) -> None:
    """Try until one answers: after a kill -9 the old server may linger as a zombie, its children for a moment, or a new
    one that somebody started just before is still recovering.
    """
    log = place.home / "start.log"
    # No pipes: the server would keep them open. Its words are in the log.
    command = [str(bin_directory / "pg_ctl"), "-D", str(place.home), "-l", str(log), "-w"]
    command += ["-t", str(START_SECONDS), "start"]
    give_up_at = time.monotonic() + START_SECONDS
    while True:
        log.unlink(missing_ok=True)
        began = time.time()
        if programs.run(command, place.runner, quiet=True).returncode == 0:
            return
        words = _latest_words(place, since=began)
        if not any(_passes(line) for line in words.splitlines()) or time.monotonic() > give_up_at:
            raise OpsError(_why(words, place, "doesn't start"))
        if processes.is_deserted(place.home):
            for stale in (place.home / "postmaster.pid", place.sockets / f".s.PGSQL.{PORT}.lock"):
                stale.unlink(missing_ok=True)
        time.sleep(RETRY_SECONDS)
        if _answers(env, place):
            return


def _passes(line: str) -> bool:
    """Whether it may start in a moment: the old server is still going. A full disk is not a matter of moments."""
    return ("lock file" in line or "shared memory block" in line) and not _is_full(line)


def _is_full(words: str) -> bool:
    return "No space left on device" in words or "Disk quota exceeded" in words


def _latest_words(place: Place, since: float) -> str:
    logs = [place.home / "start.log", *(place.home / "log").glob("postgresql-*.log")]
    fresh = [log for log in logs if log.exists() and log.stat().st_mtime >= since - 1]
    return "\n".join(log.read_text(errors="replace")[-4000:] for log in fresh)


def _answers(env: Environment, place: Place) -> bool:
    if not processes.postmaster_pid(place.home) or not processes.is_ready(place.home):
        return False
    try:
        _make_database(env)
    except OpsError:
        return False
    return True


def _make_database(env: Environment) -> None:
    import psycopg

    try:
        connecting = psycopg.connect(dsn(env, "postgres"), autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise OpsError(f"PostgreSQL was started but doesn't answer: {str(error).splitlines()[0]}") from error
    with connecting as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(f"CREATE DATABASE {DATABASE}")


def _why(words: str, place: Place, what: str) -> str:
    """One sentence out of PostgreSQL's many lines."""
    if _is_full(words):
        return (
            f"The disk that holds {place.home} is full: make room there, then start again. Nothing was lost."
        )
    if "Permission denied" in words:
        return f"The database in {place.home} {what}: {place.runner.name} may not read or write there."
    marks = ("FATAL:", "PANIC:", "error:", "could not", "ERROR:")
    lines = [line.strip() for line in words.splitlines() if any(mark in line for mark in marks)]
    reason = lines[-1] if lines else "it said nothing; look into its log folder"
    return f"The database in {place.home} {what}: {reason}"


@contextlib.contextmanager
def _locked(env: Environment, say: Say) -> Iterator[None]:
    """One at a time for each data directory. The lock goes with its process, whatever happens to that."""
    try:
        file = (env.data / "postgres.lock").open("a")
    except OSError as error:
        raise OpsError(
            f"{env.data} can't be written to: {error.strerror}. HARK_DATA names another place."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another command is starting or stopping the database; waiting for it …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _in_words(home: Path) -> Iterator[None]:
    """The system's own refusals, as a sentence."""
    try:
        yield
    except PermissionError as error:
        raise OpsError(
            f"{error.filename or home} belongs to another user: run this as that user or as root, "
            "or name another folder with HARK_DATA."
        ) from error
    except OSError as error:
        raise OpsError(f"{error.filename or home}: {error.strerror}.") from error
