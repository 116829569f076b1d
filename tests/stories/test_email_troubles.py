"""Letters on an evening when everything goes wrong: the real servers stop, clocks lie, half of the letters are broken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from hark.cases.models import Case, Message
from hark.channels.models import Account, Delivery, Gap
from hark.replies.models import Reply
from tests.bluesky_people import until
from tests.letters import Mailbox
from tests.networks import desk
from tests.networks.test_faults import passes

from .test_bluesky_story import collecting
from .test_email_story import account, answers, care, heard, maya  # noqa: F401  fixtures

pytestmark = [pytest.mark.peer, pytest.mark.django_db(transaction=True)]


def letter(text: str, head: str = "", who: str = "maya@client.test") -> bytes:
    own = f"Message-ID: <{text.replace(' ', '-')}@client.test>"
    return f"From: Maya <{who}>\r\n{own}\r\nSubject: Bag\r\n{head}\r\n{text}\r\n".encode()


def test_ten_minutes_without_the_servers_lose_nothing_and_double_nothing(
    mail, account, care, maya, tomas, ines  # noqa: F811
):  # fmt: skip
    page = Client()
    page.force_login(ines.user)
    with collecting(account):
        maya.writes(care.address, "My bag did not come.", Subject="Bag")
        case = heard("did not come").case
        with mail.stopped():
            until(
                lambda: Account.objects.filter(health=Account.Health.TROUBLE).exists(), "the trouble to show"
            )
            account.refresh_from_db()
            shown = page.get("/b/ternway/settings/accounts/").text
            assert "Trouble, trying again" in shown
            assert escape(account.last_error) in shown
            row = answers(tomas, case, "I’m Tomas, and I look for it.")
            assert (row.state, bool(row.failure)) == (Reply.State.QUEUED, True)
            assert escape(row.failure) in page.get(f"/b/ternway/cases/{case.pk}/").text
            passes(account, minutes=10)
    for number in range(3):  # what others' servers held back meanwhile
        maya.drops(letter(f"meanwhile {number}"), care.address)
    with collecting(account):
        for number in range(3):
            heard(f"meanwhile {number}")
        desk.leaves()
        row.refresh_from_db()
        assert row.state == Reply.State.SENT
        until(mail.has_delivered, "the answer to arrive")
        assert sum("I look for it" in one.get_content() for one in maya.letters()) == 1
        gap = until(lambda: Gap.objects.exclude(closed_at=None).first(), "the gap to be closed")
    assert gap.found >= 3
    assert gap.until - gap.since >= timedelta(minutes=10)
    account.refresh_from_db()
    assert (account.health, account.last_error) == (Account.Health.GOOD, "")
    assert Message.objects.filter(text__contains="meanwhile").count() == 3


@pytest.mark.parametrize("ahead", [timedelta(seconds=-90), timedelta(seconds=90), timedelta(days=2)])
def test_a_server_whose_clock_differs_breaks_no_clock_of_ours(account, care, tomas, ahead):  # noqa: F811
    sender = Mailbox(care.mail, "maya").address
    care.files(letter("where is it", who=sender), at=datetime.now(UTC) + ahead)
    desk.collects(account)
    case = Case.objects.get()
    assert case.last_customer_at <= timezone.now()
    assert Message.objects.get().published_at <= timezone.now()  # nobody speaks from the future
    row = desk.answers(case, tomas, "Here.", private=True)
    case.refresh_from_db()
    assert (row.state, case.state) == (Reply.State.SENT, Case.State.ANSWERED)
    assert case.first_response_time() >= timedelta()
    care.files(letter("thank you", who=sender), at=datetime.now(UTC) + ahead)
    desk.collects(account)
    case.refresh_from_db()
    assert case.state == Case.State.WAITING


@pytest.mark.parametrize(
    "date",
    [
        "Date: Fri, 01 Jan 2038 10:00:00 +0000\r\n", "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n", "",
        "Date: yesterday, I think\r\n", "Date: Fri, 31 Feb 99999 25:61:61 +9999\r\n",
    ],
)  # fmt: skip
def test_a_date_that_lies_is_not_believed(account, care, date):  # noqa: F811
    began = timezone.now()
    care.files(letter("where is it", date))
    desk.collects(account)
    message = Message.objects.get()
    assert abs(message.published_at - began) < timedelta(minutes=1)
    assert message.case.opened_at >= began - timedelta(minutes=1)


def test_broken_letters_stop_none_behind_them(account, care):  # noqa: F811
    whole = letter("one of them", 'Content-Type: multipart/mixed; boundary="b"\r\n')
    broken = [
        whole, whole.replace(b"-them@", b"-half@") + b"--b\r\nContent-Type: text/plain", whole[:40], b"\0\xff\xfe" * 50,
        b"From: \r\n\r\nx",
        letter("nested", "Content-Type: message/rfc822\r\n" * 40), letter("base", "Content-Transfer-Encoding: base64\r\n"),
        b"From: a@b.example\r\n" + b"X: y\r\n" * 5000 + b"\r\nmany headers", b"From: =?utf-8?b?//8=?= <a@b.example>\r\n\r\nodd",
    ]  # fmt: skip
    for raw in broken:
        care.files(raw)
    care.files(letter("the last one"))
    desk.collects(account)
    assert Message.objects.filter(text__contains="the last one").count() == 1
    count = Message.objects.count()
    assert (
        count + Delivery.objects.unreadable().count() == len(broken) + 1
    )  # a message, or shown as what it is
    account.refresh_from_db()
    account.cursor = {
        **account.cursor,
        "boxes": {},
    }  # all of them once more, as after a server that numbered anew
    account.save()
    desk.collects(account)
    assert Message.objects.count() == count
