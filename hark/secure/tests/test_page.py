"""A secure page from the offer to its end, as a customer on an old phone lives it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from hark.cases.models import Case, Event, Message
from hark.cases.tests.pages import Pages
from hark.channels.models import Delivery
from hark.journeys import secure_page
from hark.moves.models import Move
from hark.secure.models import AskedForm, Rules, SecurePage

from .conftest import Phone, answers, offered, take_in

pytestmark = pytest.mark.django_db


def test_looking_binds_nothing_and_opening_is_where_the_customer_followed(link, made, case):
    door = Phone(link).reads()
    assert "Your private page with Ternway" in door
    assert "pushchair" not in door
    assert not SecurePage.objects.get().opened_at

    phone = Phone(link)
    phone.opens()
    assert "Hello Maya, this page is only for you" in phone.reads()
    assert Move.objects.get().followed_at
    assert case.events.filter(kind=Event.Kind.FOLLOWED).count() == 1


def test_what_is_said_joins_the_case_and_the_answer_stands_on_the_page(maya, case, tomas):
    assert maya.posts("/say", text="Strandgaten 0, 5000 Bergen").status_code == 302
    assert "Strandgaten 0, 5000 Bergen" in maya.reads()  # before it was read into the case
    take_in()

    said = case.messages.latest("pk")
    assert (said.text, said.private, said.thread.account.channel) == (
        "Strandgaten 0, 5000 Bergen",
        True,
        "secure",
    )
    assert Case.objects.count() == 1
    answers(case, tomas, "Thank you, Maya. It is on its way.")
    seen = maya.reads()
    assert "Thank you, Maya. It is on its way. Tomas, Ternway" in seen
    assert "here I am" not in seen  # said in another place


def test_the_same_form_sent_twice_is_one_message(maya, case):
    key = "5f0c1f7e-1c1e-4f57-9b1e-0a1c2d3e4f50"
    for _ in range(2):
        maya.posts("/say", text="Once", key=key)
    take_in()
    assert case.messages.filter(text="Once").count() == 1


def test_news_come_only_when_there_are_some(maya, case, tomas):
    maya.posts("/say", text="Hello")
    take_in()
    shown = maya.gets("/news")
    stamp = shown.content.decode().split('data-seen="')[1][:16]
    assert maya.gets("/news", seen=stamp).status_code == 204
    answers(case, tomas, "Good to have you here")
    assert "Good to have you here" in maya.reads("/news")


def test_the_brands_form_is_asked_once_and_arrives_as_questions_with_answers(case, tomas, ternway):
    asked = AskedForm.objects.create(
        brand=ternway,
        name="Delivery",
        lines="Where shall we send it? [long] *\nWhen? [date]\nHow? [post / courier]",
    )
    phone = Phone(offered(case, tomas, form=asked, wish="For the spare I need an address."))
    phone.opens()
    assert "For the spare I need an address." in phone.reads()

    refused = phone.posts("/form", q2="post")
    assert refused.status_code == 422
    assert "Something is missing" in refused.content.decode()
    assert phone.posts("/form", q0="Strandgaten 0", q1="2026-12-01", q2="courier").status_code == 302
    phone.posts("/form", q0="Strandgaten 0", q1="2026-12-01", q2="courier")
    take_in()
    said = case.messages.filter(thread__account__channel="secure")
    assert [message.text for message in said] == [
        "Where shall we send it?: Strandgaten 0\nWhen?: Dec. 1, 2026\nHow?: courier"
    ]
    assert 'name="q0"' not in phone.gets().content.decode()


def test_what_only_the_customer_knows_opens_it(case, tomas):
    link = offered(case, tomas, proof="facts", facts={"Order number": "TW-0042", "Postcode": "ls1 4ab"})
    phone = Phone(link)
    assert "Order number" in phone.reads()
    assert phone.opens(fact0="tw0042", fact1="LS1 4AC").status_code == 422
    assert "does not match" in phone.opens(fact0="tw0042", fact1="").content.decode()
    assert phone.opens(fact0="tw 0042", fact1="LS14AB").status_code == 302


def test_a_code_by_mail_opens_it_once(case, tomas, sent_mail):
    link = offered(case, tomas, proof="email", email="maya@mail.example")
    phone = Phone(link)
    assert phone.opens(code="000000").status_code == 422
    assert "on its way" in phone.posts("/code").content.decode()
    [(to, code)] = sent_mail()
    assert to == "maya@mail.example"
    assert phone.opens(code=f"{code[:3]} {code[3:]}").status_code == 302


def test_a_public_link_needs_a_check(case, tomas):
    with pytest.raises(secure_page.NotPossible, match="needs a check"):
        offered(case, tomas, private=False)
    assert offered(case, tomas, private=False, proof="facts", facts={"Postcode": "LS1 4AB"})


def test_the_transcript_holds_what_was_said_here_alone(maya, case, tomas):
    maya.posts("/say", text="My order is TW-0042")
    take_in()
    answers(case, tomas, "Found it")
    saved = maya.gets("/transcript")
    assert "attachment" in saved["Content-Disposition"]
    text = saved.content.decode()
    assert "My order is TW-0042" in text
    assert "Found it" in text
    assert "here I am" not in text


def test_the_customer_closes_it_sooner(maya, case):
    assert "Nobody will be able to open it" in maya.reads("/close")
    maya.posts("/close")
    assert maya.gets().status_code == 410
    assert case.events.get(kind=Event.Kind.PAGE_CLOSED).why == "by the customer"


def test_once_it_is_closed_the_answer_goes_where_they_wrote_before(maya, case, page_of):
    maya.posts("/say", text="Strandgaten 0")
    take_in()
    assert page_of(case) == "secure"
    maya.posts("/close")
    assert page_of(case) == "practice"


def test_after_its_time_words_files_and_raw_deliveries_are_erased(maya, case, tomas, made):
    maya.posts("/say", text="Strandgaten 0")
    take_in()
    answers(case, tomas, "Thank you for Strandgaten 0")
    assert secure_page.erase_due() == 0
    SecurePage.objects.update(
        closes_at=timezone.now() - timedelta(days=31), opened_at=timezone.now() - timedelta(days=40)
    )
    assert secure_page.erase_due() == 1
    assert secure_page.erase_due() == 0
    gone = Message.objects.filter(thread__account__channel="secure")
    assert [(message.text, message.is_deleted) for message in gone] == [("", True), ("", True)]
    assert not Delivery.objects.filter(raw__contains=b"Strandgaten").exists()
    assert case.messages.filter(private=True, thread__external_id="dm-maya").get().text == "here I am"
    assert case.events.filter(kind=Event.Kind.PAGE_ERASED).exists()


# The agent's side ------------------------------------------------------------------------------------


def test_the_agent_offers_it_from_the_case_and_closes_it(case, tomas):
    pages = Pages(tomas)
    dialog = pages.reads(f"cases/{case.pk}/secure-page/", htmx=True)
    assert "The link goes in the private conversation" in dialog
    values = {"reason": "details", "proof": "none", "text": "Maya, here:", "seen_version": case.version}
    assert pages.post(f"cases/{case.pk}/secure-page/", **values).status_code == 302
    page = SecurePage.objects.get()
    assert (page.by, page.move.reason, page.move.mechanism) == (tomas, "details", "secure")
    assert pages.post(f"secure-pages/{page.pk}/close/").status_code == 302
    assert SecurePage.objects.get().closed_by == "us"


def test_pressing_twice_makes_one_page(case, tomas):
    values = {
        "reason": "details",
        "proof": "none",
        "text": "Maya, here:",
        "seen_version": case.version,
        "press": "5f0c1f7e-1c1e-4f57-9b1e-0a1c2d3e4f50",
    }
    for _ in range(2):
        Pages(tomas).post(f"cases/{case.pk}/secure-page/", **values)
    assert SecurePage.objects.count() == 1


def test_a_wrong_wish_keeps_the_words(case, tomas):
    refused = Pages(tomas).post(
        f"cases/{case.pk}/secure-page/",
        reason="details",
        proof="email",
        text="My own line",
        seen_version=case.version,
    )
    assert refused.status_code == 422
    assert "My own line" in refused.content.decode()
    assert "Give the e-mail address" in refused.content.decode()
    assert not SecurePage.objects.exists()


def test_the_brand_sets_rules_and_forms(ines, ternway):
    pages = Pages(ines)
    assert "no virus scanner" in pages.reads("settings/secure-pages/")
    saved = pages.post(
        "settings/secure-pages/", link_hours=4, open_days=2, keep_days=1, questions="Booking\nSurname"
    )
    assert saved.status_code == 302
    assert Rules.of(ternway).facts == ["Booking", "Surname"]
    assert (
        pages.post("settings/secure-pages/forms/", name="Claim", lines="What? *\nWhen? [date]").status_code
        == 302
    )
    row = AskedForm.objects.get()
    assert "When?" in pages.reads(f"settings/secure-pages/forms/{row.pk}/")
    bad = pages.post("settings/secure-pages/forms/", name="Bad", lines="What [date")
    assert bad.status_code == 422
    assert "can’t be read" in bad.content.decode()
    pages.post(f"settings/secure-pages/forms/{row.pk}/remove/")
    assert not AskedForm.objects.exists()
