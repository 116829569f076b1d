"""Text messages in and out, against a stand-in for Twilio."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from hark.cases.models import Case, Message
from hark.channels import actions, edge, intake
from hark.channels.base import Author, NeedsReconnect, OutgoingReply, Refused, TryLater, Unsure
from hark.channels.models import Account, Delivery, Gap
from hark.channels.networks.sms.adapter import Sms
from hark.channels.networks.sms.connect import ConnectForm
from hark.journeys import arrival, reply
from hark.replies.models import Reply
from tests.networks.desk import polls
from tests.networks.twilio import Twilio

pytestmark = pytest.mark.django_db
network = Sms()
MAYA = "+351910000000"


@pytest.fixture
def twilio(monkeypatch):
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    with Twilio() as server:
        yield server


def form(twilio, **other) -> ConnectForm:
    told = {"handle": twilio.number, "sid": twilio.sid, "token": twilio.token, "base": twilio.url}
    return ConnectForm({**told, **other})


@pytest.fixture
def account(twilio, ternway):
    connecting = form(twilio)
    assert connecting.is_valid(), connecting.errors
    return actions.connect(ternway, "sms", connecting.connected())


def hears(account, **fields) -> None:
    intake.append(account, network.split(urlencode(fields).encode()))
    while arrival.work():
        pass


def answer(text="Hello Maya", **other) -> OutgoingReply:
    told = {
        "key": "k",
        "visibility": "private",
        "text": text,
        "to": Author(MAYA, MAYA),
        "queued_at": datetime.now(UTC),
    }
    return OutgoingReply(**{**told, **other})


def test_a_customer_writes_is_answered_and_the_carrier_gives_it_back(account, twilio, tomas):
    hears(account, MessageSid="SM1", From=MAYA, To=twilio.number, Body="Where is it?")
    hears(
        account, MessageSid="SM1", From=MAYA, To=twilio.number, Body="Where is it?"
    )  # again, as providers do
    case = Case.objects.get()
    (row,) = reply.queue(case, by=tomas, private=True, text="On its way.", seen_version=case.version)
    Reply.objects.update(due_at=timezone.now())
    reply.deliver()
    (sent,) = twilio.sent
    assert (sent["To"], sent["From"], sent["Body"]) == (MAYA, twilio.number, "On its way.")
    hears(account, MessageSid=sent["sid"], MessageStatus="delivered")
    row.refresh_from_db()
    assert row.state == Reply.State.SENT
    hears(account, MessageSid=sent["sid"], MessageStatus="undelivered", ErrorCode="30003")
    row.refresh_from_db()
    case.refresh_from_db()
    assert (row.state, case.state) == (Reply.State.REFUSED, Case.State.WAITING)
    assert "30003" in row.failure
    assert Message.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_account_page_knows_what_signs_the_webhook(account, twilio):
    door = edge._find_door(account.hook_key)
    assert door.secrets == (twilio.token,)
    again = form(twilio, token="rotated")
    twilio.token = "rotated"
    assert again.is_valid()
    actions.connect(account.brand, "sms", again.connected())
    assert edge._find_door(account.hook_key).secrets == ("rotated",)


def test_who_sent_stop_gets_nothing_more(account, twilio):
    (envelope,) = network.split(
        urlencode({"MessageSid": "SM2", "From": MAYA, "To": "x", "Body": " Stop "}).encode()
    )
    (said,) = network.read(envelope.raw, account.connection())
    with pytest.raises(Refused) as refusal:
        network.send(account.connection(), answer(parent_facts=said.facts))
    assert refusal.value.code == "recipient_unreachable"
    assert twilio.sent == []


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ((429, {"code": 20429}, {"retry-after": "7"}), TryLater),
        ((429, b"slow down"), TryLater),
        ((503, b""), Unsure),
        ((201, b"not json"), Unsure),
        ((201, {"no": "sid"}), Unsure),
        ((401, {"code": 20003}), NeedsReconnect),
        ((400, {"code": 21610, "message": "unsubscribed"}), Refused),
        ((400, {"code": "odd", "message": []}), Refused),
        ((400, b"[[[["), Refused),
    ],
)
def test_every_trouble_has_one_of_four_shapes(account, twilio, fault, failure):
    twilio.next = [fault]
    with pytest.raises(failure) as found:
        network.send(account.connection(), answer())
    if "retry-after" in str(fault):
        assert found.value.seconds == 7


def test_a_lost_answer_is_looked_for_and_nothing_leaves_twice(account, twilio):
    twilio.fails("reset after", on="POST")
    with pytest.raises(Unsure):
        network.send(account.connection(), answer())
    assert network.find_sent(account.connection(), answer()).external_id == twilio.sent[0]["sid"]
    assert network.find_sent(account.connection(), answer("Something else")) is None
    twilio.sent.append({**twilio.sent[0], "sid": "SMother"})
    with pytest.raises(Unsure):
        network.find_sent(account.connection(), answer())
    away = replace(account.connection(), credentials={**account.credentials, "base": "http://localhost:1"})
    with pytest.raises(TryLater):
        network.send(away, answer())


def test_what_no_webhook_brought_is_read_from_the_list_and_nothing_twice(account, twilio):
    first = twilio.writes(MAYA, "Where is it?", before=7200)
    body, _headers = twilio.pushes(first, "https://hark.example/hooks/x")
    intake.append(account, network.split(body))
    for number in range(5):
        twilio.writes(
            MAYA, f"line {number}", before=3600 - number, media=("image/png",) if number == 4 else ()
        )
    twilio.writes(MAYA, "long ago", before=3 * 86_400)
    twilio.heard.sort(key=lambda one: parsedate_to_datetime(one["date_created"]))
    twilio.page_size = 2
    polls(account)
    assert Message.objects.count() == 6
    assert Message.objects.filter(text="Where is it?").count() == 1
    assert Message.objects.get(text="line 4").media.count() == 1

    twilio.writes(MAYA, "during the outage")
    Account.objects.update(
        cursor={"polled_at": (timezone.now() - timedelta(hours=1)).isoformat()},
        last_seen_at=timezone.now() - timedelta(hours=1),
    )
    with twilio.away(), pytest.raises(TryLater):
        polls(account)
    polls(account)
    assert Message.objects.count() == 7
    assert Gap.objects.get().found == 1
    assert Delivery.objects.get(recovered=True).event_key == twilio.heard[-1]["sid"]


def test_connecting_says_what_is_wrong(twilio):
    for wrong, field in (({"token": "no"}, "token"), ({"handle": "+351999999999"}, "handle")):
        connecting = form(twilio, **wrong)
        assert connecting.is_valid()
        with pytest.raises(Exception) as problem:
            connecting.connected()
        assert field in problem.value.message_dict
    assert not form(twilio, handle="910000000").is_valid()
