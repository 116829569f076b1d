"""A customer follows the link of a public reply: what is said then joins the case that sent it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hark.cases.models import Case
from hark.channels.base import Reach
from hark.channels.networks.practice.models import Post
from hark.journeys import reply
from hark.journeys.move import move_to_private
from hark.moves.actions import hash_of, new_token
from hark.moves.models import Move

from .conftest import Visitor, answers, connect, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(practice):
    practice.says("maya", "@ternway my pushchair came back in two pieces")
    return Case.objects.get()


@pytest.fixture
def link(case, tomas, webchat):
    """The token of a hand-off link that a public reply carried."""
    token = new_token()
    Move.objects.create(
        brand=case.brand,
        case=case,
        by=tomas,
        reason=Move.Reason.DETAILS,
        mechanism="link",
        token_hash=hash_of(token),
        expires_at=timezone.now() + timedelta(days=7),
    )
    return token


def test_what_the_customer_says_behind_the_link_joins_the_case(case, link, visitor, tomas):
    assert visitor.begins(handoff=link).status_code == 200
    visitor.says("My address is Strandgaten 1")
    take_in()

    case.refresh_from_db()
    assert [(message.text, message.private) for message in case.messages.order_by("id")] == [
        ("@ternway my pushchair came back in two pieces", False),
        ("My address is Strandgaten 1", True),
    ]
    assert Case.objects.count() == 1
    assert case.arc == Case.Arc.PRIVATE
    assert Move.objects.get().followed_at
    answers(case, tomas, "Thank you, Maya. It is on its way.")
    assert visitor.sees()[-1] == ("out", "Thank you, Maya. It is on its way.")


def test_the_link_shows_the_public_post_and_nothing_private(case, link, visitor):
    visitor.begins(handoff=link)
    assert visitor.session["quote"]["text"] == "@ternway my pushchair came back in two pieces"
    assert visitor.session["events"] == []
    page = Client().get(f"/c/{link}").content.decode()
    assert "my pushchair came back in two pieces" in page
    assert case.person.name not in page or case.person.name in str(visitor.session["quote"]["author"])


def test_personal_details_of_the_public_post_are_covered_since_a_link_may_be_opened_by_others(
    practice, tomas, webchat, visitor, ternway
):
    ternway.number_shapes = ["TW-####@@"]
    ternway.save()
    practice.says("maya", "@ternway call me on 020 7946 0958 about TW-4412AB, maya.lind@example.org")
    token = new_token()
    Move.objects.create(
        brand=ternway,
        case=Case.objects.get(),
        by=tomas,
        reason=Move.Reason.DETAILS,
        mechanism="link",
        token_hash=hash_of(token),
        expires_at=timezone.now() + timedelta(days=7),
    )
    page = Client().get(f"/c/{token}").content.decode()
    visitor.begins(handoff=token)
    for shown in (page, visitor.session["quote"]["text"]):
        assert "call me on [phone number] about [booking or order number], [e-mail address]" in shown
        for detail in ("7946", "4412", "lind"):
            assert detail not in shown


def test_looking_at_the_link_binds_nothing(link, visitor):
    """Networks fetch every link that is posted, to draw a card."""
    for _ in range(3):
        assert Client().get(f"/c/{link}").status_code == 200
        assert Client().head(f"/c/{link}").status_code in (200, 405)
    assert visitor.begins(handoff=link).status_code == 200


def test_the_first_who_opens_it_has_it(link, visitor, webchat):
    visitor.begins(handoff=link)
    second = Visitor(webchat)
    assert second.begins(handoff=link).status_code == 409
    assert visitor.begins(handoff=link).status_code == 200  # the same browser comes back


def test_it_stays_bound_when_the_first_ends_the_session(link, visitor, webchat):
    visitor.begins(handoff=link)
    visitor.asks("DELETE", "sessions")
    assert Visitor(webchat).begins(handoff=link).status_code == 409


def test_a_link_that_has_run_out(link, visitor):
    Move.objects.update(expires_at=timezone.now())
    assert visitor.begins(handoff=link).status_code == 410
    page = Client().get(f"/c/{link}")
    assert page.status_code == 410
    assert "run out" in page.content.decode()


@pytest.mark.parametrize("token", ["x", "é", "x" * 500, "%00", "..", "%3Cscript%3E"])
def test_a_link_that_was_never_made(webchat, token):
    assert Client().get(f"/c/{token}").status_code in (404, 410)


def test_a_hand_off_of_another_brand_is_not_taken(link, nordhav):
    assert Visitor(connect(nordhav)).begins(handoff=link).status_code == 410


def test_one_press_sends_the_link_where_the_network_takes_no_messages(case, tomas, visitor, monkeypatch):
    """The whole way: the public line carries our own link, the customer opens it, the case goes private."""
    monkeypatch.setattr(
        type(case.messages.get().thread.account.network), "reach", lambda *_: Reach(False, reason="no")
    )
    case.brand.undo_seconds = 0
    case.brand.save()
    move_to_private(
        case, by=tomas, reason="details", text="Maya, please go on here:", seen_version=case.version
    )
    while reply.deliver():
        pass
    said = said_in_public()[-1]
    token = said.rpartition("/c/")[2]
    assert said.startswith("Maya, please go on here: http")

    visitor.begins(handoff=token)
    visitor.says("Here I am")
    take_in()
    case.refresh_from_db()
    assert case.has_private
    assert Move.objects.get().followed_at


def said_in_public():
    return [post.text for post in Post.objects.filter(persona=None).order_by("id")]
