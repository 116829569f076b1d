"""A backup is worth what its restore gives back: contents are compared, table by table."""

import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from hark.ops import postgres
from hark.ops.backups import archive, making, places, restoring
from hark.ops.errors import OpsError
from hark.ops.tests import s3
from hark.ops.tests.conftest import PICTURE, Installation, installed
from hark.ops.tests.test_postgres import assert_one_sentence, fill, small_disk  # noqa: F401  a fixture

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


def contents(installation: Installation) -> dict[str, tuple]:
    """Every row of every table, boiled down to a count and a sum."""
    found = {}
    for (table,) in installation.ask(TABLES):
        [row] = installation.ask(
            f'SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM public."{table}" t'
        )
        found[table] = row
    return found


def make(installation: Installation, file: Path, **options) -> making.Result:
    return making.make(installation.env, places.Folder(file.parent), file.name, **options)


def restore(installation: Installation, file: Path, *, force: bool = True, **options) -> archive.Manifest:
    at = places.Folder(file.parent)
    return restoring.restore(installation.env, at, file.name, may_replace=lambda _: force, **options)


@pytest.fixture
def another(folder: Path) -> Iterator[Installation]:
    yield from installed(folder / "another", None)


def test_a_restore_gives_back_every_row_and_every_file(
    lived_in: Installation, another: Installation, folder: Path
):
    made = lived_in.hark("backup", str(folder / "hark.tar"))
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE((folder / "hark.tar").stat().st_mode) == 0o600

    restored = another.hark("restore", str(folder / "hark.tar"))
    assert restored.returncode == 0, restored.stderr
    assert "holds no keys" in restored.stderr
    another.hark("db", "start")
    before = contents(lived_in)
    assert before["channels_delivery"][0] == 500
    assert before.pop("ops_backuprun")[0] == 1  # noted once it was made, so not in it
    assert contents(another) == before | {"ops_backuprun": (0, None)}
    assert (another.data / PICTURE).read_bytes() == (lived_in.data / PICTURE).read_bytes()

    numbers = "SELECT nextval(pg_get_serial_sequence('channels_delivery', 'id'))"
    assert another.ask(numbers) == lived_in.ask(numbers)  # the next row gets the next number
    assert "Nothing to do" in another.hark("migrate").stdout


def test_sealed_proven_and_kept_in_a_store_it_comes_back_elsewhere(
    lived_in: Installation, another: Installation, folder: Path, s3_store: dict[str, str]
):
    target = f"s3://{s3.BUCKET}/ternway/hark.tar.age"
    lived_in.hark("backups", "key", str(folder / "key"))
    given = {
        **s3_store,
        "HARK_BACKUP_KEY_FILE": str(folder / "key"),
        "HARK_BACKUP_TO": target.rpartition("/")[0],
    }
    made = lived_in.hark("backup", target, "--verify", **given)
    assert made.returncode == 0, made.stderr
    assert "every table holds the same rows" in made.stdout
    assert target in lived_in.hark("backups", "list", **given).stdout
    assert lived_in.ask("SELECT place, why, problem, verified_at IS NOT NULL FROM ops_backuprun") == [
        (target, "hand", "", True)
    ]
    assert_one_sentence(another.hark("restore", target, **s3_store), "sealed with a key")

    restored = another.hark("restore", target, **given)
    assert restored.returncode == 0, restored.stderr
    another.hark("db", "start")
    before, after = contents(lived_in), contents(another)
    assert {name for name in before if after[name] != before[name]} == {"ops_backuprun"}
    assert after["channels_delivery"][0] == 500
    assert_one_sentence(another.hark("restore", target, **given), "isn't empty", "--force")
    told = s3_store["HARK_BACKUP_S3_SECRET"]
    assert told not in made.stdout + made.stderr + restored.stdout + restored.stderr


