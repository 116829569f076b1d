"""Beside the draft: what was before with this customer, the answers, what we said last in public, and who else is here."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hark.cases.models import Case, Event, Presence, Resolution
from hark.cases.tests.pages import Pages, words_of
from hark.clocks.models import Promise
from hark.live import bus
from hark.moves.models import Move

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(practice):
    practice.says("maya", "My pushchair came back in two pieces")
    return Case.objects.get()


def now() -> str:
    return timezone.now().isoformat()


def earlier(practice, case, number: int, by) -> Case:
    """A case of the same customer that is over, with what was promised and where they went."""
    practice.says(f"before{number}", f"Matter number {number}")
    other = Case.objects.latest("pk")
    Case.objects.filter(pk=other.pk).update(person=case.person_id, state=Case.State.RESOLVED)
    Resolution.objects.create(brand=case.brand, case=other, by=by, outcome="partly")
    at = timezone.now()
    for state, why in (("kept", ""), ("broken", "The van broke down")):
        Promise.objects.create(
            brand=case.brand, case=other, what=f"The {state} thing {number}", due_at=at + timedelta(hours=1), zone="UTC",
            owner=by, by=by, state=state, why=why, settled_at=at, remind_at=at,
        )  # fmt: skip
    Move.objects.create(
        brand=case.brand, case=other, by=by, reason="room", mechanism="secure", followed_at=at
    )
    return other


def test_what_was_before_is_told_with_how_it_ended(practice, case, tomas):
    earlier(practice, case, 1, tomas)
    shown = Pages(tomas).reads(f"cases/{case.pk}/help/", htmx=True)
    assert "Matter number 1" in shown
    assert "solved in part" in shown
    assert "The broken thing 1" in shown
    assert "1 promise was kept" in shown
    assert "A secure page" in shown
    assert "they followed" in shown


def test_without_script_it_is_a_page_of_its_own(practice, case, tomas):
    page = Pages(tomas).get(f"cases/{case.pk}/")
    assert f"/cases/{case.pk}/help/" in page.content.decode()
    assert "This is their first case." in Pages(tomas).reads(f"cases/{case.pk}/help/")


def test_ten_cases_before_cost_no_more_queries_than_one(practice, case, tomas):
    def queries() -> int:
        pages = Pages(tomas)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert pages.get(f"cases/{case.pk}/help/", htmx=True).status_code == 200
        return len(asked)

    earlier(practice, case, 0, tomas)
    queries()  # what a process remembers
    one = queries()
    for number in range(1, 6):
        earlier(practice, case, number, tomas)
    assert queries() <= one


def test_our_own_posts_stand_beside_the_draft(practice, case, tomas):
    practice.says("ternway", "Families first: all winter, pushchairs fly free.", by_brand=True, at=now())
    shown = Pages(tomas).reads(f"cases/{case.pk}/help/", htmx=True)
    assert "Our latest posts Families first: all winter, pushchairs fly free." in shown


def test_without_posts_it_is_what_we_answered_others(practice, case, tomas):
    asked = practice.says("piet", "Same belt, same day")
    practice.says("ternway", "Piet, come to hall B.", by_brand=True, parent=asked["id"], at=now())
    shown = Pages(tomas).reads(f"cases/{case.pk}/help/", htmx=True)
    assert "What we said last in public Piet, come to hall B." in shown


def test_nothing_is_fetched_again_while_nothing_happened(case, tomas):
    pages = Pages(tomas)
    html = pages.get(f"cases/{case.pk}/").content.decode()
    seen = re.search(r"/beside/\?&amp;seen=(\d+)", html)[1]
    assert pages.get(f"cases/{case.pk}/beside/", seen=seen, htmx=True).status_code == 204
    pages.post(f"cases/{case.pk}/note/", text="She rang twice")
    assert "She rang twice" in words_of(pages.get(f"cases/{case.pk}/beside/", seen=seen, htmx=True))


def test_answers_are_looked_for_anew_only_when_the_customer_said_something(practice, case, tomas):
    def place() -> str:
        html = Pages(tomas).get(f"cases/{case.pk}/beside/").content.decode()
        return re.search(r'id="(help-mark-[\d-]+)"', html)[1]

    first = place()
    Pages(tomas).post(f"cases/{case.pk}/note/", text="She rang twice")
    assert place() == first
    practice.says("maya", "And where do I get a loan one?", parent=case.messages.get().external_id)
    assert place() != first


def test_coming_and_going_tells_who_is_here_and_nothing_else(case, tomas, ines, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(bus, "publish", lambda *topics: told.extend(topics))
    Pages(ines).post(f"cases/{case.pk}/look/", writing="1")
    Pages(ines).post(f"cases/{case.pk}/look/", writing="1")  # no news
    assert told == [f"here-{case.pk}"]
    assert "Ines is writing" in Pages(tomas).reads(f"cases/{case.pk}/here/", htmx=True)
    Pages(ines).post(f"cases/{case.pk}/leave/")
    assert told == [f"here-{case.pk}"] * 2
    assert not Presence.objects.exists()
    assert not Event.objects.filter(case=case, member=ines).exists()


def test_nobody_of_another_brand_sees_any_of_it(case, ruth):
    for part in ("help", "here", "beside"):
        assert Pages(ruth, "nordhav").get(f"cases/{case.pk}/{part}/").status_code == 404
