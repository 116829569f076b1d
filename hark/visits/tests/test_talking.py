"""A visitor writes in the chat, and is answered."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from hark.cases.models import Case, Message
from hark.channels.models import Delivery
from hark.journeys import correcting
from hark.visits import live
from hark.visits.models import Visit

from .conftest import Visitor, answers, take_in

pytestmark = pytest.mark.django_db


def test_a_line_becomes_a_private_case_that_ines_sees_and_ruth_does_not(visitor, ines, ruth):
    answer = visitor.says(
        "Where is my bag?", page={"url": "https://www.ternway.example/bags?pnr=SECRET#x", "title": "Bags"}
    )
    take_in()

    assert answer.status_code == 200
    [case] = Case.objects.visible_to(ines).waiting()
    [message] = case.messages.all()
    assert (message.text, message.private, message.outbound) == ("Where is my bag?", True, False)
    assert message.facts["page"] == "https://www.ternway.example/bags"  # the query stays with the visitor
    assert answer.json()["id"] == message.external_id
    assert not Case.objects.visible_to(ruth).exists()


def test_it_is_stored_before_it_is_acknowledged(visitor):
    visitor.says("Where is my bag?")
    [delivery] = Delivery.objects.all()
    assert (delivery.account, delivery.state) == (visitor.account, Delivery.State.WAITING)
    assert b"Where is my bag?" in bytes(delivery.raw)


def test_the_visitor_sees_the_answer_with_a_first_name(visitor, tomas):
    visitor.says("Where is my bag?")
    take_in()
    answers(Case.objects.get(), tomas, "In Lisbon, on its way to you.")

    assert visitor.sees() == [("in", "Where is my bag?"), ("out", "In Lisbon, on its way to you.")]
    assert visitor.asks("GET", "events").json()["events"][1]["author"] == "Tomas"


def test_a_follow_up_joins_the_case(visitor):
    visitor.says("Where is my bag?")
    take_in()
    visitor.says("It is the green one")
    take_in()
    assert Case.objects.get().messages.count() == 2


def test_a_retry_is_the_same_message(visitor):
    key = str(uuid.uuid4())
    first, again = visitor.says("Where is my bag?", key), visitor.says("Where is my bag?", key)
    take_in()
    late = visitor.says("Where is my bag?", key)
    take_in()

    assert first.json() == again.json() == late.json()
    assert Message.objects.count() == 1


def test_another_text_under_the_same_key_is_refused(visitor):
    key = str(uuid.uuid4())
    visitor.says("Where is my bag?", key)
    answer = visitor.says("Never mind", key)
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert Delivery.objects.count() == 1


def test_two_visitors_may_happen_to_use_the_same_key(visitor, webchat):
    key = str(uuid.uuid4())
    other = Visitor(webchat)
    visitor.says("Mine", key)
    other.says("Also mine", key)
    take_in()
    assert (visitor.sees(), other.sees()) == ([("in", "Mine")], [("in", "Also mine")])


def test_news_since_the_cursor(visitor, tomas):
    visitor.says("Hello")
    take_in()
    long_ago = timezone.now() - timedelta(hours=1)
    Message.objects.update(arrived_at=long_ago, published_at=long_ago)
    cursor = visitor.asks("GET", "events").json()["cursor"]
    assert visitor.sees(cursor.replace("+", "%2B")) == []

    answers(Case.objects.get(), tomas, "Hello!")
    assert visitor.sees(cursor.replace("+", "%2B")) == [("out", "Hello!")]


def test_what_an_agent_corrects_or_takes_back_changes_in_the_window(visitor, tomas):
    visitor.says("Hello")
    take_in()
    answers(Case.objects.get(), tomas, "In Lisbom")
    message = Message.objects.get(outbound=True)

    correcting.correct(message, "In Lisbon", by=tomas)
    assert visitor.sees()[-1] == ("out", "In Lisbon")
    message.refresh_from_db()
    correcting.take_down(message, by=tomas)
    last = visitor.asks("GET", "events").json()["events"][-1]
    assert (last["text"], last["deleted"]) == ("", True)


def test_a_visitor_never_sees_the_public_side_or_another_conversation(visitor, webchat, practice, tomas):
    other = Visitor(webchat)
    visitor.says("My private matter")
    other.says("Somebody else’s matter")
    practice.says("maya", "@ternway in public")
    take_in()
    assert visitor.sees() == [("in", "My private matter")]
    assert other.sees() == [("in", "Somebody else’s matter")]


def test_a_session_goes_on_after_a_reload(visitor):
    visitor.says("Hello")
    take_in()
    before = visitor.token
    answer = visitor.begins()
    assert visitor.token == before
    assert [event["text"] for event in answer.json()["events"]] == ["Hello"]


@pytest.mark.parametrize("token", ["", "x", "Bearer", "é", "x" * 5000])
def test_a_token_that_opens_nothing(webchat, token):
    nobody = Visitor(webchat)
    nobody.token = token.encode("latin-1").decode("latin-1")
    answers_of = [
        nobody.asks("GET", "events"),
        nobody.asks("POST", "messages", {"client_id": str(uuid.uuid4()), "text": "Hello"}),
        nobody.asks("DELETE", "sessions"),
    ]
    assert {answer.status_code for answer in answers_of} == {401}
    assert Delivery.objects.count() == 0


def test_ended_expired_and_disconnected_sessions_open_nothing(visitor, webchat):
    visitor.says("Hello")
    take_in()
    visit = Visit.objects.get()
    ticket = live.ticket(visit)
    assert live.topics_of(ticket)

    Visit.objects.update(expires_at=timezone.now())
    assert visitor.asks("GET", "events").status_code == 401
    Visit.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert visitor.asks("GET", "events").status_code == 200
    webchat.disconnected_at = timezone.now()
    webchat.save()
    assert visitor.asks("GET", "events").status_code == 401
    webchat.disconnected_at = None
    webchat.save()
    assert visitor.asks("DELETE", "sessions").status_code == 204
    assert visitor.asks("GET", "events").status_code == 401
    assert live.topics_of(ticket) is None


def test_a_session_in_use_goes_on(visitor):
    visitor.says("Hello")
    Visit.objects.update(expires_at=timezone.now() + timedelta(days=2))
    visitor.says("Still here")
    assert Visit.objects.get().expires_at > timezone.now() + timedelta(days=29)


def test_a_live_ticket_opens_the_conversation_of_its_visit_and_nothing_else(visitor, webchat):
    other = Visitor(webchat)
    visitor.begins()
    assert live.topics_of(visitor.session["live"]) is None  # nothing was said: there is nothing to hear
    visitor.says("Hello")
    other.says("Hello too")
    mine, theirs = live.topics_of(visitor.session["live"]), live.topics_of(other.session["live"])
    assert set(mine) == set(theirs) == {"chat"}
    assert mine["chat"] != theirs["chat"]
    assert live.topics_of(visitor.token) is None
    assert live.topics_of("1") is None
    assert visitor.token not in visitor.session["live"]
