"""What a customer deleted stays deleted, whichever backup is restored."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection

from hark import erasures
from hark.cases.models import Case, Media, Message
from hark.channels.models import Account, Delivery
from hark.journeys import arrival
from hark.ops import keys, upgrading
from hark.ops.backups import making, places, restoring
from hark.ops.environment import Environment
from hark.ops.errors import OpsError
from hark.ops.tests.test_doctor import env as env

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "my address is 7 Mill Lane"


@pytest.fixture
def home(env: Environment, settings) -> Environment:
    """An installation of its own: data folder, media, keys."""
    settings.HARK_DATA, settings.HARK_MEDIA = env.data, env.media
    settings.HARK_ERASURE_KEYS = keys.erasures(env)
    return env


@pytest.fixture
def at(home: Environment) -> places.Folder:
    return places.Folder(home.data / "backups")


def restore(home: Environment, at: places.Folder, **options) -> None:
    """As `hark restore --force` does."""
    restoring.restore(home, at, "hark.tar", may_replace=lambda _: True, **options)
    upgrading.apply(home, backup=False)


def dump() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows)


def test_a_deleted_post_doesnt_come_back_with_a_backup(home, at, practice):
    kept = practice.says("maya", "My parcel is late")
    gone = practice.says("maya", SECRET, media=[{"kind": "image", "url": "https://p.example/1.png"}])
    practice.says("maya", f"{SECRET}!", id=gone["id"], type="edit", key="edited")
    row = Message.objects.get(external_id=gone["id"])
    Media.objects.create(message=row, kind="image", url="https://p.example/2.png", stored="messages/2.png")
    picture = home.media / "messages" / "2.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"a picture of Mill Lane")
    making.make(home, at, "hark.tar")
    practice.delivers({"key": "d", "id": gone["id"], "type": "delete", "at": practice.now.isoformat()})
    later = practice.says("tom", "Written after the backup")

    restore(home, at)
    assert not Message.objects.filter(external_id=later["id"]).exists()  # it really is the old state
    assert SECRET not in dump()
    assert SECRET.encode() not in b"".join(bytes(one.raw) for one in Delivery.objects.all())
    message = Message.objects.get(external_id=gone["id"])
    assert (message.text, message.earlier, message.search, message.is_deleted) == ("", [], None, True)
    assert not picture.exists()
    assert not message.media.exists()
    assert Message.objects.get(external_id=kept["id"]).text == "My parcel is late"
    assert Case.objects.get().snippet == "My parcel is late"


def test_nor_does_one_that_waited_to_be_read(home, at, practice):
    event = practice.says("maya", SECRET, take_in=False)
    making.make(home, at, "hark.tar")
    practice.delivers({"key": "d", "id": event["id"], "type": "delete", "at": practice.now.isoformat()})

    restore(home, at)
    assert SECRET.encode() not in b"".join(bytes(one.raw) for one in Delivery.objects.all())
    while arrival.work():
        pass
    assert SECRET not in dump()


def test_the_list_travels_beside_the_backups(home, at, practice):
    """The machine was lost with its list; a later backup had laid it beside the earlier one."""
    event = practice.says("maya", SECRET)
    making.make(home, at, "hark.tar")
    practice.delivers({"key": "d", "id": event["id"], "type": "delete", "at": practice.now.isoformat()})
    making.make(home, at, "later.tar")
    (home.data / erasures.FILE).unlink()

    restore(home, at)
    assert SECRET not in dump()


def test_the_list_names_nobody(home, practice):
    event = practice.says("maya", SECRET)
    practice.delivers({"key": "d", "id": event["id"], "type": "delete", "at": practice.now.isoformat()})
    text = (home.data / erasures.FILE).read_text()
    assert len(text.split()) == 1
    assert not re.search(f"maya|Mill|ternway|{event['id']}\\b", text)
    assert (home.data / erasures.FILE).stat().st_mode & 0o077 == 0


def test_without_a_deletion_nothing_is_written(home, practice):
    practice.says("maya", "My parcel is late")
    assert not (home.data / erasures.FILE).exists()


def test_without_its_key_the_list_stops_the_restore_unless_told(home, at, practice):
    event = practice.says("maya", SECRET)
    making.make(home, at, "hark.tar")
    practice.delivers({"key": "d", "id": event["id"], "type": "delete", "at": practice.now.isoformat()})
    (home.keys / keys.ERASURES).write_text("another key\n")
    with pytest.raises(OpsError, match="put your copy of that folder there first"):
        restore(home, at)
    assert SECRET not in dump()
    restore(home, at, without_erasures=True)
    assert SECRET in dump()


def test_nobody_reads_before_the_replay(home, at, practice):
    practice.says("maya", SECRET)
    making.make(home, at, "hark.tar")
    restoring.restore(home, at, "hark.tar", may_replace=lambda _: True)
    with pytest.raises(OpsError, match="hark migrate"):
        upgrading.refuse_before_replay()
    upgrading.apply(home, backup=False)
    upgrading.refuse_before_replay()


def test_a_list_that_cant_be_written_leaves_the_deletion_for_later(home, practice, settings):
    event = practice.says("maya", SECRET)
    settings.HARK_DATA = home.data / "nowhere"
    with pytest.raises(OSError, match="nowhere"):
        practice.delivers({"key": "d", "id": event["id"], "type": "delete", "at": practice.now.isoformat()})
    assert Delivery.objects.filter(state=Delivery.State.WAITING).count() == 1
    settings.HARK_DATA = home.data
    while arrival.work():
        pass
    assert SECRET not in dump()


def test_a_torn_line_hurts_no_other(tmp_path):
    key, at = b"key", datetime(2026, 1, 5, tzinfo=UTC)
    erasures.note([(("practice", "ternway", "m1"), at)], data=tmp_path, key=key)
    with (tmp_path / erasures.FILE).open("a") as file:
        file.write('{"key": "torn')
    erasures.note([(("practice", "ternway", "m2"), at)], data=tmp_path, key=key)
    names = [line.message for line in erasures.read(tmp_path / erasures.FILE)]
    assert names == [erasures.name(("practice", "ternway", message), key) for message in ("m1", "m2")]


def test_an_account_of_the_same_number_is_another(home, practice):
    """Rows get their numbers anew after a restore: the list goes by the network's own identities."""
    event = practice.says("maya", SECRET)
    practice.delivers({"key": "d", "id": event["id"], "type": "delete", "at": practice.now.isoformat()})
    Message.objects.update(deleted_at=None, text="Somebody else's words")
    Account.objects.update(external_id="another")
    from hark.journeys import erasing

    assert erasing.replay(home.data) == 0
    assert Message.objects.get().text == "Somebody else's words"
