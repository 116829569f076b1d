"""One press moves a conversation to private."""

from hark.cases.models import Case
from hark.cases.tests.pages import Pages, only_case, words_of
from hark.journeys import reply as journey
from hark.moves.models import Move
from hark.replies.models import Draft, Reply


def test_the_dialog_prepares_the_line_and_says_how_they_get_there(practice, tomas):
    practice.says("maya", "Broken")
    page = Pages(tomas).reads(f"cases/{only_case().pk}/move/", htmx=True)
    assert "Could we go on in private, so that your details stay yours?" in page
    assert "How they get there:" in page
    assert "Personal details are needed" in page


def test_moving_sends_the_agents_own_line_and_remembers_why(practice, tomas):
    practice.says("maya", "Broken")
    case, pages = only_case(), Pages(tomas)
    moved = pages.post(
        f"cases/{case.pk}/move/",
        reason="details",
        text="Maya, let us go on in private.",
        seen_version=case.version,
    )
    assert moved.status_code == 302
    move, reply = Move.objects.get(), Reply.objects.get()
    assert (move.reason, move.by, move.reply) == ("details", tomas, reply)
    assert (reply.purpose, reply.private) == ("invite", False)
    assert "Tomas invited them to private: personal details are needed." in pages.reads(f"cases/{case.pk}/")


def test_a_move_needs_a_reason_and_keeps_the_line(practice, tomas):
    practice.says("maya", "Broken")
    case = only_case()
    refused = Pages(tomas).post(f"cases/{case.pk}/move/", text="My own line", seen_version=case.version)
    assert refused.status_code == 422
    assert "My own line" in refused.content.decode()
    assert not Move.objects.exists()


def test_a_colleague_who_was_quicker_stops_the_move_until_it_is_confirmed(practice, tomas, ines):
    practice.says("maya", "Broken")
    case, pages = only_case(), Pages(tomas)
    journey.queue(case, by=ines, private=False, text="Wheels wait at the desk", seen_version=case.version)
    values = {"reason": "room", "text": "Let us talk", "seen_version": case.version}
    stopped = pages.post(f"cases/{case.pk}/move/", htmx=True, **values)
    assert stopped.status_code == 422
    assert "Wheels wait at the desk" in words_of(stopped)
    assert "Send anyway" in words_of(stopped)
    assert pages.post(f"cases/{case.pk}/move/", confirmed="on", **values).status_code == 302


def test_where_there_is_no_private_way_the_reason_is_said(practice, tomas):
    practice.says("maya", "Only between us", private=True, thread="dm")
    page = Pages(tomas).reads(f"cases/{Case.objects.get().pk}/move/")
    assert "this conversation is private already" in page
    assert "Reply in public and invite" not in page


def moved(practice, tomas, reason="details"):
    practice.says("maya", "Broken")
    case = only_case()
    values = {"reason": reason, "text": "Maya, let us go on in private.", "seen_version": case.version}
    assert Pages(tomas).post(f"cases/{case.pk}/move/", **values).status_code == 302
    return case


def test_one_reminder_is_prepared_and_a_person_sends_it(practice, tomas):
    case, pages = moved(practice, tomas), Pages(tomas)
    page = pages.reads(f"cases/{case.pk}/")
    assert "Not here yet" in page
    assert "Prepare a reminder" not in page
    move = Move.objects.get()
    Move.objects.update(at=move.at - Move.REMIND_AFTER)
    assert "Prepare a reminder" in pages.reads(f"cases/{case.pk}/")
    for _ in range(2):
        pages.post(f"moves/{move.pk}/remind/")
    draft = Draft.objects.get()
    assert (draft.private, draft.member) == (False, tomas)
    assert "still open whenever it suits you" in draft.text
    assert Reply.objects.count() == 1
    assert "Prepare a reminder" not in pages.reads(f"cases/{case.pk}/")


def test_who_came_is_not_reminded(practice, tomas):
    case = moved(practice, tomas)
    practice.says("maya", "Here I am", private=True, thread="dm")
    move = Move.objects.get()
    assert move.followed_at
    Move.objects.update(at=move.at - Move.REMIND_AFTER)
    assert "Prepare a reminder" not in Pages(tomas).reads(f"cases/{case.pk}/")
    Pages(tomas).post(f"moves/{move.pk}/remind/")
    assert not Draft.objects.exists()


def test_moves_that_only_hide_stand_in_the_numbers(practice, tomas):
    moved(practice, tomas, reason="calm")
    page = Pages(tomas).reads("moves/")
    assert "1 of 1 moves only took a matter out of public view (100 %)" in page
    assert "only hides" in page
    assert "Not here yet" in page


def test_the_dialog_offers_a_secure_page_and_says_the_limits(practice, tomas):
    practice.says("maya", "Broken")
    page = Pages(tomas).reads(f"cases/{only_case().pk}/move/", htmx=True)
    assert "Secure page" in page
    assert "The customer asked for it" in page
