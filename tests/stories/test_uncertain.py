"""Nobody can tell whether a reply is out there: a person looks, and decides once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from hark.brands.models import Brand
from hark.cases.errors import NotPossible
from hark.cases.models import Case, Event, Message
from hark.cases.tests.pages import Pages
from hark.channels.base import Unsure
from hark.channels.networks.practice import world
from hark.channels.networks.practice.adapter import Practice
from hark.clocks.models import Clock
from hark.journeys import reply, settling, uncertain
from hark.journeys.reply import queue
from hark.replies.models import Reply

pytestmark = pytest.mark.django_db
WORDS = "I’m so sorry, Maya."
CALLS: list[str] = []  # keys with which the network was called; it publishes a key once


@pytest.fixture
def lost(practice, tomas, monkeypatch):
    """A reply of a network that lost the answer and can't be asked."""

    def blind(*_args):
        raise Unsure("There is no way to ask.")

    real = Practice.send
    monkeypatch.setattr(Practice, "send", lambda *call: CALLS.append(call[2].key) or real(*call))
    monkeypatch.setattr(Practice, "find_sent", blind)
    CALLS.clear()
    Brand.objects.update(undo_seconds=0)
    practice.says("maya", "@ternway my pushchair is broken")
    case = Case.objects.get()
    world.fault("ternway", "lost_answer")
    [row] = queue(case, by=tomas, private=False, text=WORDS, seen_version=case.version)
    goes_on()
    row.refresh_from_db()
    assert row.state == Reply.State.UNSURE
    return row


def goes_on():
    """Time passes, and senders do what they can."""
    Reply.objects.filter(state__in=["queued", "unsure"]).update(due_at=timezone.now() - timedelta(seconds=1))
    while reply.deliver():
        pass


def test_it_arrived_counts_once_in_two_tabs(lost, tomas):
    pages = Pages(tomas)
    page = pages.get(f"cases/{lost.case_id}/").content.decode()
    assert "It arrived" in page
    assert page.count(f'name="seen" value="{lost.queued_at.isoformat()}"') == 2
    for _tab in range(2):
        assert pages.post(f"replies/{lost.pk}/arrived/", seen=lost.queued_at.isoformat()).status_code == 302
    pages.post(f"replies/{lost.pk}/send-again/", seen=lost.queued_at.isoformat())  # the other tab, too late
    goes_on()

    lost.refresh_from_db()
    assert (lost.state, lost.sent_at, len(CALLS)) == (Reply.State.SENT, lost.queued_at, 1)
    assert Message.objects.filter(outbound=True).count() == 1
    assert Clock.objects.get().stopped_at == lost.queued_at
    assert lost.case.events.filter(kind=Event.Kind.REPLY_SETTLED).count() == 1
    history = pages.reads(f"cases/{lost.case_id}/history/")
    assert "Tomas Oliveira looked whether a reply had arrived" in history


def test_send_it_again_sends_once_and_a_late_press_nothing(lost, tomas):
    pages = Pages(tomas)
    seen = lost.queued_at.isoformat()
    for _press in range(2):
        pages.post(f"replies/{lost.pk}/send-again/", seen=seen)
    world.fault("ternway", "lost_answer")
    goes_on()
    lost.refresh_from_db()
    assert (lost.state, len(CALLS)) == (Reply.State.UNSURE, 2)

    pages.post(f"replies/{lost.pk}/send-again/", seen=seen)  # of the first double click, a minute late
    goes_on()
    lost.refresh_from_db()
    assert (lost.state, len(CALLS)) == (Reply.State.UNSURE, 2)


def test_not_while_a_sender_holds_it_nor_by_who_does_not_answer(lost, tomas, vera):
    Reply.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    with pytest.raises(NotPossible, match="asking the network"):
        uncertain.send_again(lost, by=tomas, seen=lost.queued_at)
    Reply.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(NotPossible, match="does not answer"):
        uncertain.it_arrived(lost, by=vera, seen=lost.queued_at)
    assert "Load the page again" in words_after(tomas, lost, "yesterday")
    assert "Load the page again" in words_after(tomas, lost, "2026-02-31T10:00:00+00:00")
    assert uncertain.it_arrived(lost, by=tomas, seen=lost.queued_at)


