"""The embedded PostgreSQL, as root and as an ordinary user, in fair weather and foul."""

import contextlib
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hark.ops.tests.conftest import IS_ROOT, Installation, installed


def test_it_starts_answers_stops_and_keeps_what_it_was_told(installation: Installation):
    first = installation.hark("db", "start")
    assert first.returncode == 0, first.stderr
    assert "PostgreSQL started" in first.stdout
    installation.ask("CREATE TABLE said (words text)")
    installation.ask("INSERT INTO said VALUES ('My parcel is late')")

    assert "was running already" in installation.hark("db", "start").stdout
    assert installation.hark("db", "stop").returncode == 0
    assert installation.hark("db", "status").returncode == 1
    assert "wasn't running" in installation.hark("db", "stop").stdout

    assert installation.hark("db", "start").returncode == 0
    assert installation.ask("SELECT words FROM said") == [("My parcel is late",)]


def test_it_listens_on_a_socket_that_only_its_owner_reaches(installation: Installation):
    installation.hark("db", "start")
    [[addresses, sockets, mode]] = installation.ask(
        "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories'),"
        " current_setting('unix_socket_permissions')"
    )
    assert addresses == ""
    assert mode == "0700"
    assert Path(sockets.strip('"')).stat().st_mode & 0o777 == 0o700
    assert installation.home.stat().st_mode & 0o777 == 0o700


def test_it_is_durable_and_knows_accented_letters(installation: Installation):
    installation.hark("db", "start")
    settings = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    [row] = installation.ask("SELECT " + ", ".join(f"current_setting('{name}')" for name in settings))
    assert set(row) == {"on"}
    assert installation.ask("SELECT lower('ÉCLAIR ŽLUŤOUČKÝ')") == [("éclair žluťoučký",)]


def test_four_starts_at_once_make_one_server(installation: Installation):
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: installation.hark("db", "start"), range(4)))
    assert [answer.returncode for answer in answers] == [0, 0, 0, 0]
    assert sum("PostgreSQL started" in answer.stdout for answer in answers) == 1


def test_after_kill_9_it_starts_again_with_every_row(installation: Installation):
    installation.hark("db", "start")
    installation.ask("CREATE TABLE said AS SELECT n FROM generate_series(1, 1000) n")
    pid = installation.postmaster
    assert pid
    os.kill(pid, signal.SIGKILL)

    began = time.monotonic()
    again = installation.hark("db", "start")
    assert again.returncode == 0, again.stderr
    assert time.monotonic() - began < 20
    assert installation.ask("SELECT count(*) FROM said") == [(1000,)]


def test_a_server_that_recovers_already_is_waited_for(installation: Installation):
    """A supervisor is killed while the server that it has just started reads its log: the next one must not give up."""
    installation.hark("db", "start")
    first = installation.postmaster
    pid_file = installation.home / "postmaster.pid"
    ready = pid_file.read_text()
    pid_file.write_text(ready.replace("ready   ", "starting"))

    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(installation.hark, "db", "start")
        time.sleep(3)
        assert not starting.done()
        pid_file.write_text(ready)
        answer = starting.result()

    assert answer.returncode == 0, answer.stderr
    assert installation.postmaster == first
    assert installation.ask("SELECT 1") == [(1,)]


def test_a_stale_pid_file_that_names_a_stranger_is_no_obstacle(installation: Installation):
    installation.hark("db", "start")
    pid_file = installation.home / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    installation.hark("db", "stop")
    owner = pid_file.parent.stat()
    someone = {"user": owner.st_uid, "group": owner.st_gid} if IS_ROOT else {}
    stranger = subprocess.Popen(["sleep", "60"], **someone)
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        assert installation.hark("db", "status").returncode == 1
        again = installation.hark("db", "start")
        assert again.returncode == 0, again.stderr
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_creation_that_was_killed_half_way_leaves_nothing_in_the_way(installation: Installation):
    half = installation.data / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    installation.data.chmod(0o777)
    if installation.uid:
        os.chown(half, installation.uid, installation.uid)
        os.chown(half / "PG_VERSION", installation.uid, installation.uid)
        os.chown(installation.data, installation.uid, installation.uid)
    assert installation.hark("db", "start").returncode == 0
    assert not half.exists()


