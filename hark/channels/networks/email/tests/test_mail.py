"""Letters in and out over a real Dovecot and a real Postfix."""

from __future__ import annotations

import shutil
import time

import pytest

from hark.channels.base import NeedsReconnect, OutgoingFile, Refused, TryLater, Unsure
from hark.channels.networks.email import names
from hark.channels.networks.email.connect import ConnectForm
from tests.bluesky_people import until
from tests.letters import CutLine

from .conftest import Collected, answer, connect, form_data, network, somebody

pytestmark = pytest.mark.peer
PNG = bytes.fromhex("89504e470d0a1a0a") + b"pixels"


def test_a_letter_is_heard_within_seconds_because_the_server_says_so(hark, maya, care):
    began = time.monotonic()
    maya.writes(care.address, "My pushchair came back broken.", Subject="Pushchair")
    found = hark.said("My pushchair came back broken.")
    assert time.monotonic() - began < 10  # IDLE: a poll would come after five minutes
    assert found.text.startswith("Pushchair\n\n")
    assert found.author.external_id == maya.address
    assert found.visibility == "private"
    assert not found.by_brand
    assert not found.facts["proven"]


def test_an_answer_arrives_in_the_customers_thread_and_theirs_comes_back_into_ours(hark, maya, care, account):
    first_id = maya.writes(care.address, "It is broken.", Subject="Pushchair")
    first = hark.said("It is broken.")
    sent = network.send(account, answer(first, "I’m Tomas.\n.\nA line with a dot, and an é."))
    got = until(lambda: next(iter(maya.letters()), None), "the answer at Maya's")
    assert got["Subject"] == "Re: Pushchair"
    assert got["In-Reply-To"] == first_id
    assert first_id in got["References"]
    assert got["From"] == f"Ternway <{care.address}>"
    assert "Auto-Submitted" not in got  # a person wrote it
    assert got.get_content().splitlines() == ["I’m Tomas.", ".", "A line with a dot, and an é."]
    maya.answers(got, "The left leg is off.")
    second = hark.said("The left leg is off.")
    assert second.thread == first.thread == sent.thread
    assert second.parent == sent.external_id
    assert second.text == "The left leg is off."
    assert "I’m Tomas." in second.facts["folded"]


def test_the_address_alone_leads_back_when_a_program_drops_the_headers(hark, maya, care, account):
    maya.writes(care.address, "Where is it?", Subject="Parcel")
    first = hark.said("Where is it?")
    network.send(account, answer(first, "On its way."))
    got = until(lambda: next(iter(maya.letters()), None), "the answer at Maya's")
    address = str(got["Reply-To"])
    raw = f"From: {maya.address}\r\nTo: {address}\r\nSubject: hm\r\n\r\nStill not here.\r\n".encode()
    maya.drops(raw, care.address)
    assert hark.said("Still not here.").thread == first.thread
    forged = raw.replace(b"Still", b"Certainly").replace(address[-20:-10].encode(), b"0000000000")
    maya.drops(forged, care.address)
    assert hark.said("Certainly not here.").thread != first.thread


def test_our_own_copy_proves_the_sending_and_is_put_away(hark, maya, care, account):
    maya.writes(care.address, "Hello?", Subject="Hello")
    reply = answer(hark.said("Hello?"), "Hello Maya.")
    assert network.find_sent(account, reply) is None
    receipt = network.send(account, reply)
    until(
        lambda: [letter for letter in care.letters("Sent") if "hark." in letter["Message-ID"]],
        "the copy in Sent",
    )
    assert [letter["From"] for letter in care.letters()] == [maya.address]
    found = network.find_sent(account, reply)
    assert found.external_id == receipt.external_id
    echo = hark.sees(lambda message: message.external_id == receipt.external_id, "our own letter")
    assert echo.by_brand


