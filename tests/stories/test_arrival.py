"""A message arrives."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from hark.brands.models import Brand
from hark.cases.actions import snooze
from hark.cases.models import Case, Event, Message
from hark.channels.models import Delivery
from hark.clocks.models import Clock
from hark.customers.models import Person
from hark.journeys import arrival, closing

pytestmark = pytest.mark.django_db(transaction=False)


def texts(case):
    return [message.text for message in case.messages.order_by("published_at")]


def test_a_strangers_post_becomes_a_case_with_a_running_clock(practice, ines, ruth):
    practice.says("maya", "My pushchair came off the belt with a snapped frame")

    [case] = Case.objects.visible_to(ines).waiting()
    assert texts(case) == ["My pushchair came off the belt with a snapped frame"]
    assert (case.person.name, case.channel, case.unread) == ("Maya", "practice", True)
    [clock] = Clock.objects.filter(case=case)
    assert clock.due_at - clock.started_at == timedelta(minutes=30)
    assert case.due_at == case.hurts_at == clock.due_at
    assert not Case.objects.visible_to(ruth).exists()


def test_a_follow_up_joins_the_case_that_is_still_open(practice, ines):
    practice.says("maya", "My parcel is late")
    practice.says("maya", "Still nothing!")

    [case] = Case.objects.visible_to(ines).waiting()
    assert texts(case) == ["My parcel is late", "Still nothing!"]
    assert case.snippet == "Still nothing!"
    assert case.hurts_at == case.due_at  # the first wait is the one that hurts


def test_a_direct_message_after_a_public_post_joins_the_same_case(practice):
    practice.says("maya", "@ternway help", thread="t1")
    practice.says("maya", "Here are my details", thread="dm-maya", private=True)

    [case] = Case.objects.all()
    assert case.has_private
    assert case.arc == Case.Arc.PRIVATE
    assert [message.private for message in case.messages.order_by("id")] == [False, True]


def test_two_people_in_one_thread_have_a_case_each(practice):
    practice.says("maya", "Broken!", thread="t1")
    practice.says("piet", "Mine too!", thread="t1")

    assert Case.objects.count() == 2
    assert Message.objects.values("thread").distinct().count() == 1


def test_a_redelivery_changes_nothing(practice):
    event = practice.says("maya", "Hello?")
    before = list(Message.objects.values())

    assert practice.delivers(event) == 0
    practice.delivers({**event, "key": "the same post by another way"})

    assert list(Message.objects.values()) == before
    assert Case.objects.get().message_count == 1


def test_an_edit_keeps_the_earlier_texts_and_an_old_version_that_comes_late_is_one_of_them(practice):
    event = practice.says("maya", "Flight TWY 482", version=1)
    practice.delivers({**event, "key": "e1.3", "type": "edit", "text": "Flight TWY 483", "version": 3})
    practice.delivers({**event, "key": "e1.2", "type": "edit", "text": "Flight TWY 48", "version": 2})

    message = Message.objects.get()
    assert message.text == "Flight TWY 483"
    assert [earlier["text"] for earlier in message.earlier] == ["Flight TWY 482", "Flight TWY 48"]
    assert Event.objects.filter(kind=Event.Kind.EDITED).count() == 1


def test_a_deletion_blanks_text_search_and_raw_delivery_and_keeps_a_stub(practice):
    event = practice.says("maya", "my number is 912 345 678")
    practice.delivers({**event, "key": "e1.d", "type": "delete", "text": ""})

    message = Message.objects.get()
    assert (message.text, message.search, message.is_deleted) == ("", None, True)
    assert not any(b"912" in bytes(delivery.raw) for delivery in Delivery.objects.all())
    assert Event.objects.filter(kind=Event.Kind.DELETED, case=message.case).exists()


def test_a_deletion_that_overtakes_its_post_wins(practice):
    event = practice.says("maya", "never mind", take_in=False)
    Delivery.objects.all().delete()
    practice.delivers({**event, "key": "d", "type": "delete", "text": ""})
    practice.delivers(event)

    assert Message.objects.get().text == ""
    assert not Case.objects.exists()


@pytest.mark.parametrize("seed", range(6))
def test_any_order_and_any_batching_come_to_the_same(practice, seed):
    chance = random.Random(seed)
    said = [
        practice.says(who, f"{who} {n}", thread=f"t{n % 3}", take_in=False) for n, who in enumerate("abcabc")
    ]
    said += [{**said[1], "key": "edit", "type": "edit", "text": "b, corrected", "version": 2}]
    said += [{**said[2], "key": "del", "type": "delete", "text": "", "version": 3}]
    Delivery.objects.all().delete()
    order = said * 3
    chance.shuffle(order)
    while order:
        size = chance.randint(1, 5)
        practice.delivers(*order[:size], take_in=chance.random() < 0.5)
        del order[:size]
    practice.delivers(said[0])

    left = {message.external_id: message.text for message in Message.objects.all()}
    assert left == {"m1": "a 0", "m2": "b, corrected", "m3": "", "m4": "a 3", "m5": "b 4", "m6": "c 5"}
    assert sorted(Case.objects.values_list("person__name", "message_count")) == sorted(
        (name, count)
        for name, count in [("A", 2), ("B", 2), ("C", Case.objects.get(person__name="C").message_count)]
    )
    assert Person.objects.count() == 3


def test_what_cannot_be_read_is_kept_shown_and_blocks_nobody(practice):
    practice.delivers({"key": "broken", "type": "post", "id": 7}, take_in=False)
    practice.says("maya", "I come behind it")

    [kept] = Delivery.objects.filter(state=Delivery.State.UNREADABLE)
    assert kept.problem
    assert Message.objects.get().text == "I come behind it"


def test_what_the_database_refuses_is_set_aside_and_the_rest_arrives(practice, monkeypatch):
    practice.says("maya", "before", take_in=False)
    practice.says("piet", "poison", take_in=False)
    practice.says("ola", "after", take_in=False)
    real = arrival.keeping.vector
    monkeypatch.setattr(arrival.keeping, "vector", lambda *t: "'" if "poison" in t else real(*t))
    while arrival.work():
        pass

    assert sorted(Message.objects.values_list("text", flat=True)) == ["after", "before"]
    assert "could not be stored" in Delivery.objects.get(state=Delivery.State.UNREADABLE).problem


def test_a_closed_case_reopens_within_the_brands_days_and_a_new_one_begins_later(practice, ines, ternway):
    practice.says("maya", "First")
    case = Case.objects.get()
    closing.close_silently(case, by=ines, reason="said thanks by phone")
    practice.says("maya", "Again!")
    case.refresh_from_db()
    assert (case.state, case.arc) == (Case.State.WAITING, Case.Arc.RESOLVED)

    closing.close_silently(case, by=ines, reason="settled")
    practice.now += timedelta(days=8)
    practice.says("maya", "Another matter")
    assert Case.objects.count() == 2
    assert Case.objects.latest("id").follows is None or Case.objects.latest("id").follows == case


def test_a_brand_may_want_a_new_case_after_every_closing(practice, ines, ternway):
    Brand.objects.update(reopening=Brand.Reopening.NEW)
    practice.says("maya", "First")
    closing.close_silently(Case.objects.get(), by=ines, reason="settled")
    practice.says("maya", "Second")

    assert Case.objects.count() == 2


def test_the_customer_wakes_a_snoozed_case(practice, tomas):
    practice.says("maya", "First")
    case = Case.objects.get()
    snooze(case, practice.now.replace(year=2027), by=tomas)
    practice.says("maya", "Hello?")

    case.refresh_from_db()
    assert case.state == Case.State.WAITING
    assert not case.snoozes.filter(ended_at=None).exists()


def test_the_history_cannot_be_changed(practice):
    from django.db import DatabaseError, transaction

    practice.says("maya", "First")
    for change in (Event.objects.all().delete, lambda: Event.objects.update(why="nothing happened")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_the_posts_of_many_brands_arrive_in_one_pass_and_stay_apart(practice, nordhav, ines, ruth):
    from hark.channels.models import Account
    from tests.stories.speaking import Network

    theirs = Network(
        Account.objects.create(brand=nordhav, channel="practice", external_id="nordhav", handle="@nordhav")
    )
    practice.says("maya", "Ternway, help", thread="t1", take_in=False)
    theirs.says("maya", "Nordhav, help", thread="t1", take_in=False)

    assert arrival.work() == 2
    assert [case.snippet for case in Case.objects.visible_to(ines)] == ["Ternway, help"]
    assert [case.snippet for case in Case.objects.visible_to(ruth)] == ["Nordhav, help"]
    assert Person.objects.count() == 2


def test_a_brand_that_another_worker_has_is_left_to_it(practice, ternway):
    import psycopg
    from django.db import connection

    practice.says("maya", "Hello", take_in=False)
    parameters = connection.get_connection_params()
    for ours in ("cursor_factory", "context"):
        parameters.pop(ours, None)
    with psycopg.connect(**parameters) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtext('hark.arrival'), %s)", [ternway.pk])
        assert arrival.work() == 0
    assert arrival.work() == 1


def test_code_that_is_newer_than_its_database_waits_and_sets_nothing_aside(practice):
    from django.db import ProgrammingError, connection

    practice.says("maya", "Hello", take_in=False)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cases_case RENAME COLUMN snippet TO older")
    with pytest.raises(ProgrammingError):
        arrival.work()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cases_case RENAME COLUMN older TO snippet")
    assert arrival.work() == 1
    assert not Delivery.objects.filter(state=Delivery.State.UNREADABLE).exists()
