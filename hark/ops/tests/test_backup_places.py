"""Where backups go and how they are sealed: a folder, a store, a key, a passphrase. Contents are compared."""

import dataclasses
import os
import stat
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest

from hark.ops import environment
from hark.ops.backups import encryption, places, settings
from hark.ops.backups.encryption import Lock
from hark.ops.errors import OpsError
from hark.ops.tests import s3


@pytest.fixture
def env(tmp_path: Path) -> environment.Environment:
    return environment.read({"HARK_DATA": str(tmp_path)})


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain.tar"
    path.write_bytes(os.urandom(300_000) + b"the end")
    return path


def locks(tmp_path: Path) -> dict[str, Lock]:
    encryption.make_key(tmp_path / "key")
    chosen = settings.read(environment.read({"HARK_DATA": str(tmp_path)}), {})
    return {
        "key": encryption.lock(dataclasses.replace(chosen, key_file=tmp_path / "key")),
        "passphrase": encryption.lock(dataclasses.replace(chosen, passphrase="correct horse battery")),
    }


@pytest.mark.parametrize("kind", ["key", "passphrase"])
def test_what_is_sealed_is_opened_and_any_damage_is_refused(kind: str, plain: Path, tmp_path: Path):
    lock, sealed, opened = locks(tmp_path)[kind], tmp_path / "sealed", tmp_path / "opened"
    lock.seal(plain, sealed)
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o600
    assert encryption.is_sealed(sealed)
    assert b"the end" not in sealed.read_bytes()
    lock.open(sealed, opened)
    assert opened.read_bytes() == plain.read_bytes()

    whole, piece = sealed.read_bytes(), 64 * 1024 + 16
    swapped = (
        whole[: -3 * piece] + whole[-2 * piece : -piece] + whole[-3 * piece : -2 * piece] + whole[-piece:]
    )
    cut, turned = whole[:-piece], whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:]
    damages = (whole[:-1], cut, turned, swapped)
    for damaged in damages if kind == "key" else damages[:1]:  # each look at a passphrase takes a second
        sealed.write_bytes(damaged)
        with pytest.raises(OpsError, match="damaged"):
            lock.open(sealed, opened)


def test_the_wrong_key_opens_nothing(plain: Path, tmp_path: Path):
    sealed, opened = tmp_path / "sealed", tmp_path / "opened"
    found = locks(tmp_path)
    found["passphrase"].seal(plain, sealed)
    with pytest.raises(OpsError, match="doesn't open"):
        Lock(passphrase="incorrect horse").open(sealed, opened)
    with pytest.raises(OpsError, match="sealed with a passphrase"):
        found["key"].open(sealed, opened)
    found["key"].seal(plain, sealed)
    with pytest.raises(OpsError, match="doesn't open"):
        Lock(identity=pyrage.x25519.Identity.generate()).open(sealed, opened)
    with pytest.raises(OpsError, match="sealed with a key"):
        Lock().open(sealed, opened)


def test_the_public_half_of_a_key_seals_what_it_cant_open(plain: Path, tmp_path: Path):
    public = encryption.make_key(tmp_path / "key")
    (tmp_path / "public").write_text(public)
    chosen = settings.read(
        environment.read({"HARK_DATA": str(tmp_path)}), {"HARK_BACKUP_KEY_FILE": str(tmp_path / "public")}
    )
    lock = encryption.lock(chosen)
    assert (lock.seals, lock.opens) == (True, False)
    lock.seal(plain, tmp_path / "sealed")
    whole = dataclasses.replace(chosen, key_file=tmp_path / "key")
    encryption.lock(whole).open(tmp_path / "sealed", tmp_path / "opened")
    assert (tmp_path / "opened").read_bytes() == plain.read_bytes()
    with pytest.raises(OpsError, match="can't be written"):
        encryption.make_key(tmp_path / "key")