@pytest.mark.parametrize("name", ["x" * 150, "with space, comma", "o'neil", "žluťoučký"])
def test_any_path_will_do(installation: Installation, name: str):
    installation.data = installation.data / name
    installation.data.mkdir(parents=True)
    if installation.uid:
        for path in (installation.data, installation.data.parent):
            os.chown(path, installation.uid, installation.uid)
    started = installation.hark("db", "start")
    try:
        assert started.returncode == 0, started.stderr
        assert installation.ask("SELECT 1") == [(1,)]
    finally:
        installation.hark("db", "stop")


def test_a_path_that_would_break_the_programs_is_refused(installation: Installation):
    installation.data = installation.data.with_name('say "please"')
    installation.data.parent.chmod(0o777)
    assert_one_sentence(installation.hark("db", "start"), 'say "please"')


def test_a_socket_folder_that_somebody_else_made_is_refused(installation: Installation):
    from urllib.parse import unquote

    installation.data = installation.data / ("x" * 120)
    installation.data.mkdir(parents=True)
    if installation.uid:
        for path in (installation.data, installation.data.parent):
            os.chown(path, installation.uid, installation.uid)
    trap = Path(unquote(installation.address.split("host=")[1].split("&")[0]))
    trap.mkdir(mode=0o777)
    trap.chmod(0o777)
    try:
        answer = installation.hark("db", "start")
        assert_one_sentence(answer, "open to others")
    finally:
        trap.rmdir()


