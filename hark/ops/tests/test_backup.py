"""A backup is worth what its restore gives back: contents are compared, table by table."""

import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from hark.ops import archive, backup, postgres
from hark.ops.errors import OpsError
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
    assert contents(another) == before
    assert (another.data / PICTURE).read_bytes() == (lived_in.data / PICTURE).read_bytes()

    numbers = "SELECT nextval(pg_get_serial_sequence('channels_delivery', 'id'))"
    assert another.ask(numbers) == lived_in.ask(numbers)  # the next row gets the next number
    assert "Nothing to do" in another.hark("migrate").stdout


def test_keys_travel_only_when_asked(lived_in: Installation, another: Installation, folder: Path):
    backup.make(lived_in.env, folder / "without.tar", with_keys=False)
    backup.make(lived_in.env, folder / "with.tar", with_keys=True)
    with tarfile.open(folder / "without.tar") as tar:
        assert not [name for name in tar.getnames() if "keys" in name]

    postgres.start(another.env)
    backup.restore(another.env, folder / "with.tar", force=False)
    for name in ("credentials", "django-secret"):
        key = another.data / "keys" / name
        assert key.read_text() == (lived_in.data / "keys" / name).read_text()
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_what_is_there_is_replaced_only_by_force(lived_in: Installation, folder: Path):
    backup.make(lived_in.env, folder / "hark.tar", with_keys=False)
    before = contents(lived_in)
    lived_in.ask("UPDATE brands_brand SET name = 'Somebody else'")
    lived_in.ask("CREATE TABLE left_over ()")

    with pytest.raises(OpsError, match=r"isn't empty.*--force"):
        backup.restore(lived_in.env, folder / "hark.tar", force=False)
    assert lived_in.ask("SELECT name FROM brands_brand") == [("Somebody else",)]

    backup.restore(lived_in.env, folder / "hark.tar", force=True)
    assert contents(lived_in) == before


def test_a_damaged_file_changes_nothing(lived_in: Installation, folder: Path):
    file = folder / "hark.tar"
    backup.make(lived_in.env, file, with_keys=False)
    whole, before = file.read_bytes(), contents(lived_in)
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]
    for damaged in (flipped, whole[:middle], b"not a backup at all" * 1000):
        file.write_bytes(damaged)
        with pytest.raises(OpsError, match="damaged"):
            backup.restore(lived_in.env, file, force=True)
    assert contents(lived_in) == before
    assert (lived_in.data / PICTURE).exists()


def test_counts_that_differ_put_everything_back(lived_in: Installation, folder: Path):
    """A dump that is whole by its sum but holds fewer rows than its manifest says."""
    backup.make(lived_in.env, folder / "hark.tar", with_keys=False)
    with archive.opened(folder / "hark.tar") as (tar, manifest):
        archive.extract(tar, "database.dump", folder / "database.dump")
    lying = msgspec.structs.replace(manifest, tables={**manifest.tables, "brands_user": 3}, media={})
    archive.write(folder / "lying.tar", lying, folder / "database.dump", folder, None)
    before = contents(lived_in)

    with pytest.raises(OpsError, match="brands_user has 2 rows instead of 3"):
        backup.restore(lived_in.env, folder / "lying.tar", force=True)
    assert contents(lived_in) == before


def test_a_path_that_leads_out_of_the_media_folder_is_refused(lived_in: Installation, folder: Path):
    backup.make(lived_in.env, folder / "hark.tar", with_keys=False)
    with archive.opened(folder / "hark.tar") as (tar, manifest):
        archive.extract(tar, "database.dump", folder / "database.dump")
    (folder / "media").mkdir()
    (folder / "outside").write_text("x")
    sly = msgspec.structs.replace(manifest, media={"../outside": archive.sha256(folder / "outside")})
    archive.write(folder / "sly.tar", sly, folder / "database.dump", folder / "media", None)
    with pytest.raises(OpsError, match="outside of its media folder"):
        backup.restore(lived_in.env, folder / "sly.tar", force=True)


def test_a_restore_that_was_killed_half_way_can_be_run_again(lived_in: Installation, folder: Path):
    backup.make(lived_in.env, folder / "hark.tar", with_keys=False)
    before = contents(lived_in)
    lived_in.ask("ALTER SCHEMA public RENAME TO hark_before_restore")
    lived_in.ask("CREATE SCHEMA public")
    lived_in.ask("CREATE TABLE half_restored ()")

    assert_one_sentence(lived_in.hark("migrate"), "restore was interrupted", "hark restore")
    backup.restore(lived_in.env, folder / "hark.tar", force=True)
    assert contents(lived_in) == before


def test_a_full_disk_leaves_no_half_backup(lived_in: Installation, small_disk: Path):  # noqa: F811
    fill(small_disk / "filler")
    with pytest.raises(OpsError, match="No space left"):
        backup.make(lived_in.env, small_disk / "hark.tar", with_keys=False)
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_an_existing_backup_is_not_written_over(lived_in: Installation, folder: Path):
    (folder / "precious.tar").write_text("yesterday")
    assert_one_sentence(lived_in.hark("backup", str(folder / "precious.tar")), "exists already")
    assert (folder / "precious.tar").read_text() == "yesterday"
