"""Telegram, from a word in a group to the closed book, and an API that stumbles. The second client is python-telegram-bot."""

from __future__ import annotations

import pytest
from telegram import Bot

from hark.cases.models import Case, Message
from hark.channels import http, signatures
from hark.channels.base import NeedsReconnect, OutgoingReply, Refused, TryLater, Unsure
from hark.channels.networks.telegram import reading
from hark.channels.networks.telegram.adapter import Telegram
from hark.journeys import correcting, ways
from hark.replies.models import Reply
from tests import looping

from .desk import answers, closes_the_book, collects, connect, invites
from .telegram import TOKEN, BotApi

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api():
    with BotApi() as found:
        yield found


@pytest.fixture
def account(api, at_once):
    return connect(
        at_once, "telegram", {"token": TOKEN, "server": api.url}, poll_seconds=0.05, listen_seconds=0
    )


@pytest.fixture
def rui(api):
    return api.person(5550001111, "Rui")


@pytest.fixture
def riders(api):
    return api.group(-1001234567890123, "Ternway riders")


def ours(api) -> list[dict]:
    return [one for one in api.messages.values() if one["from"]["is_bot"]]


def test_from_a_group_to_the_closed_book(api, account, rui, riders, tomas):
    first = api.says(rui, "@ternway_bot my suitcase is lost", riders)
    collects(account)
    case = Case.objects.get()
    assert not case.has_private
    answers(case, tomas, "I am so sorry, Rui. I stay with you.")
    assert ours(api)[0]["reply_to_message"]["message_id"] == first["message_id"]

    assert ways.reach_of(case).mechanism == "deep_link"
    invites(case, tomas, "Rui, let us go on in private:")
    button = ours(api)[1]["reply_markup"]["inline_keyboard"][0][0]
    assert button["url"].startswith("https://t.me/ternway_bot?start=")
    payload = button["url"].partition("start=")[2]
    assert 0 < len(payload) <= 64

    api.says(rui, f"/start {payload}")
    api.says(rui, "My booking is TW-4471.")
    collects(account)
    case.refresh_from_db()
    assert Case.objects.count() == 1
    assert case.has_private
    answers(case, tomas, "It is on its way to you.", private=True)
    assert ours(api)[2]["chat"]["id"] == rui["id"]

    line = closes_the_book(case, tomas)
    assert case.state == Case.State.CLOSED
    assert (ours(api)[3]["chat"]["id"], ours(api)[3]["text"]) == (riders["id"], line)


def test_another_client_reads_the_stand_in(api, account, rui, riders):
    api.says(rui, "hello", riders)

    async def look():
        async with Bot(TOKEN, base_url=f"{api.url}/bot") as bot:
            return bot.username, await bot.get_updates(), await bot.send_message(riders["id"], "hi")

    name, updates, sent = looping.run(look())
    assert (name, updates[0].message.text, sent.text) == ("ternway_bot", "hello", "hi")


def test_what_comes_twice_and_in_disorder_is_there_once(api, account, rui):
    for number in range(250):
        api.says(rui, f"number {number}")
    for _ in range(4):
        collects(account, twice=True)
    assert Message.objects.count() == 250
    assert not api.updates


def test_edits_reactions_and_corrections(api, account, rui, riders, tomas):
    said = api.says(rui, "is it late", riders)
    api.tells({"edited_message": {**said, "text": "is it late?", "edit_date": said["date"] + 5}})
    collects(account)
    assert Message.objects.get().text == "is it late?"
    answers(Case.objects.get(), tomas, "No.")
    sent = Message.objects.get(outbound=True)
    network, connection = account.network, account.connection()
    assert network.edit(connection, sent.external_id, "No!", {}).external_id == sent.external_id
    assert network.edit(connection, sent.external_id, "No!", {}).external_id == sent.external_id
    correcting.like(Message.objects.get(outbound=False), by=tomas)
    assert api.reactions[riders["id"], said["message_id"]] == [{"type": "emoji", "emoji": "👍"}]
    network.withdraw(connection, sent.external_id, {})
    network.withdraw(connection, sent.external_id, {})
    assert not ours(api)


@pytest.mark.parametrize("how", ["500 after", "reset after", "malformed", "truncated", "empty"])
def test_a_lost_answer_is_left_to_a_person_and_never_sent_twice(api, account, rui, tomas, how):
    """The network can't be asked, so the reply stays unsure: a person looks."""
    api.says(rui, "hello")
    collects(account)
    api.fails(how, on="sendMessage")
    row = answers(Case.objects.get(), tomas, "Good morning.", private=True)
    assert row.state == Reply.State.UNSURE
    assert len(ours(api)) == 1


@pytest.mark.parametrize("how", ["429", "429 bare", "reset before"])
def test_one_that_was_surely_not_taken_is_sent_later_or_asked_about(api, account, rui, tomas, how):
    api.says(rui, "hello")
    collects(account)
    api.fails(how, on="sendMessage")
    row = answers(Case.objects.get(), tomas, "Good morning.", private=True)
    assert row.state == (Reply.State.UNSURE if how == "reset before" else Reply.State.SENT)
    assert len(ours(api)) <= 1


def test_a_token_revoked_mid_send_holds_what_was_to_be_said(api, account, rui, tomas):
    api.says(rui, "hello")
    collects(account)
    api.revoked = True
    assert answers(Case.objects.get(), tomas, "Good morning.", private=True).state == Reply.State.HELD
    with pytest.raises(NeedsReconnect):
        collects(account)


def test_somebody_who_blocked_the_bot_is_not_reachable(api, account, rui, tomas):
    api.says(rui, "hello")
    collects(account)
    api.blocked.add(rui["id"])
    row = answers(Case.objects.get(), tomas, "Good morning.", private=True)
    assert row.state == Reply.State.REFUSED
    assert "blocked" in row.failure


@pytest.mark.parametrize("how", ["malformed", "truncated", "empty", "reset after", "500 after", "429"])
def test_a_page_that_came_to_harm_is_asked_for_again(api, account, rui, how):
    api.says(rui, "hello")
    api.fails(how, on="getUpdates")
    with pytest.raises(TryLater):
        collects(account)
    http._waits.clear()
    collects(account)
    assert Message.objects.count() == 1


def test_no_failure_tells_the_token(api, account, rui):
    reply = OutgoingReply("k", "private", "x", None, parent_facts={"chat": "1"})
    for how in ("reset after", "malformed", "429", "500 after"):
        api.fails(how, on="sendMessage")
        with pytest.raises((Unsure, TryLater, Refused)) as told:
            account.network.send(account.connection(), reply)
        http._waits.clear()
        assert TOKEN not in f"{told.value!r} {told.value.__cause__!r}"


def test_the_secret_of_the_webhook_is_compared_as_it_is():
    can = Telegram.can.signature
    header = [(can.header, "s3cret")]
    assert signatures.verify(can.scheme, ["s3cret"], header, b"{}", header=can.header)
    assert not signatures.verify(can.scheme, ["other"], header, b"{}", header=can.header)
    assert not signatures.verify(can.scheme, ["s3cret"], [], b"{}", header=can.header)


def test_offsets_count_utf16_units():
    said = {
        "text": "🧳🧳 see here",
        "entities": [{"type": "text_link", "offset": 5, "length": 8, "url": "https://x.example"}],
    }
    assert reading._text(said) == "🧳🧳 see here (https://x.example)"
