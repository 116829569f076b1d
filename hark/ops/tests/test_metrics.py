"""What Prometheus reads, and who may."""

import errno
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from hark import counting
from hark.brands.models import Brand, User
from hark.channels.models import Account, Delivery
from hark.journeys import arrival
from hark.ops import queues
from hark.ops.models import Probe

pytestmark = pytest.mark.django_db
EVENT = b'{"key": "1", "id": "p1", "at": "2026-11-20T10:00:00Z", "text": "Where is my bag?", "author": {"id": "maya"}}'


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch):
    monkeypatch.setattr(queues, "_known", (0.0, []))


@pytest.fixture
def account():
    brand = Brand.objects.create(name="Ternway", slug="ternway")
    return Account.objects.create(brand=brand, channel="practice", external_id="x", handle="@ternway")


def read(client):
    """Every sample of the page by name and labels."""
    queues._known = (0.0, [])
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {settings.HARK_METRICS_TOKEN}"})
    assert answer.status_code == 200
    families = list(text_string_to_metric_families(answer.content.decode()))
    assert all(family.documentation for family in families)
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_every_queue_has_a_depth_and_an_age(client, account):
    for number, minutes in enumerate((10, 1)):
        Delivery.objects.create(
            brand=account.brand, account=account, event_key=f"late {number}", raw=EVENT,
            received_at=timezone.now() - timedelta(minutes=minutes),
        )  # fmt: skip
    Delivery.objects.create(brand=account.brand, account=account, event_key="torn", raw=b"{", state=2)
    found = read(client)
    assert found["hark_queue_depth", "deliveries"] == 2
    assert 590 <= found["hark_queue_oldest_seconds", "deliveries"] < 700
    assert found["hark_queue_depth", "unreadable"] == 1
    for queue in ("outbox", "copies", "snoozes", "jobs"):
        assert found["hark_queue_oldest_seconds", queue] >= 0
    assert found["hark_database_bytes",] > 1_000_000
    assert found["hark_database_up",] == 1


def test_what_waits_as_history_is_not_late(client, account):
    long_ago = timezone.now() - timedelta(days=1)
    Delivery.objects.create(
        brand=account.brand,
        account=account,
        event_key="old",
        raw=EVENT,
        received_at=long_ago,
        is_history=True,
    )
    found = read(client)
    assert (found["hark_queue_depth", "deliveries"], found["hark_queue_oldest_seconds", "deliveries"]) == (
        1,
        0,
    )


def test_arrival_and_pages_are_counted(client, account):
    before = read(client)
    Delivery.objects.create(brand=account.brand, account=account, event_key="1", raw=EVENT)
    arrival.work()
    assert client.get("/no-such-page").status_code == 404
    found = read(client)

    def rise(*name):
        return found[name] - before.get(name, 0)

    assert rise("hark_messages_arrived_total") == 1
    assert rise("hark_cases_made_total") == 1
    assert rise("hark_pages_total", "4xx") == 1
    assert rise("hark_page_seconds_count", "metrics") == 1
    assert rise("hark_page_seconds_bucket", "+Inf", "metrics") == 1


def test_the_probe_is_shown(client):
    assert ("hark_probe_up",) not in read(client)
    probe = Probe.objects.create(at=timezone.now(), seconds=0.021)
    assert read(client)["hark_probe_seconds",] == 0.021
    Probe.objects.filter(pk=probe.pk).update(seconds=None, failure="lost")
    assert read(client)["hark_probe_up",] == 0


def test_without_its_database_it_still_answers(client, monkeypatch):
    def away(fresh=False):
        raise DatabaseError("gone")

    monkeypatch.setattr(queues, "measure", away)
    found = read(client)
    assert found["hark_database_up",] == 0
    assert any(name[0] == "hark_pages_total" for name in found)


def test_strangers_and_agents_see_nothing(client):
    for headers in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer x"},
        {"Authorization": settings.HARK_METRICS_TOKEN},
    ):
        assert client.get("/metrics", headers=headers).status_code == 404
    client.force_login(
        User.objects.create_user("tomas@ternway.example"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    assert client.get("/metrics").status_code == 404
    client.force_login(
        User.objects.create_superuser("olu@ternway.example"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    assert client.get("/metrics").status_code == 200
    assert client.post("/metrics").status_code == 405


def test_a_counter_goes_on_under_its_name_and_survives_a_torn_file(tmp_path, monkeypatch):
    """In a process of its own, since a process has one name for life."""
    script = (
        "import django; django.setup()\n"
        "from hark import counting\n"
        "counting.begin('web-7')\n"
        "counting.EVENTS_STORED.inc(3)\n"
        "print(counting.total('hark_events_stored_total'))\n"
    )
    env = {**os.environ, "HARK_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "hark.config.settings"}

    def run():
        done = subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
        )
        return float(done.stdout)

    assert run() == 3.0
    assert run() == 6.0
    assert {path.name for path in (tmp_path / "metrics").glob("*alone*")} == set()
    (tmp_path / "metrics" / "counter_web-7.db").write_bytes(b"\xff" * 100)
    assert run() == 3.0


def test_a_stream_is_counted_while_it_is_open():
    before = counting.total("hark_live_connections")
    counting.STREAMS.inc()
    assert counting.total("hark_live_connections") == before + 1
    counting.STREAMS.dec()
    assert counting.total("hark_live_connections") == before


def test_on_a_full_disk_a_process_counts_in_memory(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    numbers = counting.Allocated(str(tmp_path / "counter_web.db"))
    numbers.write_value("key", 3.0, 0.0)
    assert numbers.read_value("key") == (3.0, 0.0)
    assert not list(tmp_path.iterdir()), "what can't be written is not left behind for others to read"
