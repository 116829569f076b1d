"""The adapter: a line in, a message out; and the set-up form."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hark.channels.abilities import Connects, Corrects, Embeds
from hark.channels.base import Author, Connection, OutgoingReply, Refused, Unreadable
from hark.channels.networks.webchat import connect, lines, settings
from hark.channels.networks.webchat.adapter import Webchat

AT = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
ACCOUNT = Connection(1, "chat-1", "www.ternway.example", {}, {}, Webchat.can)


def line(**told):
    given = {
        "thread": "visitor:1",
        "key": "key-1",
        "at": AT,
        "text": "Hello",
        "author": lines.Writer("visitor:1"),
    }
    return lines.Line(**(given | told))


def test_a_line_is_read_back_as_it_was_said():
    envelope = line(
        handoff="token", author=lines.Writer("user:42", "Maya", "maya@mail.example", True)
    ).envelope()
    [message] = Webchat().read(envelope.raw, ACCOUNT)
    assert (message.external_id, message.thread, message.text) == (envelope.event_key, "visitor:1", "Hello")
    assert (message.visibility, message.handoff_token, message.at) == ("private", "token", AT)
    assert message.author == Author("user:42", "maya@mail.example", "Maya", verified=True)


def test_somebody_without_a_name_gets_a_short_one():
    [message] = Webchat().read(line(author=lines.Writer("visitor:3f2a99")).envelope().raw, ACCOUNT)
    assert message.author.handle == "visitor 3f2a"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"{}",
        b'{"thread":"a"}',
        line(thread="").envelope().raw,
        line(key="").envelope().raw,
        line(at=datetime(2026, 1, 5)).envelope().raw,  # noqa: DTZ001
        b"[" * 5000,
    ],
)
def test_anything_else_can_not_be_read(raw):
    with pytest.raises(Unreadable):
        Webchat().read(raw, ACCOUNT)
    with pytest.raises(Unreadable):
        Webchat().split(raw)


def test_the_same_reply_is_the_same_message_however_often_it_is_tried():
    reply = OutgoingReply("key-7", "private", "Hello", Author("visitor:1"), thread="visitor:1")
    receipts = [Webchat().send(ACCOUNT, reply) for _ in range(2)]
    assert {receipt.external_id for receipt in receipts} == {"reply:key-7"}
    assert Webchat().find_sent(ACCOUNT, reply) is None


@pytest.mark.parametrize(("visibility", "thread"), [("public", "visitor:1"), ("private", "")])
def test_what_can_not_be_said_here_is_refused(visibility, thread):
    with pytest.raises(Refused):
        Webchat().send(ACCOUNT, OutgoingReply("key", visibility, "Hello", None, thread=thread))


def form(**told):
    return connect.ConnectForm({"name": "Ternway", "origins": "https://www.ternway.example", **told})


def test_the_form_gives_the_fields_of_an_account():
    filled = form(
        origins="https://WWW.Ternway.example:443/\n\nhttps://*.ternway.example\nhttp://localhost:3000\n"
    )
    assert filled.is_valid(), filled.errors
    told = filled.connected()
    assert told["handle"] == "www.ternway.example"
    assert told["settings"]["origins"] == [
        "https://www.ternway.example",
        "https://*.ternway.example",
        "http://localhost:3000",
    ]
    assert len(told["credentials"]["identity_secret"]) >= 32
    assert told["external_id"] != filled.connected()["external_id"]


@pytest.mark.parametrize(
    "origins",
    [
        "",
        " \n ",
        "ternway.example",
        "javascript:alert(1)",
        "https://",
        "https://*",
        "https://*.com",
        "https://a*.b.example",
        "https://a.example;script-src *",
        "https://a b.example",
        "https://u:p@a.example",
        "https://a.example:x",
        "'self'",
        "https://a.example\nnonsense",
        "https://[",
        "\n".join(f"https://{n}.example" for n in range(51)),
    ],
)
def test_what_is_no_site_is_named(origins):
    assert "origins" in form(origins=origins).errors


@pytest.mark.parametrize("colour", ["red", "#123", "#14635d;", "#14635d\n"])
def test_a_colour_is_six_digits(colour):
    filled = form(colour=colour)
    assert not filled.is_valid() or filled.connected()["settings"]["colour"] == "#14635d"


def test_a_star_stands_for_subdomains_alone():
    told = settings.read({"origins": ["https://*.ternway.example"]})
    assert told.allows("https://shop.ternway.example")
    assert told.allows("https://a.b.ternway.example")
    for other in ("https://ternway.example", "https://.ternway.example", "http://shop.ternway.example", "null", "",
                  "https://shop.ternway.example.evil.example", "https://evilternway.example"):  # fmt: skip
        assert not told.allows(other)


def test_the_snippet_is_one_tag_and_escapes_the_name():
    tag = connect.snippet("key", label='"><script>alert(1)</script>', colour="#14635d")
    assert tag.count("<script") == 1
    assert "/static/visits/loader.js" in tag


def test_the_adapter_offers_the_snippet_of_an_account():
    filled = form()
    assert filled.is_valid()
    told = filled.connected()
    account = Connection(1, told["external_id"], told["handle"], {}, told["settings"], Webchat.can)
    assert all(isinstance(Webchat(), protocol) for protocol in (Connects, Corrects, Embeds))
    assert 'data-key="the-key" data-label="Chat with Ternway"' in Webchat().snippet(account, "the-key")


def test_black_on_white_is_the_strongest_contrast():
    assert settings.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert settings.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