def test_given_up_it_still_waits_for_a_person(lost, tomas):
    Reply.objects.update(attempts=settling.RETRY_LIMIT)
    goes_on()
    lost.refresh_from_db()
    assert (lost.state, lost.failure_code) == (Reply.State.REFUSED, settling.NEVER_CERTAIN)
    page = Pages(tomas).reads(f"cases/{lost.case_id}/")
    assert "The network could not tell" in page
    assert "refused it" not in page
    assert uncertain.send_again(lost, by=tomas, seen=lost.queued_at)
    goes_on()
    lost.refresh_from_db()
    assert (lost.state, len(CALLS)) == (Reply.State.SENT, 2)


def words_after(member, row, seen):
    pages = Pages(member)
    answer = pages.post(f"replies/{row.pk}/arrived/", seen=seen)
    assert answer.status_code == 302
    return pages.reads(f"cases/{row.case_id}/")


def echo(practice, row, text=WORDS, seconds=2.0, **more):
    """The network says it too, as it does of everything on an account."""
    at = row.queued_at + timedelta(seconds=seconds)
    us = {"id": "ternway", "handle": "ternway", "name": "Ternway"}
    place = {"author": us, "at": at.isoformat(), "thread": row.thread.external_id}
    return practice.says("ternway", text, **place, **more)


def ours():
    return [(one.external_id, one.member) for one in Message.objects.filter(outbound=True).order_by("id")]


def test_what_somebody_vouched_for_and_its_echo_are_one_message_with_the_networks_identity(
    lost, practice, tomas
):
    uncertain.it_arrived(lost, by=tomas, seen=lost.queued_at)
    said = echo(practice, lost, text="I'm so  sorry, Maya.", url="https://practice.example/p/9")
    lost.refresh_from_db()
    assert ours() == [(said["id"], tomas)]
    assert (lost.message.url, lost.message.edited_at) == ("https://practice.example/p/9", None)
    assert not lost.case.events.filter(kind=Event.Kind.EDITED).exists()
    practice.delivers(said | {"key": "again"})  # delivered twice, it is still one
    echo(practice, lost)  # the same words once more are another message
    assert [member for _name, member in ours()] == [tomas, None]


def test_an_echo_that_came_before_the_press_is_the_message_that_is_meant(lost, practice, tomas):
    said = echo(practice, lost)
    assert ours() == [(said["id"], None)]
    uncertain.it_arrived(lost, by=tomas, seen=lost.queued_at)
    assert ours() == [(said["id"], tomas)]
    lost.refresh_from_db()
    assert (lost.state, lost.message.external_id) == (Reply.State.SENT, said["id"])


@pytest.mark.parametrize(
    "other",
    [
        {"text": "I’m so sorry, Omar."},
        {"seconds": -3600},
        {"thread": "another"},
        {"author": {"id": "maya", "handle": "maya", "name": "Maya"}},
    ],
)
def test_other_words_another_time_another_thread_or_another_author_is_no_echo(lost, practice, tomas, other):
    uncertain.it_arrived(lost, by=tomas, seen=lost.queued_at)
    us = {"author": {"id": "ternway", "handle": "ternway", "name": "Ternway"}}
    told = {"text": WORDS, "thread": lost.thread.external_id, "seconds": 2} | us | other
    at = lost.queued_at + timedelta(seconds=told.pop("seconds"))
    practice.says("somebody", told.pop("text"), at=at.isoformat(), **told)
    assert ours()[0][0].startswith("told-")


def test_two_that_were_vouched_for_take_an_echo_each(lost, practice, tomas):
    uncertain.it_arrived(lost, by=tomas, seen=lost.queued_at)
    world.fault("ternway", "lost_answer")
    case = Case.objects.get()
    [second] = queue(case, by=tomas, private=False, text=WORDS, seen_version=case.version, confirmed=True)
    goes_on()
    second.refresh_from_db()
    uncertain.it_arrived(second, by=tomas, seen=second.queued_at)
    said = [echo(practice, second, seconds=number)["id"] for number in (1, 2)]
    assert sorted(ours()) == sorted((name, tomas) for name in said)