def test_an_answer_by_hand_from_another_program_is_seen_as_the_brands(hark, maya, care):
    asked = maya.writes(care.address, "Anybody there?", Subject="Hello")
    first = hark.said("Anybody there?")
    care.writes(maya.address, "Yes, Ines here.", Subject="Re: Hello", In_Reply_To=asked, References=asked)
    _file_as_sent(care, maya)
    own = hark.said("Yes, Ines here.")
    assert own.by_brand
    assert own.parent == first.external_id
    assert own.thread == first.thread


def _file_as_sent(care, maya) -> None:
    """As a mail program does: what went out is appended to Sent. Then something comes, and Hark looks."""
    letter = until(lambda: next(iter(maya.letters()), None), "the letter at Maya's")
    care.files(letter.as_bytes(), box="Sent")
    maya.writes(care.address, "a letter that wakes the reader", Subject="x")


def test_a_letter_that_nobody_takes_comes_back_to_the_reply_it_was(hark, maya, care, account, mail):
    """Postfix takes it, and the server behind it does not: the report names our letter."""
    maya.writes(care.address, "Write me.", Subject="Me")
    first = hark.said("Write me.")
    sent = network.send(account, answer(first, "Here I am.", to=somebody("gone@mail.test"), parent_facts={}))
    back = hark.sees(lambda message: message.kind == "undelivered", "the report")
    assert back.external_id == sent.external_id
    assert "550 5.1.1" in back.text


def test_an_address_that_the_server_does_not_know_is_refused_at_once(maya, care, account):
    with pytest.raises(Refused) as refusal:
        network.send(account, answer(_plain(), "Hello", to=somebody("nobody@mail.test")))
    assert refusal.value.code == "recipient_unreachable"
    assert "550" in str(refusal.value)


def _plain():
    from hark.channels.base import IncomingMessage
    from hark.channels.networks.email.collecting import _now

    return IncomingMessage("created", "x", _now(), thread="0" * 24, author=somebody("maya0@mail.test"))


def test_after_an_outage_the_gap_is_read_and_nothing_comes_twice(account, maya, care):
    with Collected(account) as before:
        maya.writes(care.address, "Before.", Subject="1")
        before.said("Before.")
    for number in range(60):  # more than one batch
        maya.drops(_letter(maya, f"While away {number}."), care.address)
    away = {**before.cursor, "polled_at": "2020-01-01T00:00:00+00:00"}
    with Collected(account, away) as after:
        after.said("While away 59.")
    assert len(after.raw) == 60
    assert after.repeated == 0
    assert any("since 01 Jan" in gap for gap in after.gaps)


def _letter(maya, text: str) -> bytes:
    return (
        f"From: {maya.address}\r\nTo: x\r\nMessage-ID: <{text.replace(' ', '')}@x>\r\n\r\n{text}\r\n".encode()
    )


def test_a_mailbox_that_was_numbered_anew_is_read_again(account, maya, care, mail):
    with Collected(account) as before:
        maya.drops(_letter(maya, "Old words."), care.address)
        before.said("Old words.")
    time.sleep(1.1)  # UIDVALIDITY is made of the time in seconds
    shutil.rmtree(mail.folder / "maildirs" / care.address)
    maya.drops(_letter(maya, "Old words."), care.address)
    maya.drops(_letter(maya, "New words."), care.address)
    with Collected(account, before.cursor) as after:
        after.said("New words.")
    old = [key for key in after.raw if key in before.raw]
    assert len(old) == 1  # the same letter, under its old key: the intake log knows it


def test_when_the_answer_is_lost_after_the_letter_left_it_is_found_and_not_sent_again(
    account, maya, care, mail
):
    reply = answer(_plain(), "x" * 20_000, to=somebody(maya.address))
    with CutLine(mail.info["smtp_port"], cut_after_bytes=15_000) as line:
        cut = _through(account, line.number)
        with pytest.raises(Unsure):
            network.send(cut, reply)
    found = until(lambda: network.find_sent(account, reply), "our letter")
    assert found.external_id.split(".")[3].startswith(reply.key[:8])
    until(maya.letters, "the letter")
    assert len(maya.letters()) == 1


