"""The coach in the composer: calm while somebody types, a repair in one press, and holds that no way gets around."""

import pytest

from hark.brands.permissions import Role
from hark.cases.models import Event
from hark.cases.tests.pages import Pages, only_case
from hark.journeys import reply as journey
from hark.journeys.coaching import Held
from hark.replies.actions import draft_of
from hark.replies.models import Reply

BAD = "It was our mistake. What's your order number?"
GOOD = "Hi Maya, losing a pushchair on the way home must be exhausting. Send us a direct message and I'll find it tonight."


@pytest.fixture
def case(practice):
    practice.says("maya", "My pushchair came off the belt broken, I am furious")
    return only_case()


def coach(pages: Pages, case, text: str, *, htmx: bool = True, **more):
    return pages.post(f"cases/{case.pk}/coach/", htmx=htmx, text=text, to="public", **more)


def send(pages: Pages, case, text: str, **more):
    return pages.post(f"cases/{case.pk}/reply/", text=text, to="public", seen_version=case.version, **more)


def test_findings_stand_beside_the_draft_and_a_good_one_is_praised(case, tomas):
    pages = Pages(tomas)
    bad = coach(pages, case, BAD).content.decode()
    assert bad.count("coach__finding--hold") == 2
    assert "accepts fault" in bad
    assert "A lead can send it as it is" in bad
    good = coach(pages, case, GOOD).content.decode()
    assert good.count("coach__finding ") == 1  # the promise, to be kept track of
    assert "coach__finding--promise" in good
    assert "Their name" in good


def test_a_repair_is_one_press_and_keeps_the_rest_of_the_words(case, tomas):
    pages = Pages(tomas)
    page = coach(pages, case, BAD, repair="apology").content.decode()
    assert draft_of(case, tomas, private=False) == "I'm sorry this happened. What's your order number?"
    assert "I&#x27;m sorry this happened." in page
    assert coach(pages, case, BAD, htmx=False, repair="asks_private_data").status_code == 302
    assert "direct message" in draft_of(case, tomas, private=False)


def test_a_held_draft_is_sent_by_no_way_and_its_words_are_kept(case, tomas):
    assert send(Pages(tomas), case, BAD).status_code == 422
    assert send(Pages(tomas), case, BAD, why_held="I know better").status_code == 422
    with pytest.raises(Held):
        journey.queue(case, by=tomas, private=False, text=BAD, seen_version=case.version)
    assert not Reply.objects.exists()
    assert draft_of(case, tomas, private=False) == BAD


def test_a_lead_sends_it_all_the_same_with_a_reason_that_stays_on_record(case, ines, tomas):
    ines.roles = [Role.LEAD]
    ines.save()
    assert send(Pages(ines), case, BAD, why_held="  ").status_code == 422
    assert send(Pages(ines), case, BAD, why_held="Legal has verified it").status_code == 302
    event = Event.objects.get(kind=Event.Kind.COACH_OVERRIDDEN)
    assert (event.member, event.why) == (ines, "Legal has verified it")
    assert event.detail["checks"] == ["apology", "asks_private_data"]
    assert "sent what the coach held" in Pages(ines).reads(f"cases/{case.pk}/history/")


def test_a_near_copy_of_what_a_colleague_sent_to_somebody_else_is_held(case, practice, ines, tomas):
    text = "Hi Maya, the desk in hall B has one ready for you until ten tonight, just show them your name."
    journey.queue(case, by=tomas, private=False, text=text, seen_version=case.version)
    practice.says("omar", "Mine came off broken too")
    other = type(case).objects.exclude(pk=case.pk).get()
    copy = coach(Pages(ines), other, text.replace("Maya", "Omar")).content.decode()
    assert "the same as a reply that" in copy
    with pytest.raises(Held):
        journey.queue(
            other, by=ines, private=False, text=text.replace("Maya", "Omar"), seen_version=other.version
        )
