"""Acknowledged in public, settled in private, and the book is closed."""

from __future__ import annotations

import uuid

import pytest

from hark.brands.models import Brand
from hark.cases import arc
from hark.cases.errors import NotPossible
from hark.cases.models import Case, Step
from hark.cases.tests.pages import Pages, words_of
from hark.channels.networks.practice.models import Post
from hark.journeys import closing, reply
from hark.journeys.move import invitation, move_to_private
from hark.journeys.ways import reach_of
from hark.moves.models import Move

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(practice):
    Brand.objects.update(undo_seconds=0)
    practice.says("maya", "@ternway my pushchair is broken", thread="t1")
    return Case.objects.get()


def fresh(case):
    case.refresh_from_db()
    return case.version


def deliver_all():
    while reply.deliver():
        pass


def test_the_whole_arc(case, tomas, practice):
    move_to_private(case, by=tomas, reason="details", text=invitation(case), seen_version=fresh(case))
    deliver_all()
    case.refresh_from_db()
    assert case.arc == Case.Arc.ACKNOWLEDGED
    assert Post.objects.get(persona=None).private is False

    practice.says("maya", "My booking is ABC", thread="dm-maya", private=True)
    case.refresh_from_db()
    assert case.arc == Case.Arc.PRIVATE
    assert Move.objects.get().followed_at is not None

    reply.queue(
        case, by=tomas, private=True, text="Thank you, a new one is on its way.", seen_version=fresh(case)
    )
    deliver_all()
    closing.resolve(case, by=tomas)
    closing.close_the_book(case, by=tomas, text=closing.closing_line(case), seen_version=fresh(case))
    deliver_all()

    case.refresh_from_db()
    assert (case.state, case.arc) == (Case.State.CLOSED, Case.Arc.BOOK_CLOSED)
    shown = arc.steps(case)
    assert [step.state for step in shown] == ["done", "private", "done", "done"]
    assert all(step.at for step in shown)
    assert [post.private for post in Post.objects.filter(persona=None).order_by("id")] == [False, True, False]


def test_a_step_is_skipped_only_with_a_reason(case, tomas):
    reply.queue(case, by=tomas, private=False, text="Hello", seen_version=fresh(case))
    deliver_all()
    with pytest.raises(NotPossible, match="moved to private"):
        closing.resolve(case, by=tomas)
    with pytest.raises(NotPossible, match="why"):
        arc.skip(case, Case.Arc.PRIVATE, by=tomas, reason="  ")
    arc.skip(case, Case.Arc.PRIVATE, by=tomas, reason="nothing private about it")
    closing.resolve(case, by=tomas)

    assert [step.state for step in arc.steps(case)] == ["done", "skipped", "done", "next"]


def test_a_move_needs_a_reason_that_helps(case, tomas):
    with pytest.raises(NotPossible, match="why"):
        move_to_private(case, by=tomas, reason="", text="Come", seen_version=fresh(case))


def test_closing_unanswered_takes_a_name_and_a_reason(case, tomas, vera):
    with pytest.raises(NotPossible):
        closing.close_silently(case, by=tomas, reason="")
    with pytest.raises(NotPossible):
        closing.close_silently(case, by=vera, reason="spam")
    closing.close_silently(case, by=tomas, reason="spam")

    case.refresh_from_db()
    assert case.state == Case.State.CLOSED
    assert {step.reason for step in Step.objects.filter(case=case)} == {"spam"}


def test_thanks_after_resolving_does_not_undo_the_resolution(case, tomas, practice):
    reply.queue(case, by=tomas, private=False, text="Hello", seen_version=fresh(case))
    deliver_all()
    arc.skip(case, Case.Arc.PRIVATE, by=tomas, reason="nothing private about it")
    closing.resolve(case, by=tomas)
    practice.says("maya", "Thank you!", thread="t1")

    case.refresh_from_db()
    assert (case.state, case.arc) == (Case.State.WAITING, Case.Arc.RESOLVED)
    closing.close_the_book(case, by=tomas, text="Any time!", seen_version=fresh(case))
    deliver_all()
    case.refresh_from_db()
    assert case.state == Case.State.CLOSED


def test_a_case_that_began_in_private_is_not_offered_a_move(practice, tomas):
    practice.says("ola", "Only for you", thread="dm-ola", private=True)
    assert not reach_of(Case.objects.get()).possible


def test_reopening_sets_the_last_steps_aside_and_keeps_them(case, tomas):
    closing.close_silently(case, by=tomas, reason="spam")
    closing.reopen(case, by=tomas, why="it was no spam")
    case.refresh_from_db()
    assert case.is_open
    assert Step.objects.filter(case=case).exclude(superseded_at=None).count() == 2


def test_an_invitation_that_is_pressed_twice_moves_once(case, tomas):
    press = uuid.uuid4()
    wish = {"by": tomas, "reason": "details", "text": "Come", "seen_version": fresh(case), "press": press}
    assert move_to_private(case, **wish) == move_to_private(case, **wish)
    deliver_all()
    assert (Move.objects.count(), Post.objects.filter(persona=None).count()) == (1, 1)


def closed(case, tomas, **more):
    reply.queue(case, by=tomas, private=False, text="I’m on it.", seen_version=fresh(case))
    deliver_all()
    arc.skip(case, Case.Arc.PRIVATE, by=tomas, reason="nothing private about it")
    closing.resolve(case, by=tomas, outcome="partly", cause="belt 3 in Porto", note="A new one was sent")
    closing.close_the_book(case, by=tomas, text="All good, Maya.", seen_version=fresh(case), **more)
    deliver_all()


def test_the_customer_is_asked_how_it_went_once_and_never_twice(case, tomas, practice):
    closed(case, tomas, ask_how=True)
    last = Post.objects.filter(persona=None).order_by("-id").first()
    assert last.text == f"All good, Maya. {closing.kind_request()}"
    page = Pages(tomas).reads(f"cases/{case.pk}/")
    assert "Solved in part" in page
    assert "belt 3 in Porto" in page
    assert "nothing said yet" in page

    practice.says("maya", "Lovely people!", thread="t1")
    assert "Lovely people!" in words_of(Pages(tomas).get(f"cases/{case.pk}/beside/"))
    assert not closing.may_ask_how(case)
    case.refresh_from_db()
    if case.state == Case.State.CLOSED:
        closing.reopen(case, by=tomas, why="one thing more")
    closing.resolve(case, by=tomas)
    closing.close_the_book(case, by=tomas, text="Bye!", seen_version=fresh(case), ask_how=True)
    deliver_all()
    assert Post.objects.filter(persona=None).order_by("-id").first().text == "Bye!"
    practice.says("maya", "@ternway something else is broken", thread="t9")
    assert not any(closing.may_ask_how(other) for other in Case.objects.filter(person=case.person))


def test_the_page_of_the_unanswered_is_empty_or_tells_why(case, tomas, vera):
    assert "@ternway my pushchair is broken" in Pages(tomas).reads("unanswered/")
    Pages(tomas).post(f"cases/{case.pk}/close-silently/", reason="It is spam")
    page = Pages(vera).reads("unanswered/")
    assert "Nobody. Everybody who wrote has had an answer" in page
    assert "It is spam" in page
    assert "Tomas Oliveira" in page