def test_a_line_that_dies_before_the_letter_is_handed_over_sent_nothing(account, maya, mail):
    reply = answer(_plain(), "Hello", to=somebody(maya.address))
    with CutLine(mail.info["smtp_port"], cut_after_bytes=300) as line, pytest.raises(TryLater):
        network.send(_through(account, line.number), reply)
    assert network.find_sent(account, reply) is None
    assert maya.letters() == []


def _through(account, port):
    from dataclasses import replace

    return replace(account, credentials={**account.credentials, "smtp_port": port})


def test_a_server_that_is_away_is_tried_later_and_a_wrong_password_asks_for_a_person(account):
    from dataclasses import replace

    for name in ("imap_port", "smtp_port"):
        away = replace(account, credentials={**account.credentials, name: 1})
        with pytest.raises(TryLater):
            network.send(away, answer(_plain(), "x")) if name == "smtp_port" else network.find_sent(
                away, answer(_plain(), "x")
            )
    wrong = replace(account, credentials={**account.credentials, "password": "wrong"})
    with pytest.raises(NeedsReconnect):
        network.send(wrong, answer(_plain(), "x"))
    with Collected(wrong) as collected:
        assert isinstance(collected.failure, NeedsReconnect)


def test_nobody_signs_in_where_the_connection_is_not_encrypted_or_the_server_not_known(
    mail, care, monkeypatch
):
    monkeypatch.setenv("HARK_CA_FILE", "")
    form = ConnectForm(form_data(mail, care))
    assert form.is_valid()
    with pytest.raises(Exception, match="certificate is not trusted"):
        form.connected()
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "")
    with pytest.raises(Exception, match="private network"):
        form.connected()


def test_the_other_port_works_by_starttls(mail, care):
    account = connect(mail, care, imap_port=mail.info["imap_port"], imap_tls="starttls")
    assert network.find_sent(account, answer(_plain(), "x")) is None


def test_a_picture_goes_out_and_one_comes_in(hark, maya, care, account):
    from email.message import EmailMessage

    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = maya.address, care.address, "Look"
    letter["Message-ID"] = "<picture@client.test>"
    letter.set_content("See the leg.")
    letter.add_attachment(PNG, maintype="image", subtype="png", filename="leg.png")
    maya.posts(letter, care.address)
    found = hark.said("See the leg.")
    (picture,) = found.media
    assert (picture.kind, picture.alt) == ("image", "leg.png")
    raw = next(raw for raw in hark.raw.values() if b"picture@client.test" in raw)
    assert network.part(raw, picture.url.removeprefix("part:")) == ("image/png", PNG)
    network.send(account, answer(found, "Like this?", files=(OutgoingFile("loan.png", "image/png", PNG),)))
    got = until(lambda: next(iter(maya.letters()), None), "the answer")
    (file,) = got.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("loan.png", PNG)


def test_a_name_or_subject_can_begin_no_header_of_its_own(hark, maya, care, account):
    first = maya.writes(care.address, "Hm.", Subject="Hm")
    found = hark.said("Hm.")
    evil = {
        "subject": "Hi\r\nBcc: all@mail.test",
        "message_id": "x>\r\nBcc: all@mail.test",
        "references": ["<a>\r\nBcc: b", 7, first],
    }
    reply = answer(found, "Text.\r\n.\r\nMAIL FROM:<x>", parent_facts=evil)
    network.send(account, reply)
    got = until(lambda: next(iter(maya.letters()), None), "the answer")
    assert got["Bcc"] is None
    assert got["Subject"] == "Re: Hi Bcc: all@mail.test"
    assert got["In-Reply-To"] is None
    assert "MAIL FROM" in got.get_content()
    for bad in ("a@b\r\nRCPT TO:<x@mail.test>", "<maya@mail.test>", "", "two@mail.test, one@mail.test"):
        with pytest.raises(Refused):
            network.send(account, answer(found, "x", to=somebody(bad)))
    assert names.own_thread(account.credentials, got["Message-ID"].strip("<>")) == found.thread
