"""The log: one identity from the door to the screen, and nothing of what people wrote."""

import io
import json
import logging
import uuid

import pytest
import structlog
from django.db import IntegrityError, connection
from django.test import override_settings

from hark.brands.models import Brand
from hark.cases.models import Case
from hark.channels.models import Account, Delivery
from hark.journeys import arrival, reply
from hark.ops import identity, lines, machine

pytestmark = pytest.mark.django_db
SECRET_WORDS = "Booking TW-4471, my card ends in 0119"


@pytest.fixture
def log():
    """What goes to the error stream, as JSON."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(), foreign_pre_chain=lines.steps()
        )
    )
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)


@pytest.fixture
def account():
    brand = Brand.objects.create(name="Ternway", slug="ternway")
    return Account.objects.create(brand=brand, channel="practice", external_id="x", handle="@ternway")


def delivered(account, key, text):
    event = {"key": key, "id": key, "at": "2026-11-20T10:00:00Z", "text": text, "author": {"id": "maya"}}
    return Delivery.objects.create(
        brand=account.brand, account=account, event_key=key, raw=json.dumps(event).encode()
    )


def test_one_line_joins_a_batch_with_what_became_of_it(account, log):
    first, second = delivered(account, "1", SECRET_WORDS), delivered(account, "2", SECRET_WORDS)
    arrival.work()
    [line] = [line for line in log() if line["event"] == "arrival.read"]
    case = Case.objects.get()
    assert line["deliveries"] == [first.pk, second.pk]
    assert line["cases"] == [case.pk]
    assert sorted(line["messages"]) == sorted(case.messages.values_list("pk", flat=True))
    assert f"case-{case.pk}" in line["published"]
    assert SECRET_WORDS not in json.dumps(log())


def test_what_cant_be_stored_is_told_without_its_words(account, log, monkeypatch):
    delivery = delivered(account, "1", SECRET_WORDS)

    def refuse(*_):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE IF NOT EXISTS once (words text UNIQUE)")
            cursor.execute("INSERT INTO once VALUES (%s), (%s)", [SECRET_WORDS, SECRET_WORDS])

    monkeypatch.setattr(arrival.keeping, "write", refuse)
    arrival.work()
    told = [line for line in log() if line["event"] == "arrival.set_aside"]
    assert told[0]["delivery"] == delivery.pk
    assert IntegrityError.__name__ in told[0]["exception"] or "UniqueViolation" in told[0]["exception"]
    assert "0119" not in json.dumps(log())


def test_slow_queries_are_told_without_what_was_asked_for(log, client):
    with override_settings(HARK_SLOW_QUERY_MS=1), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.01), %s", [SECRET_WORDS])
    [line] = [line for line in log() if line["event"] == "slow_query"]
    assert line["sql"] == "SELECT pg_sleep(0.01), %s"
    assert line["ms"] >= 10
    with override_settings(HARK_SLOW_QUERY_MS=0), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.01)")
    assert len([line for line in log() if line["event"] == "slow_query"]) == 1


def test_a_page_has_an_id_that_its_lines_carry(client, log, monkeypatch):
    from hark.ops import health

    def told():
        structlog.get_logger("hark").warning("looked")
        return True

    monkeypatch.setattr(health, "is_migrated", told)
    answer = client.get("/health/ready", headers={"X-Request-ID": "forged"})
    [line] = [line for line in log() if line["event"] == "looked"]
    assert line["request_id"] == answer["X-Request-ID"] != "forged"
    assert line["page"] == "ops:ready"
    structlog.get_logger("hark").warning("afterwards")
    assert "request_id" not in log()[-1]


def test_warnings_are_kept_where_the_operator_sees_them(tmp_path):
    path = tmp_path / "log" / "web-1.jsonl"
    path.parent.mkdir()
    handler = identity._troubles(path, "web-1")
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        structlog.get_logger("hark").info("calm")
        structlog.get_logger("hark").warning("odd", number=3)
        logging.getLogger("elsewhere").error("bad")
    finally:
        root.removeHandler(handler)
        handler.close()
    found = machine.troubles(tmp_path)
    assert [(line["process"], line["event"]) for line in found] == [("web-1", "bad"), ("web-1", "odd")]
    assert [line["event"] for line in machine.troubles(tmp_path, "odd")] == ["odd"]
    assert [line["event"] for line in machine.troubles(tmp_path, "-odd")] == ["bad"]


def test_two_processes_of_a_kind_have_two_names(tmp_path):
    folder = tmp_path
    try:
        assert identity._take(folder / ".web-1.lock")
        assert not identity._take(folder / ".web-1.lock")
        assert identity._take(folder / ".web-2.lock")
    finally:
        for file in identity._held:
            file.close()
        identity._held.clear()


def test_a_reply_names_the_delivery_that_it_answers(account, log):
    from hark.brands import actions as brands
    from hark.brands.permissions import Role
    from hark.channels.networks.practice import world

    world.open_world("x", is_live=False, arrivals=False)
    delivery = delivered(account, "1", SECRET_WORDS)
    arrival.work()
    case = Case.objects.get()
    tomas = brands.add_member(account.brand, "tomas@ternway.example", [Role.AGENT])
    account.brand.undo_seconds = 0
    account.brand.save()
    [row] = reply.queue(
        case, by=tomas, private=False, text="We look into it.", seen_version=case.version, press=uuid.uuid4()
    )
    reply.deliver()
    row.refresh_from_db()
    assert row.state == "sent", row.failure
    queued, sent = (
        next(line for line in log() if line["event"] == name) for name in ("reply.queued", "reply.sent")
    )
    assert queued["replies"] == [row.pk] == [sent["reply"]]
    assert queued["delivery"] == sent["delivery"] == delivery.pk
    assert queued["case"] == sent["case"] == case.pk
    assert "look into it" not in json.dumps(log())


def test_addresses_that_let_somebody_in_are_not_written_down(log, client):
    client.get(f"/s/{'k' * 43}/transcript")
    client.get(f"/c/{'k' * 32}")
    lines_said = [line["event"] for line in log()]
    assert "Gone: /s/…/transcript" in lines_said
    assert not any("kkkk" in line for line in lines_said)
