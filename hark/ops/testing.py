"""The pytest plugin of this tree (`-p hark.ops.testing`): a database, a data directory, a browser, real peers.

Without HARK_DATABASE_URL an embedded PostgreSQL is started before Django reads its settings, and stopped at the end
when it was started here. Tests never touch ./var. What a machine lacks is skipped and said; with CI set it fails.
"""

import atexit
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from psycopg import sql

from hark.ops import environment, postgres

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUMS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")

# Waits until the tests are over, even by kill -9, and then tidies up: stops the server, removes the folder.
KEEPER = """
import shutil, sys
from hark.ops import environment, postgres
sys.stdin.read()
if sys.argv[1] == "stop":
    postgres.stop(environment.read())
if sys.argv[2]:
    shutil.rmtree(sys.argv[2], ignore_errors=True)
"""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Before pytest-django loads the settings (a wrapper runs ahead of every plain hook)."""
    if not os.environ.get("PYTEST_XDIST_WORKER"):  # workers inherit what the first process set up
        _set_up()
    return (yield)


def _set_up() -> None:
    # Hundreds of processes start: what one has compiled the others need not, whatever this machine's habit is.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    made = "" if os.environ.get("HARK_DATA") else tempfile.mkdtemp(prefix="hark-test-")
    if made:
        Path(made).chmod(0o755)  # as root, PostgreSQL runs as somebody else who must pass through
        os.environ["HARK_DATA"] = made
    started = False
    server = {**os.environ, "HARK_DATA": str(Path(os.environ["HARK_DATA"]).absolute() / "test-db")}
    if not os.environ.get("HARK_DATABASE_URL"):
        env = environment.read(server)
        started = postgres.start(env)
        os.environ["HARK_DATABASE_URL"] = postgres.dsn(env)
        if started:
            _be_quick(os.environ["HARK_DATABASE_URL"])
    if started or made:
        _set_keeper("stop" if started else "", made, server)


def _be_quick(dsn: str) -> None:
    """This server forgets everything in the end: it need not wait for the disk. What tests durability has its own."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
        connection.execute("SELECT pg_reload_conf()")


def _set_keeper(stop: str, remove: str, variables: dict[str, str]) -> None:
    keeper = subprocess.Popen(
        [sys.executable, "-c", KEEPER, stop, remove],
        stdin=subprocess.PIPE,
        env=variables,
        start_new_session=True,
    )
    assert keeper.stdin
    atexit.register(keeper.wait, 30)
    atexit.register(keeper.stdin.close)  # called before the wait: the last registered goes first


def chromium() -> str | None:
    """The browser for tests: HARK_CHROMIUM, or the system's own."""
    named = os.environ.get("HARK_CHROMIUM")
    places = [named] if named else CHROMIUMS
    return next((place for place in places if Path(place).exists()), None)


def peers_folder() -> Path | None:
    """Where real peers can be started: HARK_PEERS, the copy that .ci/run makes, or HARK_SHARED/peers."""
    shared = Path(os.environ.get("HARK_SHARED") or ROOT.parent / "shared")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    named = os.environ.get("HARK_PEERS")
    places = [Path(named)] if named else [cache / "hark" / "peers", shared / "peers"]
    return next((place for place in places if (place / "atproto" / "node_modules").is_dir()), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not chromium():
        _without(items, "browser", "no Chromium (HARK_CHROMIUM names one)")
    if not peers_folder():
        from_npm = [item for item in items if "mail" not in getattr(item, "fixturenames", ())]
        _without(from_npm, "peer", "no peers with their node_modules (HARK_PEERS names them)")


def _without(items: list[pytest.Item], mark: str, why: str) -> None:
    for item in items:
        if item.get_closest_marker(mark):
            item.add_marker(pytest.mark.usefixtures("_lacking"))
            item.user_properties.append(("lacking", f"{mark}: {why}"))


@pytest.fixture
def _lacking(request: pytest.FixtureRequest) -> None:
    """Skips; with CI set fails, because there the machine is meant to be complete."""
    why = next(value for key, value in request.node.user_properties if key == "lacking")
    lacking(str(why))


def lacking(why: str) -> None:
    """Skip this test because the machine lacks something; with CI set, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"needed in CI: {why}", pytrace=False)
    pytest.skip(f"this machine lacks {why}")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    counts: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if "this machine lacks" in why:
            what = why.partition("this machine lacks ")[2]
            counts[what] = counts.get(what, 0) + 1
    for what, count in counts.items():
        terminalreporter.write_line(f"Skipped {count} tests; this machine lacks {what}", yellow=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright's own, with the system's Chromium instead of a downloaded one."""
    found = chromium()
    return {**browser_type_launch_args, "executable_path": found} if found else browser_type_launch_args


@pytest.fixture(scope="session")
def peers() -> ModuleType:
    """The module peers.py: `with peers.Postgres() as pg, peers.Redis() as rd, peers.Atproto(pg, rd) as net: …`."""
    folder = peers_folder()
    if folder is None:
        lacking("peers with their node_modules (HARK_PEERS names them)")
    assert folder
    spec = importlib.util.spec_from_file_location("peers", folder / "peers.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder HARK_SHARED (default ../shared): recorded data and notes that tests may use where it is present."""
    folder = Path(os.environ.get("HARK_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        lacking("the shared folder (HARK_SHARED names it)")
    return folder
