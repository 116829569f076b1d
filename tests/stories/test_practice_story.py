"""The main job, on the practice network: acknowledged in public, settled in private, and the book is closed.

Customers are played by their scenario; what Tomas does goes the way of every reply. Nothing here knows a text of theirs.
"""

from __future__ import annotations

import pytest
from django.utils import timezone

from hark.cases import arc
from hark.cases.models import Case, Message
from hark.channels.networks.practice import world
from hark.channels.networks.practice.models import Post, World
from hark.clocks.models import Clock
from hark.journeys import closing, move, reply, ways
from hark.moves.models import Move
from hark.replies.models import Reply

from .stage import Stage

pytestmark = pytest.mark.django_db(transaction=False)


@pytest.fixture
def stage(practice) -> Stage:
    return Stage(practice.account)


def the_case() -> Case:
    return Case.objects.get()


def answer(stage: Stage, case: Case, member, text: str, *, private: bool = False) -> None:
    reply.queue(case, by=member, private=private, text=text, seen_version=case.version)
    stage.leaves()


def test_a_pushchair_from_the_first_post_to_the_closed_book(stage, tomas):
    stage.plays("pushchair_snapped")
    case = the_case()
    assert (case.person.name, case.state) == ("Maya Lindqvist", Case.State.WAITING)
    assert Clock.objects.get(case=case).stopped_at is None

    answer(stage, case, tomas, "Maya, I’m so sorry you landed to that. I’m Tomas, and I stay with you.")
    assert Clock.objects.get(case=case).stopped_at is not None
    stage.passes(minutes=2)
    case = the_case()
    assert case.state == Case.State.WAITING
    assert ways.reach_of(case).mechanism == "direct_dm"

    text = move.invitation(case)
    assert text.startswith("Maya")
    move.move_to_private(case, by=tomas, reason=Move.Reason.DETAILS, text=text, seen_version=case.version)
    stage.leaves()
    stage.passes(minutes=2)
    case = the_case()
    assert case.has_private
    assert Move.objects.get().followed_at is not None

    for line in (
        "I have your tag. Is the left leg off completely?",
        "The desk in hall B has a loan one.",
        "Is it there?",
    ):
        answer(stage, the_case(), tomas, line, private=True)
        stage.passes(minutes=2)

    closing.resolve(the_case(), by=tomas)
    case = the_case()
    closing.close_the_book(case, by=tomas, text=closing.closing_line(case), seen_version=case.version)
    stage.leaves()
    case = the_case()
    assert case.state == Case.State.CLOSED
    steps = arc.steps(case)
    assert [step.state for step in steps] == ["done", "private", "done", "done"]
    assert all(step.at for step in steps)

    stage.passes(minutes=3)
    thanks = case.messages.filter(outbound=False, private=False).latest("published_at")
    assert "loan pushchair" in thanks.text
    assert Case.objects.count() == 1
    assert not Reply.objects.exclude(state=Reply.State.SENT).exists()


def test_every_word_of_ours_is_out_there_once_and_shown_once(stage, tomas):
    stage.plays("pushchair_snapped")
    answer(stage, the_case(), tomas, "Maya, I’m Tomas, and I stay with you.")
    stage.passes(minutes=2)
    assert Post.objects.filter(persona=None).count() == 1
    [ours] = Message.objects.filter(outbound=True)
    assert ours.member == tomas
    assert ours.case == the_case()


@pytest.mark.parametrize("fault", ["lost_answer", "server_error", "rate_limit"])
def test_a_network_that_stumbles_makes_no_doubles(stage, tomas, fault):
    stage.plays("miles_silent")
    world.fault(stage.name, fault)
    answer(stage, the_case(), tomas, "Dexter, let me look.")
    for _ in range(3):
        Reply.objects.exclude(state=Reply.State.SENT).update(due_at=timezone.now())
        stage.account.__class__.objects.update(paused_until=None)
        stage.leaves()
    assert Reply.objects.get().state == Reply.State.SENT
    assert Post.objects.filter(persona=None).count() == 1
    assert Message.objects.filter(outbound=True).count() == 1


def test_a_customer_who_takes_messages_from_friends_only_follows_a_link_into_the_same_case(stage, tomas):
    stage.plays("overbooked_student")
    case = the_case()
    assert ways.reach_of(case).mechanism == "link"
    move.move_to_private(
        case, by=tomas, reason=Move.Reason.DETAILS, text="Femi, this way:", seen_version=case.version
    )
    stage.leaves()
    stage.passes(minutes=2)
    case = the_case()
    assert case.has_private
    assert Move.objects.get().followed_at is not None


def test_a_pile_on_is_a_case_for_each_and_one_thread(stage, tomas):
    stage.plays("belt_pile_on")
    stage.passes(minutes=6)
    assert Case.objects.count() == 7
    assert Message.objects.values("thread").distinct().count() == 1
    for case in Case.objects.all():
        answer(stage, case, tomas, f"{case.person.name}, I’m looking into yours.")
        assert Case.objects.get(pk=case.pk).state == Case.State.ANSWERED
    stage.passes(minutes=5)
    assert Case.objects.count() == 7
    assert Case.objects.waiting().count() >= 4  # those who answered back


def test_what_a_customer_takes_down_is_gone(stage, tomas):
    stage.plays("posted_phone")
    assert "0142" in Message.objects.get().text
    answer(stage, the_case(), tomas, "Nils, please take your number down.")
    stage.passes(minutes=3)
    assert not any("0142" in message.text for message in Message.objects.all())
    assert "0142" not in the_case().snippet


def test_the_demo_fills_the_queue_within_seconds(ternway):
    from hark.channels.networks import practice

    account = practice.start(ternway)
    World.objects.update(is_live=False)
    stage = Stage(account)
    stage.passes(seconds=15)
    assert Case.objects.waiting().count() >= 8
    assert practice.start(ternway) == account