def test_keys_travel_only_when_asked(lived_in: Installation, another: Installation, folder: Path):
    make(lived_in, folder / "without.tar", with_keys=False)
    make(lived_in, folder / "with.tar", with_keys=True)
    with tarfile.open(folder / "without.tar") as tar:
        assert not [name for name in tar.getnames() if "keys" in name]

    postgres.start(another.env)
    restore(another, folder / "with.tar", force=False)
    for name in ("credentials", "django-secret"):
        key = another.data / "keys" / name
        assert key.read_text() == (lived_in.data / "keys" / name).read_text()
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_what_is_there_is_replaced_only_by_force(lived_in: Installation, folder: Path):
    make(lived_in, folder / "hark.tar", with_keys=False)
    before = contents(lived_in)
    lived_in.ask("UPDATE brands_brand SET name = 'Somebody else'")
    lived_in.ask("CREATE TABLE left_over ()")

    with pytest.raises(OpsError, match=r"isn't empty.*--force"):
        restore(lived_in, folder / "hark.tar", force=False)
    assert lived_in.ask("SELECT name FROM brands_brand") == [("Somebody else",)]

    restore(lived_in, folder / "hark.tar", force=True)
    assert contents(lived_in) == before


def test_a_damaged_file_changes_nothing(lived_in: Installation, folder: Path):
    file = folder / "hark.tar"
    make(lived_in, file, with_keys=False)
    whole, before = file.read_bytes(), contents(lived_in)
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]
    for damaged in (flipped, whole[:middle], b"not a backup at all" * 1000):
        file.write_bytes(damaged)
        with pytest.raises(OpsError, match="damaged"):
            restore(lived_in, file, force=True)
    assert contents(lived_in) == before
    assert (lived_in.data / PICTURE).exists()


def test_counts_that_differ_put_everything_back(lived_in: Installation, folder: Path):
    """A dump that is whole by its sum but holds fewer rows than its manifest says."""
    make(lived_in, folder / "hark.tar", with_keys=False)
    with archive.opened(folder / "hark.tar") as (tar, manifest):
        archive.extract(tar, "database.dump", folder / "database.dump")
    lying = msgspec.structs.replace(manifest, tables={**manifest.tables, "brands_user": 3}, media={})
    archive.write(folder / "lying.tar", lying, folder / "database.dump", folder / "no media", None)
    before = contents(lived_in)

    with pytest.raises(OpsError, match="brands_user has 2 rows instead of 3"):
        restore(lived_in, folder / "lying.tar", force=True)
    assert contents(lived_in) == before


def test_a_path_that_leads_out_of_the_media_folder_is_refused(lived_in: Installation, folder: Path):
    make(lived_in, folder / "hark.tar", with_keys=False)
    with archive.opened(folder / "hark.tar") as (tar, manifest):
        tar.extractall(folder / "unpacked", filter="data")
    sly = msgspec.structs.replace(manifest, media={"../outside": "0" * 64})
    (folder / "unpacked" / "manifest.json").write_bytes(msgspec.json.encode(sly))
    with tarfile.open(folder / "sly.tar", "w") as tar:
        tar.add(folder / "unpacked", ".")
        for name in ("database.dump", "manifest.json"):
            tar.add(folder / "unpacked" / name, name)
    with pytest.raises(OpsError, match="outside of its media folder"):
        restore(lived_in, folder / "sly.tar", force=True)


def test_a_restore_that_was_killed_half_way_can_be_run_again(lived_in: Installation, folder: Path):
    make(lived_in, folder / "hark.tar", with_keys=False)
    before = contents(lived_in)
    lived_in.ask("ALTER SCHEMA public RENAME TO hark_before_restore")
    lived_in.ask("CREATE SCHEMA public")
    lived_in.ask("CREATE TABLE half_restored ()")

    assert_one_sentence(lived_in.hark("migrate"), "restore was interrupted", "hark restore")
    restore(lived_in, folder / "hark.tar", force=True)
    assert contents(lived_in) == before


def test_a_full_disk_leaves_no_half_backup(lived_in: Installation, small_disk: Path):  # noqa: F811
    fill(small_disk / "filler")
    with pytest.raises(OpsError, match="No space left"):
        make(lived_in, small_disk / "hark.tar", with_keys=False)
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_an_existing_backup_is_not_written_over(lived_in: Installation, folder: Path):
    (folder / "precious.tar").write_text("yesterday")
    assert_one_sentence(lived_in.hark("backup", str(folder / "precious.tar")), "exists already")
    assert (folder / "precious.tar").read_text() == "yesterday"
