"""One press moves a conversation to private."""

from hark.cases.models import Case
from hark.cases.tests.pages import Pages, only_case, words_of
from hark.journeys import reply as journey
from hark.moves.models import Move
from hark.replies.models import Reply


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
