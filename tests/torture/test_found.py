"""What torture has found, each as the smallest story that shows it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.urls import reverse

from hark.cases.models import Case, Message
from hark.channels import importing
from hark.channels.models import Delivery
from hark.clocks.models import Clock
from hark.journeys import arrival

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59.9Z", "0001-01-01T00:00:00+14:00"])
def test_a_post_from_the_end_of_the_calendar_stops_nobody_behind_it(practice, at):
    practice.says("maya", "from another age", at=at, take_in=False)
    practice.says("piet", "I come behind it")

    assert Message.objects.get().text == "I come behind it"
    assert "year" in Delivery.objects.get(state=Delivery.State.UNREADABLE).problem


def test_a_fault_of_our_own_code_in_one_message_stops_nobody_behind_it(practice, monkeypatch):
    real = arrival.keeping.vector

    def fails(*texts):
        if "poison" in texts:
            raise OverflowError("date value out of range")
        return real(*texts)

    monkeypatch.setattr(arrival.keeping, "vector", fails)
    practice.says("maya", "poison", take_in=False)
    practice.says("piet", "I come behind it")

    assert Message.objects.get().text == "I come behind it"


def test_a_deadlock_sets_nothing_aside(practice, monkeypatch):
    def deadlock(*_args, **_more):
        raise OperationalError("deadlock detected")

    with monkeypatch.context() as busy:
        busy.setattr(arrival.keeping, "write", deadlock)
        with pytest.raises(OperationalError):
            practice.says("maya", "Hello?")
        with pytest.raises(OperationalError):
            arrival.one_by_one(10)
    while arrival.work():
        pass
    assert Message.objects.get().text == "Hello?"


def test_half_a_character_can_be_looked_at(practice, ines, client):
    raw = json.dumps({"key": "half", "id": 7, "text": "\ud83d"}).encode()
    account = practice.account
    delivery = Delivery.objects.create(
        brand=account.brand, account=account, event_key="half", raw=raw, state=Delivery.State.UNREADABLE
    )
    client.force_login(ines.user)
    answer = client.get(reverse("channels:delivery", args=["ternway", delivery.pk]))
    assert answer.status_code == 200


def test_lines_that_are_too_deep_or_too_late_are_named_and_the_others_imported(ternway, tmp_path):
    good = {"id": "1", "text": "Hello", "author": "maya", "at": "2026-01-05T10:00:00Z"}
    late = {**good, "id": "2", "at": "9999-12-31T23:59:59-14:00"}
    deep = json.dumps({**good, "id": "3"})[:-1] + ', "more": ' + "[" * 10_000 + "]" * 10_000 + "}"
    path = tmp_path / "past.ndjson"
    path.write_text("\n".join([json.dumps(good), json.dumps(late), deep]))
    source = importing.Source(path)
    columns = importing.guess(source.header, importing.Columns())
    report = importing.run(source, columns, importing.account_for(ternway, "past"))

    assert (report.new, report.bad) == (1, 2)
    assert [problem.split(":")[0] for problem in report.first_problems] == ["line 2", "line 3"]


def test_what_the_customer_deleted_or_corrected_is_gone_from_the_queue_too(practice):
    event = practice.says("maya", "my number is 912 345 678")
    practice.delivers(
        {**event, "key": "e.2", "type": "edit", "text": "my number is in your files", "version": 2}
    )
    assert Case.objects.get().snippet == "my number is in your files"
    practice.delivers({**event, "key": "e.gone", "type": "delete", "text": "", "version": 3})
    assert Case.objects.get().snippet == ""


def test_a_corrected_message_is_still_found_by_its_authors_name(practice):
    event = practice.says("maya", "Flight 482")
    practice.delivers({**event, "key": "e.2", "type": "edit", "text": "Flight 483", "version": 2})
    assert "maya" in Message.objects.get().search


def test_a_first_post_that_comes_late_moves_the_clock_to_where_the_wait_began(practice):
    first = practice.says("maya", "Where is my bag?", take_in=False)
    Delivery.objects.all().delete()
    practice.says("maya", "Hello?")
    practice.delivers(first)

    case, clock = Case.objects.get(), Clock.objects.get()
    assert case.opened_at == clock.started_at == datetime.fromisoformat(first["at"])
    assert case.due_at == case.hurts_at == clock.due_at == case.opened_at + timedelta(minutes=30)
    assert case.snippet == "Hello?"
