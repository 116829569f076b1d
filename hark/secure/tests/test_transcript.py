"""What was said, to keep: as a file at once, or as a letter to an address that the customer typed and confirmed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from hark.cases.models import Case, Event
from hark.cases.tests.pages import Pages, words_of
from hark.channels.actions import connect
from hark.journeys import reply as outbox
from hark.journeys import secure_page
from hark.replies.models import Draft, Reply
from hark.secure.models import SecurePage

from .conftest import Phone, answers, offered, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(ternway):
    return connect(
        ternway, "email", {"external_id": "care@ternway.example", "handle": "care@ternway.example"}
    )


def letters() -> list[Reply]:
    return list(Reply.objects.filter(purpose=Reply.Purpose.TRANSCRIPT).order_by("pk"))


def test_without_a_mailbox_there_is_the_file_alone(maya):
    assert "Send it to me by e-mail" not in maya.reads()
    assert maya.gets("/mail").status_code == 404
    assert maya.gets("/transcript").status_code == 200


def test_the_letter_leaves_only_once_its_address_was_confirmed(maya, mailbox, case, tomas):
    maya.posts("/say", text="Strandgaten 0, 5000 Bergen. My card is 4111 1111 1111 1111.")
    take_in()
    answers(case, tomas, "It is on its way, Maya.")
    assert "Send it to me by e-mail" in maya.reads()
    asked = words_of(maya.posts("/mail", address="maya@lind.example"))
    assert "Is this your address? maya@lind.example" in asked
    assert not letters()
    sent = words_of(maya.posts("/mail", address="maya@lind.example", sure="on"))
    assert "The letter goes to maya@lind.example." in sent
    (row,) = letters()
    assert (row.to_address, row.account, row.private, row.author) == (
        "maya@lind.example",
        mailbox,
        True,
        tomas,
    )
    assert "You:\nStrandgaten 0, 5000 Bergen. My card is [card number]." in row.text
    assert "Tomas:\nIt is on its way, Maya." in row.text
    assert "here I am" not in row.text  # said in another place
    assert "Oliveira" not in row.text
    assert case.events.filter(kind=Event.Kind.TRANSCRIPT).count() == 1


def test_the_same_words_go_to_the_same_address_once(maya, mailbox):
    maya.posts("/say", text="Hello")
    take_in()
    for _ in range(3):
        maya.posts("/mail", address="maya@lind.example", sure="on")
    assert len(letters()) == 1
    for number in range(9):
        maya.posts("/mail", address=f"maya{number}@lind.example", sure="on")
    assert len(letters()) == 5
    refused = maya.posts("/mail", address="once-more@lind.example", sure="on")
    assert refused.status_code == 422
    assert "several letters already" in words_of(refused)


@pytest.mark.parametrize("address", ["", "maya", "a@b\r\nBcc: x@y.example", "mäya@lind.example", "x" * 300])
def test_what_is_no_address_is_asked_for_again(maya, mailbox, address):
    maya.posts("/say", text="Hello")
    take_in()
    assert maya.posts("/mail", address=address, sure="on").status_code == 422
    assert not letters()


def test_a_page_on_which_nothing_was_said_gives_no_letter(maya, mailbox):
    refused = maya.posts("/mail", address="maya@lind.example", sure="on")
    assert "Nothing was said here yet." in words_of(refused)


def test_a_code_that_went_to_an_address_proposes_that_one(case, tomas, mailbox, sent_mail):
    phone = Phone(offered(case, tomas, proof="email", email="maya@lind.example"))
    phone.posts("/code")
    phone.opens(code=sent_mail()[-1][1])
    assert 'value="maya@lind.example"' in phone.gets("/mail").content.decode()


def test_files_are_named_and_stay_behind(maya, mailbox, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    Image.new("RGB", (4, 4)).save(tmp_path / "leg.png")
    picture = SimpleUploadedFile("leg.png", (tmp_path / "leg.png").read_bytes(), "image/png")
    maya.posts("/say", text="Here", upload=picture)
    take_in()
    maya.posts("/mail", address="maya@lind.example", sure="on")
    (row,) = letters()
    assert "[leg.png]" in row.text
    assert not row.files.exists()


def test_it_answers_nobody_and_a_colleague_is_not_stopped_by_it(maya, mailbox, case, ines):
    maya.posts("/say", text="Hello")
    take_in()
    maya.posts("/mail", address="maya@lind.example", sure="on")
    Reply.objects.filter(purpose=Reply.Purpose.INVITE).update(state="sent")
    case.refresh_from_db()
    assert case.first_reply_at is None
    outbox.queue(case, by=ines, private=True, text="Hello Maya", seen_version=case.version)
    shown = Pages(ines).reads(f"cases/{case.pk}/")
    assert "The customer asked for the conversation by e-mail. On its way" in shown


def test_nobody_takes_it_back_into_a_draft(maya, mailbox, case, tomas):
    maya.posts("/say", text="Hello")
    take_in()
    maya.posts("/mail", address="maya@lind.example", sure="on")
    Reply.objects.filter(purpose=Reply.Purpose.TRANSCRIPT).update(state="refused", failure="no such mailbox")
    assert "It could not be sent. no such mailbox Try again" in Pages(tomas).reads(f"cases/{case.pk}/")
    (row,) = letters()
    assert Pages(tomas).post(f"replies/{row.pk}/take-back/").status_code == 302
    assert not Draft.objects.exists()
    assert letters()[0].state == "refused"


def test_with_the_page_its_letters_are_forgotten(maya, mailbox, made):
    maya.posts("/say", text="Hello")
    take_in()
    maya.posts("/mail", address="maya@lind.example", sure="on")
    SecurePage.objects.update(closed_at=timezone.now() - timedelta(days=40))
    secure_page.erase_due()
    (row,) = letters()
    assert (row.state, row.text, row.to_address) == ("withdrawn", "", "")


def test_another_device_has_no_letter_either(maya, mailbox):
    other = Phone(maya.link)
    assert other.gets("/mail").status_code == 403
    assert other.posts("/mail", address="eve@mail.example", sure="on").status_code == 403
    assert not letters()


def test_the_file_begins_with_what_we_asked_for(case, tomas):
    phone = Phone(offered(case, tomas, wish="For the spare I need an address."))
    phone.opens()
    phone.posts("/say", text="Strandgaten 0")
    saved = phone.gets("/transcript").content.decode()
    assert re.search(r"Tomas:\r\nFor the spare I need an address\.\r\n\r\n.* — You:\r\nStrandgaten 0", saved)
    assert Case.objects.count() == 1
