"""What a letter says, whatever was done to it on the way."""

from __future__ import annotations

import json

import pytest

from hark.channels.base import Connection
from hark.channels.networks.email import folding, markup, names
from hark.channels.networks.email.adapter import Email

network = Email()
CARE = Connection(
    1, "care@brand.example", "care@brand.example", {"address_secret": "s"}, {"authserv_id": "mx.brand.example"}, Email.can
)  # fmt: skip
HEAD = b'{"at":"2026-11-20T09:00:00Z"}\n'


def read(text: str, connection: Connection = CARE):
    (message,) = network.read(HEAD + text.encode("utf-8", "surrogateescape"), connection)
    return message


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("Auto-Submitted: auto-replied", "auto-submitted"), ("Auto-Submitted: no", ""), ("Precedence: bulk", "bulk"),
        ("List-Id: <news.example>", "list"), ("X-Auto-Response-Suppress: DR, OOF", "machine"), ("X-Autoreply: yes", "machine"),
        ("Return-Path: <>", "nobody"), ("From: no-reply@shop.example", "nobody"), ("Subject: Hello", ""),
    ],
)  # fmt: skip
def test_what_no_person_wrote_is_marked(header, why):
    sender = "" if header.startswith("From") else "From: ana@x.example\n"
    assert read(f"{header}\n{sender}\nHello").facts.get("automatic", "") == why


def test_nobody_is_believed_to_be_who_they_say_unless_our_own_server_proved_it():
    forged = "Authentication-Results: mx.evil.example; dmarc=pass\nFrom: ana@x.example\nReply-To: thief@evil.example\n\nHi"
    assert read(forged).facts["proven"] is False
    assert read("Authentication-Results: mx.brand.example; dmarc=fail\n" + forged).facts["proven"] is False
    assert read("Authentication-Results: mx.brand.example; dmarc=pass\n" + forged).facts["proven"] is True
    below = forged.replace("mx.evil.example", "mx.brand.example")
    assert read("Authentication-Results: mx.brand.example; dmarc=fail\n" + below).facts["proven"] is False


def test_somebody_who_repeats_our_message_id_does_not_speak_as_us():
    ours = names.message_id(CARE.credentials, "a" * 24, "key", "care@brand.example")
    stolen = read(f"Message-ID: <{ours}>\nFrom: ana@x.example\n\nI am you")
    assert not stolen.by_brand
    assert stolen.external_id != ours
    assert read("From: care@brand.example\n\nI am you too").by_brand is False


def test_html_becomes_words_and_what_could_harm_is_gone():
    page = (
        '<style>p{}</style><p onclick="x()">Hello <b>you</b></p><script>alert(1)</script><img src="https://t.example/x">'
        '<a href="javascript:x()">a</a> <a href="https://ok.example">b</a><blockquote>old</blockquote>'
    )
    assert markup.to_text(page) == "Hello you\na b\n> old"
    clean = markup.clean(page)
    for bad in ("script", "onclick", "<img", "javascript", "<style"):
        assert bad not in clean
    assert 'href="https://ok.example"' in clean


@pytest.mark.parametrize(
    "rest",
    [
        "On Fri, 20 Nov 2026 at 09:00, Ana <a@x.example> wrote:\n> old",
        "Am Fr., 20. Nov. 2026 um 09:00 Uhr schrieb Ana\n<a@x.example>:\n> alt",
        "Le ven. 20 nov. 2026 à 09:00, Ana <a@x.example> a écrit :\n> vieux",
        "-----Original Message-----\nFrom: Ana",
        "From: Ana <a@x.example>\nSent: Friday\nTo: Care\nSubject: x\n\nold",
        "-- \nAna Martín",
        "> old\n> older",
    ],
)
def test_what_only_came_along_is_folded_and_kept(rest):
    assert folding.fold(f"New words.\n\n{rest}") == ("New words.", rest)


def test_answers_between_the_lines_and_forwarded_letters_stay_whole():
    between = "> Which one?\nThe green one.\n> And when?\nOn Monday."
    assert folding.fold(between) == (between, "")
    forwarded = "-----Original Message-----\nFrom: Ana\n\nHelp."
    assert folding.fold(forwarded, subject="Fwd: Help") == (forwarded, "")
    assert folding.fold("> only\n> quoted") == ("> only\n> quoted", "")


def test_a_broken_letter_is_still_a_message():
    odd = "From: =?x?Q?=80?= <ana@x.example>\nSubject: a\n b\nContent-Type: text/plain; charset=klingon\n\ncaf\udce9"
    message = read(odd)
    assert message.author.external_id == "ana@x.example"
    assert message.text.endswith("café")


def test_the_same_letter_has_one_key_and_two_letters_with_one_id_have_two():
    letter = b"From: a@x.example\r\nMessage-ID: <same@x>\r\nSubject: one\r\n\r\nwords\r\n"
    one = network.split(HEAD + letter)
    again = network.split(
        json.dumps({"at": "2026-11-21T09:00:00Z"}).encode() + b"\n" + b"Received: by y\r\n" + letter
    )
    other = network.split(HEAD + letter.replace(b"words", b"other words"))
    assert one[0].event_key == again[0].event_key != other[0].event_key