def test_what_customers_wrote_stays_out_of_the_log(installation: Installation):
    import psycopg

    installation.hark("db", "start")
    installation.ask("CREATE TABLE said (words text UNIQUE)")
    installation.ask("INSERT INTO said VALUES ('my number is 555-0199')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        installation.ask("INSERT INTO said VALUES ('my number is 555-0199')")
    log = _log_with("unique constraint", installation.home / "log")
    assert "555-0199" not in log


def _log_with(words: str, folder: Path) -> str:
    """What the server has logged, once these words are in it: a collector of its own writes the files, a little later."""
    give_up_at = time.monotonic() + 10
    while words not in (log := "".join(path.read_text() for path in folder.iterdir())):
        assert time.monotonic() < give_up_at, f"“{words}” never came: {log}"
        time.sleep(0.05)
    return log


def test_data_of_another_version_is_left_alone_with_a_sentence(installation: Installation):
    installation.hark("db", "start")
    installation.hark("db", "stop")
    (installation.home / "PG_VERSION").write_text("14\n")
    answer = installation.hark("db", "start")
    assert_one_sentence(answer, "made by PostgreSQL 14", "HARK_PG_BIN")


def test_a_folder_that_cant_be_written_to_is_said(installation: Installation):
    installation.data = Path("/proc/nowhere")
    assert_one_sentence(installation.hark("db", "start"), "/proc/nowhere", "HARK_DATA")


def test_a_folder_of_somebody_else_is_said(rooted: Installation):
    rooted.hark("db", "start")
    rooted.hark("db", "stop")
    stranger = Installation(rooted.data, 65_534)
    rooted.data.chmod(0o700)
    assert_one_sentence(stranger.hark("db", "start"), "HARK_DATA")


def test_a_user_without_a_passwd_entry_is_said(folder: Path):
    if not IS_ROOT:
        pytest.skip("only root can be somebody else")
    assert_one_sentence(Installation(folder / "data", 54_321).hark("db", "start"), "54321", "/etc/passwd")


@pytest.mark.parametrize(
    ("name", "words"), [("root", "ordinary user"), ("nobody-at-all", "no user 'nobody-at-all'")]
)
def test_who_runs_it_must_exist_and_be_ordinary(rooted: Installation, name: str, words: str):
    assert_one_sentence(rooted.hark("db", "start", HARK_DB_USER=name), words)


def test_a_named_user_runs_it(rooted: Installation):
    assert rooted.hark("db", "start", HARK_DB_USER="daemon").returncode == 0
    assert rooted.home.owner() == "daemon"
    assert rooted.ask("SELECT 1") == [(1,)]


def test_below_a_closed_home_root_keeps_the_data_elsewhere_and_says_so(folder: Path):
    if not IS_ROOT:
        pytest.skip("only root hands the server to somebody else")
    closed = folder / "home"
    closed.mkdir(mode=0o700)
    for installation in installed(closed / "data", None):
        started = installation.hark("db", "start")
        assert started.returncode == 0, started.stderr
        assert "nobody can't reach" in started.stdout
        assert str(installation.home).startswith("/var/lib/hark/")
        installation.ask("CREATE TABLE kept ()")
        installation.hark("db", "stop")

        closed.chmod(0o755)  # opened later: what exists stays where it is
        assert installation.hark("db", "start").returncode == 0
        assert installation.ask("SELECT count(*) FROM kept") == [(0,)]


def test_programs_that_cant_be_reached_are_copied_whole(folder: Path):
    if not IS_ROOT:
        pytest.skip("only root hands the server to somebody else")
    import shutil

    from hark.ops.postgres import programs

    closed = folder / "closed"
    tree = programs.directory().parent
    shutil.copytree(tree, closed / programs.WHEEL / tree.name, symlinks=True)
    if (libraries := tree.parent.parent / programs.LIBRARIES).exists():
        shutil.copytree(libraries, closed / programs.LIBRARIES, symlinks=True)
    closed.chmod(0o700)
    for installation in installed(folder / "data", None):
        before = {*programs.SHARED_HOME.glob(f"{programs.TREE}-*")}
        started = installation.hark(
            "db", "start", HARK_PG_BIN=str(closed / programs.WHEEL / tree.name / "bin")
        )
        assert started.returncode == 0, started.stderr
        assert installation.ask("SELECT 1") == [(1,)]
        installation.hark("db", "stop")
        [copied] = {*programs.SHARED_HOME.glob(f"{programs.TREE}-*")} - before
        assert (copied / programs.WHEEL / tree.name / "bin" / "postgres").exists()
        shutil.rmtree(copied)


@pytest.fixture
def small_disk(folder: Path):
    """A file system of 60 MB: enough to be made, too small for long."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk isn't allowed here")
    disk.chmod(0o777)
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_said_and_loses_nothing(small_disk: Path):
    filler = small_disk / "filler"
    for installation in installed(small_disk / "data", None):
        filler.write_bytes(b"x" * 45 * 1024 * 1024)
        assert_one_sentence(installation.hark("db", "start"), "full")
        filler.unlink()
        assert installation.hark("db", "start").returncode == 0
        installation.ask("CREATE TABLE kept AS SELECT 1 AS one")
        installation.hark("db", "stop")

        fill(filler)
        began = time.monotonic()
        assert_one_sentence(installation.hark("db", "start"), "full")
        assert time.monotonic() - began < 30, (
            "it was tried for a minute, as if a full disk were a matter of moments"
        )
        filler.unlink()
        assert installation.hark("db", "start").returncode == 0
        assert installation.ask("SELECT one FROM kept") == [(1,)]


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 65536):
            pass


def test_another_server_is_not_ours_to_start(installation: Installation):
    answer = installation.hark("db", "start", HARK_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert_one_sentence(answer, "HARK_DATABASE_URL")


def assert_one_sentence(answer: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """It failed with exit code 1 and words for people."""
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1, answer.stderr
    for word in words:
        assert word in answer.stderr
