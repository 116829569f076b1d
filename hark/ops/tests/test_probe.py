"""The probe: a message from the door to a screen, of which nothing remains and nobody knows."""

import time
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import override_settings

from hark.brands.models import PROBE, Brand
from hark.cases.models import Case, Message
from hark.channels import collectors
from hark.channels.models import Account, Delivery
from hark.customers.models import Person
from hark.live import stream
from hark.ops import probing
from hark.ops.models import Probe
from tests import looping
from tests.serving import hark

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_probe_reaches_a_screen_and_leaves_nothing_behind():
    with hark() as address, override_settings(HARK_PROBE_URL=address, HARK_PROBE_SECONDS=86400):
        probing.work()
        probing.work()  # the same turn: somebody has sent it

    [probe] = Probe.objects.all()
    assert probe.failure == ""
    assert 0 < probe.seconds < 5
    assert not any(model.objects.exists() for model in (Case, Message, Person, Delivery))
    assert Account.objects.get().brand_id  # the door stays
    assert collectors._collected() == []


def test_nobody_meets_its_brand():
    probing._account()
    assert Brand.everything.filter(slug=PROBE).exists()
    assert not Brand.objects.exists()
    assert not Brand.objects.filter(slug=PROBE).exists()


def test_a_probe_that_finds_no_door_says_so():
    probe = Probe.objects.create(at=datetime.now(UTC))
    with override_settings(HARK_PROBE_URL="http://127.0.0.1:9"):
        probing.send(probe)
    probe.refresh_from_db()
    assert probe.seconds is None
    assert "refused" in probe.failure.lower()


def test_a_message_that_is_taken_in_but_never_shown_is_a_failure(monkeypatch):
    """The worker stands still, so nothing is published."""
    monkeypatch.setattr(probing, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr("tests.serving.work", lambda stopping: None)
    with hark() as address, override_settings(HARK_PROBE_URL=address):
        begun = time.monotonic()
        probe = Probe.objects.create(at=datetime.now(UTC))
        probing.send(probe)
    assert time.monotonic() - begun < 20
    assert (probe.seconds, Delivery.objects.count()) == (None, 1)
    assert probe.failure


@pytest.mark.parametrize("ticket", ["", "1", "made-up:ticket"])
def test_its_stream_opens_for_nobody_else(ticket):
    scope = {"query_string": f"probe={ticket}".encode(), "headers": []}
    assert looping.run(probing.gate(scope)) is None
    assert stream.hub is not None
    assert connection.vendor == "postgresql"
