"""An agent replies."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from hark.brands.models import Brand
from hark.cases.errors import NotPossible
from hark.cases.models import Case, Event, Message, Step
from hark.channels.models import Account
from hark.channels.networks.practice import world
from hark.channels.networks.practice.models import Post, World
from hark.clocks.models import Clock
from hark.journeys import reply
from hark.journeys.reply import SomebodyAnswered, queue
from hark.replies import outbox
from hark.replies.actions import draft_of, retry, save_draft, withdraw
from hark.replies.models import Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(practice):
    Brand.objects.update(undo_seconds=0)
    practice.says("maya", "@ternway my pushchair is broken")
    return Case.objects.get()


def answer(case, by, text="I’m so sorry, Maya.", **more):
    case.refresh_from_db()
    return queue(case, by=by, private=False, text=text, **{"seen_version": case.version, **more})


def deliver_all():
    while reply.deliver():
        pass


def due_now():
    """The time to wait before the next try has passed; so has a dead sender's lease."""
    past = timezone.now() - timedelta(seconds=1)
    Reply.objects.filter(state__in=["queued", "unsure"]).update(due_at=past)
    Reply.objects.exclude(lease_until=None).update(lease_until=past)
    Account.objects.update(paused_until=None)


def ledger():
    return [post.text for post in Post.objects.filter(persona=None).order_by("id")]


def test_a_public_reply_stops_the_clock_and_acknowledges(case, tomas):
    answer(case, tomas)
    deliver_all()

    case.refresh_from_db()
    assert ledger() == ["I’m so sorry, Maya."]
    assert (case.state, case.arc, case.assignee) == (Case.State.ANSWERED, Case.Arc.ACKNOWLEDGED, tomas)
    assert Clock.objects.get(case=case).stopped_at is not None
    assert case.due_at is None
    assert case.first_response_time() is not None
    sent = Message.objects.get(outbound=True)
    assert (sent.member, sent.case, sent.thread.messages.count()) == (tomas, case, 2)


def test_the_networks_echo_is_the_same_message(case, tomas, practice):
    answer(case, tomas)
    deliver_all()
    sent = Message.objects.get(outbound=True)
    practice.delivers(
        {
            "key": "echo",
            "id": sent.external_id,
            "at": practice.now.isoformat(),
            "text": sent.text,
            "thread": "m1",
        }
    )

    assert Message.objects.filter(outbound=True).count() == 1
    assert Message.objects.get(outbound=True).member == tomas


def test_a_reply_can_be_taken_back_within_the_undo_window_and_is_a_draft_again(case, tomas):
    Brand.objects.update(undo_seconds=10)
    [row] = answer(case, tomas, "Too quick")
    assert reply.deliver() == 0
    withdraw(row, by=tomas)
    deliver_all()

    assert ledger() == []
    assert draft_of(case, tomas, private=False) == "Too quick"
    with pytest.raises(NotPossible):
        withdraw(row, by=tomas)


def test_the_second_of_two_agents_is_stopped_and_may_insist(case, tomas, ines):
    seen = case.version
    answer(case, tomas, seen_version=seen)
    with pytest.raises(SomebodyAnswered, match="Tomas is answering"):
        answer(case, ines, "Me too", seen_version=seen)
    deliver_all()
    with pytest.raises(SomebodyAnswered, match="Tomas has just answered") as stopped:
        answer(case, ines, "Me too", seen_version=seen)
    assert stopped.value.message.text == "I’m so sorry, Maya."

    answer(case, ines, "Me too", seen_version=seen, confirmed=True)
    deliver_all()
    assert ledger() == ["I’m so sorry, Maya.", "Me too"]


def test_what_the_customer_wrote_meanwhile_is_read_before_an_answer_leaves(case, tomas, practice):
    seen = case.version
    practice.says("maya", "Never mind, it works again")
    with pytest.raises(SomebodyAnswered, match="something new"):
        answer(case, tomas, seen_version=seen)


def test_a_lost_answer_is_looked_for_before_anything_is_sent_again(case, tomas):
    world.fault("ternway", "lost_answer")
    [row] = answer(case, tomas)
    deliver_all()
    row.refresh_from_db()
    assert row.state == Reply.State.UNSURE

    due_now()
    deliver_all()
    row.refresh_from_db()
    assert row.state == Reply.State.SENT
    assert ledger() == ["I’m so sorry, Maya."]


def test_a_sender_that_died_in_the_middle_sends_nothing_twice(case, tomas, monkeypatch):
    class Died(BaseException):
        pass

    def die(*_args, **_kwargs):
        raise Died

    [row] = answer(case, tomas)
    with monkeypatch.context() as patched:
        patched.setattr(reply, "settle_sent", die)
        with pytest.raises(Died):
            reply.deliver()
    assert ledger() == ["I’m so sorry, Maya."]
    assert reply.deliver() == 0  # the lease still runs
    due_now()
    deliver_all()
    due_now()
    deliver_all()

    row.refresh_from_db()
    assert (row.state, ledger()) == (Reply.State.SENT, ["I’m so sorry, Maya."])


def test_while_the_network_cannot_be_asked_nothing_is_sent(case, tomas):
    world.fault("ternway", "lost_answer")
    world.fault("ternway", "blind")
    [row] = answer(case, tomas)
    for _ in range(3):
        deliver_all()
        due_now()
    row.refresh_from_db()
    assert (row.state, ledger()) == (Reply.State.SENT, ["I’m so sorry, Maya."])


