"""A kind word takes the short way: marked, liked, and thanked for by a person."""

from __future__ import annotations

import pytest

from hark.cases.models import Case, Event, Message
from hark.cases.tests.pages import Pages
from hark.channels.networks.practice.adapter import Practice
from hark.replies.actions import draft_of
from hark.replies.models import Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(practice):
    practice.says("maya", "@ternway your crew on TW 482 was wonderful with my boy", name="Maya Lind")
    return Case.objects.get()


def test_marked_liked_once_and_a_draft_that_asks_before_it_is_retold(case, tomas, monkeypatch):
    likes = []
    monkeypatch.setattr(Practice, "like", lambda *call: likes.append(call[2]))
    pages = Pages(tomas)
    assert "Like it, as the brand" in pages.reads(f"cases/{case.pk}/praise/")
    assert pages.post(f"cases/{case.pk}/praise/", then="retell", likes="on").status_code == 302
    again = pages.post(f"cases/{case.pk}/praise/", then="thank", likes="on")  # the words are not lost

    assert (again.status_code, "Send that first" in again.content.decode()) == (422, True)
    draft = draft_of(case, tomas, False)
    assert draft.startswith("Thank you, Maya!")
    assert "May we tell others" in draft
    assert not Reply.objects.exists()
    assert [str(tag) for tag in case.tags.all()] == ["praise"]
    assert len(likes) == 1
    assert Message.objects.get().liked_at


def test_praise_is_reason_enough_to_close_without_an_answer(case, tomas, vera):
    pages = Pages(tomas)
    assert Pages(vera).post(f"cases/{case.pk}/praise/", then="close").status_code == 403
    assert pages.post(f"cases/{case.pk}/praise/", then="anything").status_code == 422
    for _press in range(2):
        pages.post(f"cases/{case.pk}/praise/", then="close")

    case.refresh_from_db()
    assert case.state == Case.State.CLOSED
    assert case.events.filter(kind=Event.Kind.CLOSED_UNANSWERED).count() == 1
    assert "Praise: no answer is needed." in pages.reads("unanswered/")
