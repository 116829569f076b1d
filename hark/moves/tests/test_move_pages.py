"""One press moves a conversation to private."""

import pytest

from hark.cases.models import Case
from hark.cases.tests.pages import Pages, only_case, words_of
from hark.channels.actions import connect
from hark.channels.models import Account
from hark.customers.models import Person
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


@pytest.fixture
def chat(ternway):
    return connect(ternway, "webchat", {"external_id": "chat", "handle": "ternway.example"})


def invited(case, tomas, place="", **more):
    values = {"reason": "details", "text": "Maya, let us go on.", "seen_version": case.version} | more
    answer = Pages(tomas).post(f"cases/{case.pk}/move/{place and '?place='}{place}", **values)
    assert answer.status_code == 302, words_of(answer)
    return Move.objects.latest("pk")


def test_the_agent_chooses_among_the_ways_that_are_open(practice, chat, tomas):
    practice.says("maya", "Broken")
    case = only_case()
    page = Pages(tomas).reads(f"cases/{case.pk}/move/", htmx=True, place="chat")
    assert "Private conversation Our chat Secure page" in page
    assert "They leave the network for it." in page
    move = invited(case, tomas, "chat")
    assert move.mechanism == "link"
    assert "/c/" in move.reply.text


def test_a_way_that_closed_meanwhile_sends_nothing(practice, tomas):
    practice.says("maya", "Broken")
    case = only_case()
    page = f"cases/{case.pk}/move/?place=chat"
    refused = Pages(tomas).post(page, reason="details", text="Maya, come.", seen_version=case.version)
    assert refused.status_code == 422
    assert "That way is not open any more" in words_of(refused)
    assert not Reply.objects.exists()


def test_where_they_came_the_last_time_is_chosen_already(practice, chat, tomas):
    practice.says("maya", "Broken")
    invited(only_case(), tomas, "chat")
    Move.objects.update(followed_at=Move.objects.get().at)
    page = Pages(tomas).reads(f"cases/{only_case().pk}/move/", htmx=True)
    assert "Our chat theirs" in page
    assert "Last time they followed us to our chat" in page
    assert invited(only_case(), tomas, confirmed="on").mechanism == "link"


def test_what_somebody_noted_goes_before_what_was_learned(practice, chat, tomas):
    practice.says("maya", "Broken")
    case, pages = only_case(), Pages(tomas)
    Move.objects.filter(pk=invited(case, tomas, "chat").pk).update(followed_at=case.opened_at)
    invited(case, tomas, "network", remember="on", confirmed="on")
    assert Person.objects.get().prefers == "network"
    page = pages.reads(f"cases/{case.pk}/move/", htmx=True)
    assert "They like private messages where they wrote best: somebody noted it." in page
    assert "Remember that they like it this way" not in page


def test_who_likes_a_secure_page_is_offered_one(practice, tomas):
    practice.says("maya", "Broken")
    case, pages = only_case(), Pages(tomas)
    person = f"people/{case.person_id}/"
    assert "Where they like to talk in private" in pages.reads(person)
    pages.post(person, name="Maya", about="", time_zone="", prefers="secure")
    opened = pages.get(f"cases/{case.pk}/move/")
    assert (opened.status_code, opened["Location"]) == (302, f"/b/ternway/cases/{case.pk}/secure-page/")
    assert "Secure page theirs" in pages.reads(f"cases/{case.pk}/secure-page/")
    assert "Could we go on in private" in pages.reads(f"cases/{case.pk}/move/", place="network")


def test_what_an_invitation_costs_is_said_before_it_is_sent(practice, tomas):
    practice.says("maya", "Broken")
    Account.objects.update(channel="x", external_id="2244994945")  # the same on a network that charges
    case = only_case()
    page = Pages(tomas).reads(f"cases/{case.pk}/move/", htmx=True)
    assert "The public line costs $0.20 on X. Each private message costs $0.015 there." in page
    account = Account.objects.get()
    account.settings = {"link_as_button": True}
    account.spend(1_250_000)
    account.save()
    page = Pages(tomas).reads(f"cases/{case.pk}/move/", htmx=True)
    assert "The public line costs $0.01 on X." in page
    assert "This month X has cost this account $1.25." in page


def test_on_a_free_network_nothing_is_said_of_costs(practice, tomas):
    practice.says("maya", "Broken")
    assert "What it costs" not in Pages(tomas).reads(f"cases/{only_case().pk}/move/", htmx=True)
