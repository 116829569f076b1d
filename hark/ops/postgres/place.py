"""Where the embedded PostgreSQL lives and as whom it runs. Only looks; changes nothing."""

import hashlib
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from hark.ops.environment import Environment
from hark.ops.errors import OpsError

USER = DATABASE = "hark"
PORT = 5432  # part of the socket's file name alone: nothing listens on the network
SOCKET_LIMIT_BYTES = 103  # Linux allows 107, macOS 103 (sockaddr_un, less its closing zero)
SHARED_HOME = Path("/var/lib/hark")


@dataclass(frozen=True)
class Runner:
    """Who runs PostgreSQL. It refuses to run as root, so root hands it to somebody else."""

    name: str
    uid: int
    gid: int

    @property
    def is_another(self) -> bool:
        return self.uid != os.geteuid()


@dataclass(frozen=True)
class Place:
    home: Path  # the cluster's data directory
    runner: Runner
    elsewhere: bool  # not below HARK_DATA, because the runner can't get there

    @property
    def sockets(self) -> Path:
        """The directory of the socket: the home itself, or a short and plain one where that path won't do."""
        short = len(os.fsencode(self.home / f".s.PGSQL.{PORT}")) <= SOCKET_LIMIT_BYTES
        if short and "," not in str(self.home):  # libpq takes a comma for the start of another host
            return self.home
        return Path(f"/tmp/hark-{self.runner.uid}-{_mark(self.home)}")  # noqa: S108  owner and mode are checked


def dsn(env: Environment, database: str = DATABASE) -> str:
    """The address of the database, as libpq reads it. Starts nothing."""
    if env.database_url:
        return env.database_url
    sockets = quote(str(find(env).sockets), safe="")
    return f"postgresql://{USER}@/{database}?host={sockets}&port={PORT}"


def find(env: Environment) -> Place:
    """Where this installation's PostgreSQL is, or will be. Raises OpsError where nobody could run it."""
    usual, uid = env.data / "postgres", os.geteuid()
    if uid != 0:
        return Place(usual, _user(uid), elsewhere=False)
    runner = _named(env.database_user) if env.database_user else _owner_or_nobody(usual)
    elsewhere = SHARED_HOME / _mark(env.data) / "postgres"
    # A cluster that exists stays where it is, whatever became of the permissions around it since.
    if (usual / "PG_VERSION").exists():
        return Place(usual, runner, elsewhere=False)
    if (elsewhere / "PG_VERSION").exists() or not can_reach(env.data, runner):
        return Place(elsewhere, runner, elsewhere=True)
    return Place(usual, runner, elsewhere=False)


def can_reach(path: Path, runner: Runner) -> bool:
    """Whether that user may pass through every directory down to this one. What doesn't exist yet is no obstacle."""
    return all(_may_pass(part, runner) for part in (path, *path.parents) if part.exists())


def _may_pass(path: Path, runner: Runner) -> bool:
    found = path.stat()
    if found.st_uid == runner.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == runner.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _owner_or_nobody(home: Path) -> Runner:
    """As root: whoever owns the cluster already, for instance because it was made before somebody became root."""
    owner = home.stat().st_uid if home.exists() else 0
    return _user(owner) if owner else _named("nobody")


def _named(name: str) -> Runner:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise OpsError(
            f"There is no user {name!r} to run PostgreSQL. HARK_DB_USER names another, "
            "HARK_DATABASE_URL another server."
        ) from None
    if entry.pw_uid == 0:
        raise OpsError("PostgreSQL can't run as root: HARK_DB_USER must name an ordinary user.")
    return Runner(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _user(uid: int) -> Runner:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise OpsError(
            f"User id {uid} has no entry in /etc/passwd, without which PostgreSQL can't run. "
            "Add one, run Hark as a user that has one, or name another server with HARK_DATABASE_URL."
        ) from None
    return Runner(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _mark(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