def test_a_rate_limit_waits_and_a_refusal_tells_the_author(case, tomas):
    world.fault("ternway", "rate_limit", seconds=60)
    [row] = answer(case, tomas)
    deliver_all()
    row.refresh_from_db()
    assert (row.state, ledger()) == (Reply.State.QUEUED, [])
    assert Account.objects.get().paused_until > timezone.now()

    due_now()
    world.fault("ternway", "refused")
    deliver_all()
    row.refresh_from_db()
    assert (row.state, row.failure) == (Reply.State.REFUSED, "This person does not accept replies from you.")
    assert Event.objects.filter(kind=Event.Kind.REPLY_REFUSED).exists()

    retry(row, by=tomas)
    deliver_all()
    assert ledger() == ["I’m so sorry, Maya."]


def test_a_reply_is_held_while_the_account_must_be_connected_anew(case, tomas):
    world.fault("ternway", "expired")
    [row] = answer(case, tomas)
    deliver_all()
    row.refresh_from_db()
    assert row.state == Reply.State.HELD
    assert Account.objects.get().health == Account.Health.RECONNECT


def test_a_long_text_leaves_as_a_thread_in_order(case, tomas):
    rows = answer(case, tomas, "This is a sentence of some length. " * 40)
    assert len(rows) > 1
    deliver_all()
    posts = list(Post.objects.filter(persona=None).order_by("id"))
    assert len(posts) == len(rows)
    assert [post.parent for post in posts[1:]] == [post.external_id for post in posts[:-1]]
    assert posts[0].text.endswith(f"(1/{len(rows)})")


def test_what_can_not_leave_keeps_no_sender_awake(case, tomas):
    """A second part behind a refused first, and what the network has asked to wait with."""
    world.fault("ternway", "refused")
    answer(case, tomas, text="We looked everywhere for it. " * 20)
    deliver_all()
    assert set(Reply.objects.values_list("state", flat=True)) == {"refused", "queued"}
    assert outbox.next_due_seconds() is None

    retry(Reply.objects.get(state="refused"), by=tomas)
    assert outbox.next_due_seconds() == 0
    world.fault("ternway", "rate_limit", seconds=60)
    deliver_all()
    assert 50 < outbox.next_due_seconds() <= 60

    due_now()
    deliver_all()
    assert set(Reply.objects.values_list("state", flat=True)) == {"sent"}
    assert outbox.next_due_seconds() is None


def test_nobody_without_the_right_sends_anything(case, vera, ruth):
    for stranger in (vera, ruth):
        with pytest.raises(NotPossible):
            answer(case, stranger)


def test_an_empty_or_impossible_reply_is_refused_with_a_sentence(case, tomas):
    with pytest.raises(NotPossible, match="nothing to send"):
        answer(case, tomas, "   ")
    with pytest.raises(NotPossible, match="Too long"):
        queue(case, by=tomas, private=True, text="x" * 2001, seen_version=case.version)


def test_a_draft_is_kept_for_each_place_and_ends_when_it_is_sent(case, tomas):
    save_draft(case, tomas, private=False, text="In public")
    save_draft(case, tomas, private=True, text="In private")
    answer(case, tomas, "In public")

    assert draft_of(case, tomas, private=False) == ""
    assert draft_of(case, tomas, private=True) == "In private"


def test_an_arc_step_is_recorded_once(case, tomas):
    answer(case, tomas)
    deliver_all()
    answer(case, tomas, "And one more thing")
    deliver_all()
    assert Step.objects.filter(case=case).count() == 1


def test_a_form_that_is_pressed_twice_sends_once(case, tomas):
    press = uuid.uuid4()
    first = answer(case, tomas, press=press)
    again = answer(case, tomas, press=press)
    deliver_all()

    assert again == first
    assert ledger() == ["I’m so sorry, Maya."]
    assert answer(case, tomas, press=press) == first  # from the back button, after it has left
    deliver_all()
    assert len(ledger()) == 1


def test_a_reply_that_was_claimed_before_the_network_asked_us_to_wait_waits_as_well(case, tomas):
    answer(case, tomas)
    answer(case, tomas, "And we found it.", confirmed=True)
    world.fault("ternway", "rate_limit", times=2, seconds=60)
    assert reply.deliver(2) == 2

    assert len(World.objects.get().faults) == 1, "the network was called again"
    assert [row.state for row in Reply.objects.all()] == ["queued", "queued"]


def test_nor_is_the_network_asked_for_a_reply_that_may_be_out_there(case, tomas, monkeypatch):
    [row] = answer(case, tomas)
    Reply.objects.filter(pk=row.pk).update(state=Reply.State.UNSURE, lease_until=None)
    [claimed] = outbox.claim(1)
    network = type(claimed.account.network)
    monkeypatch.setattr(network, "find_sent", lambda *_: pytest.fail("the network was called again"))
    reply._pause(claimed.account, 60)  # said to another sender meanwhile
    reply._send(claimed)

    row.refresh_from_db()
    assert (row.state, row.failure) == ("unsure", "The network has asked us to wait.")


def test_a_shorter_pause_does_not_end_a_longer_one(case):
    account = Account.objects.get()
    for seconds in (60, 5):
        reply._pause(account, seconds)
    account.refresh_from_db()
    assert account.paused_until > timezone.now() + timedelta(seconds=50)