def test_a_store_keeps_what_it_is_given(s3_store: dict[str, str], env, tmp_path: Path):
    chosen = settings.read(env, {**s3_store, "HARK_BACKUP_TO": f"s3://{s3.BUCKET}/hark/nightly"})
    at = places.place(chosen, env)
    content = os.urandom(20 * 2**20)  # several parts
    for name, size in (("large", len(content)), ("small", 10), ("empty", 0)):
        (tmp_path / name).write_bytes(content[:size])
        at.put(tmp_path / name, name)
        assert at.fetch(name, tmp_path).read_bytes() == content[:size]
    assert at.names() == ["empty", "large", "small"]
    assert at.shown("large") == f"s3://{s3.BUCKET}/hark/nightly/large"
    one, name = places.file(chosen, env, at.shown("small"))
    assert one.fetch(name, tmp_path).read_bytes() == content[:10]
    at.delete("large")
    assert at.names() == ["empty", "small"]
    with pytest.raises(FileNotFoundError):
        at.fetch("large", tmp_path)


def test_a_store_that_refuses_says_why_and_no_secret(s3_store: dict[str, str], env, tmp_path: Path):
    (tmp_path / "file").write_bytes(b"x")
    wrong = {**s3_store, "HARK_BACKUP_S3_SECRET": "another-secret"}
    at = places.place(settings.read(env, wrong), env, f"s3://{s3.BUCKET}")
    with pytest.raises(OpsError, match="can't be used") as caught:
        at.put(tmp_path / "file", "file")
    assert "SignatureDoesNotMatch" in str(caught.value)
    nowhere = places.place(settings.read(env, s3_store), env, "s3://nowhere")
    with pytest.raises(OpsError, match="NoSuchBucket"):
        nowhere.names()
    assert "another-secret" not in str(caught.value) + repr(settings.read(env, wrong))
    with pytest.raises(OpsError, match="HARK_BACKUP_S3_KEY_ID"):
        places.place(settings.read(env, {}), env, "s3://somewhere")


def test_a_file_is_named_from_wherever_one_stands(env, monkeypatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    chosen = settings.read(env, {})
    for target, shown in (
        ("hark.tar", tmp_path / "hark.tar"),
        ("/hark.tar", "/hark.tar"),
        ("b/hark.tar", tmp_path / "b/hark.tar"),
    ):
        at, name = places.file(chosen, env, target)
        assert at.shown(name) == str(shown)
    for nameless in ("s3://bucket", "folder/", "s3://bucket/"):
        with pytest.raises(OpsError, match="names no file"):
            places.file(chosen, env, nameless)


MEASURE = """
import os, resource, sys
from pathlib import Path
from hark.ops import environment
from hark.ops.backups import encryption, places, settings
env = environment.read()
chosen = settings.read(env)
lock, at, room = encryption.lock(chosen), places.place(chosen, env), Path(sys.argv[1])
def round_trip(megabytes):
    with (room / "plain").open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(2**20))
    lock.seal(room / "plain", room / "sealed")
    at.put(room / "sealed", "sealed")
    lock.open(at.fetch("sealed", room), room / "opened")
    assert (room / "opened").stat().st_size == megabytes * 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
small = round_trip(32)
print(round_trip(96) - small)
"""


def test_memory_stays_flat_however_large_a_backup_is(s3_store: dict[str, str], tmp_path: Path):
    encryption.make_key(tmp_path / "key")
    given = {"HARK_BACKUP_TO": f"s3://{s3.BUCKET}/flat", "HARK_BACKUP_KEY_FILE": str(tmp_path / "key")}
    found = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)],
        env={**os.environ, **s3_store, **given, "HARK_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert int(found.stdout) < 24 * 1024  # KiB more for 64 MiB more


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"HARK_BACKUP_EVERY": "daily"}, "HARK_BACKUP_EVERY is 'daily'"),
        ({"HARK_BACKUP_KEEP": "0"}, "like 7+4"),
        ({"HARK_BACKUP_VERIFY_EVERY": "-1d"}, "HARK_BACKUP_VERIFY_EVERY"),
    ],
)
def test_a_variable_that_cant_be_read_is_named(env, given: dict[str, str], said: str):
    with pytest.raises(OpsError) as caught:
        settings.read(env, given)
    assert said in str(caught.value)
