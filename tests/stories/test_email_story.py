"""The main job by letter, on a real mail server: heard, answered, bounced, joined by a hand-off, never answered by itself."""

from __future__ import annotations

import pytest
from django.utils import timezone

from hark.brands.models import Brand
from hark.cases.models import Case, Message
from hark.channels import actions
from hark.channels.models import Account, Delivery
from hark.channels.networks.email.connect import ConnectForm
from hark.channels.networks.email.tests.conftest import form_data
from hark.journeys import arrival, reply
from hark.moves.actions import hash_of
from hark.moves.models import Move
from hark.replies.models import Reply
from hark.secure.tests.conftest import Phone, offered
from tests.bluesky_people import until
from tests.letters import Mailbox

from .test_bluesky_story import collecting

pytestmark = [pytest.mark.peer, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def care(mail):
    return Mailbox(mail, "care")


@pytest.fixture
def maya(mail):
    return Mailbox(mail, "maya")


@pytest.fixture
def account(ternway, mail, care) -> Account:
    Brand.objects.update(undo_seconds=0)
    form = ConnectForm(form_data(mail, care))
    assert form.is_valid(), form.errors
    return actions.connect(ternway, "email", form.connected())


def heard(text: str) -> Message:
    def look():
        while arrival.work():
            pass
        return Message.objects.filter(text__contains=text).first()

    return until(look, f"“{text}”")


def answers(tomas, case: Case, text: str) -> Reply:
    case.refresh_from_db()
    (row,) = reply.queue(case, by=tomas, private=True, text=text, seen_version=case.version)
    Reply.objects.update(due_at=timezone.now())
    while reply.deliver():
        pass
    row.refresh_from_db()
    return row


def test_from_the_first_letter_to_the_second_answer(account, care, maya, tomas):
    with collecting(account):
        maya.writes(care.address, "It came back in two pieces.", Subject="My pushchair")
        case = heard("in two pieces").case
        row = answers(tomas, case, "I’m so sorry, Maya. I’m Tomas, and I stay with you.")
        assert row.state == Reply.State.SENT
        got = until(lambda: next(iter(maya.letters()), None), "the answer at Maya's")
        maya.answers(got, "The green one. Thank you.")
        again = heard("The green one. Thank you.")
        assert again.case_id == case.pk
        assert "Tomas" not in again.text  # what came along is folded
        assert "I’m Tomas" in again.facts["folded"]
        case.refresh_from_db()
        assert case.state == Case.State.WAITING
        answers(tomas, case, "The desk in hall B has a loan one for you.")
        until(lambda: len(maya.letters()) == 2, "the second answer")
        heard("The desk in hall B")
    assert Case.objects.count() == 1
    assert Message.objects.filter(outbound=True).count() == 2  # the copies of our own are not said twice


def test_an_answering_machine_wakes_nobody_and_is_answered_by_nothing(account, care, maya, tomas):
    with collecting(account):
        maya.writes(care.address, "Where is it?", Subject="Parcel")
        case = heard("Where is it?").case
        answers(tomas, case, "On its way.")
        got = until(lambda: next(iter(maya.letters()), None), "the answer at Maya's")
        maya.answers(got, "I am away until Monday.", Auto_Submitted="auto-replied")
        machine = heard("I am away until Monday.")
        case.refresh_from_db()
        assert machine.case_id == case.pk
        assert machine.facts["automatic"] == "auto-submitted"
        assert case.state == Case.State.ANSWERED
    assert Reply.objects.count() == 1
    assert len(maya.letters()) == 1


def test_a_reply_that_bounces_says_so_and_its_case_waits_again(account, care, maya, tomas):
    with collecting(account):
        raw = (
            b"From: gone@mail.test\r\nTo: x\r\nSubject: Hello\r\nMessage-ID: <g@x>\r\n\r\nAre you there?\r\n"
        )
        maya.drops(raw, care.address)
        case = heard("Are you there?").case
        row = answers(tomas, case, "Yes, we are.")

        def came_back():
            while arrival.work():
                pass
            row.refresh_from_db()
            return row.state == Reply.State.REFUSED

        until(came_back, "the report")
        case.refresh_from_db()
        assert "550" in row.failure
        assert case.state == Case.State.WAITING
    assert Case.objects.count() == 1  # the report itself is nobody's case


def test_a_hand_off_in_the_address_joins_the_case_it_came_from(account, care, maya, practice, tomas):
    practice.says("maya", "@ternway my pushchair is broken")
    case = Case.objects.get()
    Move.objects.create(
        brand=case.brand, case=case, by=tomas, reason=Move.Reason.values[0], mechanism="link",
        token_hash=hash_of("Tok_en-1"), expires_at=timezone.now() + timezone.timedelta(days=1),
    )  # fmt: skip
    with collecting(account):
        maya.writes(
            care.address.replace("@", "+Tok_en-1@"), "It is me, here is my booking.", Subject="As asked"
        )
        joined = heard("here is my booking")
    assert joined.case_id == case.pk
    assert joined.private
    case.refresh_from_db()
    assert case.has_private


def test_a_customer_has_the_conversation_of_their_page_sent_once(
    account, care, maya, tomas, settings, tmp_path
):
    settings.HARK_MEDIA = tmp_path
    with collecting(account):
        maya.writes(care.address, "It came back in two pieces.", Subject="My pushchair")
        case = heard("in two pieces").case
        phone = Phone(offered(case, tomas))
        phone.opens()
        phone.posts("/say", text="Strandgaten 0, 5000 Bergen")
        heard("Strandgaten 0")
        for _ in range(2):
            phone.posts("/mail", address=maya.address, sure="on")
        Reply.objects.update(due_at=timezone.now())
        while reply.deliver():
            pass
        copy = until(
            lambda: next((one for one in maya.letters() if "As you asked" in one.get_content()), None),
            "the copy at Maya's",
        )
        assert "Strandgaten 0, 5000 Bergen" in copy.get_content()
        maya.writes(care.address, "And one thing more", Subject="Another")
        heard("And one thing more")
    row = Reply.objects.get(purpose=Reply.Purpose.TRANSCRIPT)
    assert (row.state, row.text) == ("sent", "")
    assert not Message.objects.filter(
        text__contains="As you asked"
    ).exists()  # our own copy is not kept either
    assert not Delivery.objects.filter(raw__contains=b"Strandgaten 0", account=account).exists()
    assert not case.messages.filter(
        outbound=True, account_id_at=account.pk, text__contains="Strandgaten"
    ).exists()
