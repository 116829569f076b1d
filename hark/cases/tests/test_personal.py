"""Personal details that customers post: covered, shown for a reason, asked to be removed."""

import pytest

from hark.cases.models import Case, Event
from hark.replies.models import Draft, Reply

from .pages import Pages, only_case

pytestmark = pytest.mark.django_db
NUMBER = "+44 20 7946 0958"


@pytest.fixture
def case(practice):
    practice.says("maya", f"Broken! Call me on {NUMBER}, order TW-0042", name="Maya Lind")
    return only_case()


def test_details_in_public_are_covered_wherever_the_words_stand(case, tomas):
    case.brand.number_shapes = ["TW-####"]
    case.brand.save()
    pages = Pages(tomas)
    page = pages.reads(f"cases/{case.pk}/")
    assert "Call me on phone number hidden , order booking or order number hidden" in page
    for seen in (
        page,
        pages.reads("queue/"),
        pages.reads("search/", q="broken"),
        pages.reads(f"cases/{case.pk}/thread/"),
    ):
        assert "7946" not in seen
        assert "TW-0042" not in seen


def test_they_are_shown_for_a_reason_to_whose_case_it_is_and_the_history_says_so(case, tomas):
    pages, address = Pages(tomas), f"messages/{case.messages.get().pk}/details/"
    refused = pages.post(address, reason="To call her back")
    assert refused.status_code == 422
    assert "Take the case first" in refused.content.decode()
    Case.objects.update(assignee=tomas)
    assert pages.post(address).status_code == 422
    shown = pages.post(address, reason="To call her back", htmx=True)
    assert NUMBER in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    [event] = case.events.filter(kind=Event.Kind.REVEALED)
    assert (event.member, event.why, event.detail["kinds"]) == (
        tomas,
        "To call her back",
        ["phone", "reference"],
    )
    assert NUMBER not in pages.reads(f"cases/{case.pk}/")
    assert "looked at personal details To call her back" in pages.reads(f"cases/{case.pk}/history/")


def test_whoever_has_no_right_to_see_them_does_not(case, vera, ruth, ines):
    address = f"messages/{case.messages.get().pk}/details/"
    assert Pages(vera).post(address, reason="Curious").status_code == 403
    assert Pages(ruth, "nordhav").post(address, reason="Curious").status_code == 404
    assert NUMBER in Pages(ines).post(address, reason="Escalation").content.decode()


def test_the_request_to_remove_is_a_draft_that_repeats_nothing(case, tomas):
    Pages(tomas).post(f"messages/{case.messages.get().pk}/ask-removal/")
    draft = Draft.objects.get()
    assert draft.text.startswith(
        "Maya, to keep you safe, could you take this out of your post: phone number, booking or order number?"
    )
    assert "7946" not in draft.text
    assert not Reply.objects.exists()


def test_in_private_only_cards_and_accounts_are_covered(practice, tomas):
    practice.says("maya", f"Card 4111 1111 1111 1111, call {NUMBER}", private=True, thread="dm")
    page = Pages(tomas).reads(f"cases/{only_case().pk}/thread/")
    assert "Card card number hidden" in page
    assert NUMBER in page


def test_the_brand_says_how_its_numbers_look(ines, ternway):
    pages = Pages(ines)
    assert "Personal details in public" in pages.reads("settings/rules/")
    values = {
        "name": "Ternway", "time_zone": "Europe/Lisbon", "target": "30", "reopening": "reopen", "reopening_days": 7,
        "undo_seconds": 8,
    }  # fmt: skip
    assert pages.post("settings/rules/", **values, shapes="TW-####\n@@@***").status_code == 302
    ternway.refresh_from_db()
    assert ternway.number_shapes == ["TW-####", "@@@***"]
    assert pages.post("settings/rules/", **values, shapes="order").status_code == 422
