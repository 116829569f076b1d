"""A text message from the door to the closed book: signed by the provider, stored, answered, given back by the carrier."""

from __future__ import annotations

import pytest
from django.conf import settings

from hark.cases.models import Case, Message
from hark.channels import actions, edge
from hark.channels.models import Delivery
from hark.channels.networks.sms.connect import ConnectForm
from hark.replies.models import Reply
from tests.networks.desk import answers, polls, takes_in
from tests.networks.twilio import Twilio

from .test_edge import deliver

pytestmark = pytest.mark.django_db(transaction=True)
MAYA = "+351910000000"


@pytest.fixture
def twilio(monkeypatch):
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    edge.edge.doors.clear()
    with Twilio() as server:
        yield server


def test_a_text_message_through_the_edge(twilio, ternway, tomas):
    told = {"handle": twilio.number, "sid": twilio.sid, "token": twilio.token, "base": twilio.url}
    form = ConnectForm(told)
    assert form.is_valid()
    account = actions.connect(ternway, "sms", form.connected())

    def pushes(message, **change):
        body, headers = twilio.pushes(message, f"{settings.HARK_PUBLIC_URL}/hooks/{account.hook_key}")
        sent = {**headers, **change}
        [(status, _headers, _body)] = deliver(
            (account.hook_key, body, [(name.encode(), value.encode()) for name, value in sent.items()])
        )
        return status

    question = twilio.writes(MAYA, "Where is my order? Ordem nº 7 😀")
    assert pushes(question, **{"x-twilio-signature": "bm90aGluZw=="}) == 401
    assert (pushes(question), pushes(question)) == (200, 200)
    takes_in()
    polls(account)  # the list names it too: nothing twice
    assert Delivery.objects.count() == 1
    case = Case.objects.get()
    assert case.has_private

    row = answers(case, tomas, "It leaves today, Maya.", private=True)
    assert row.state == Reply.State.SENT
    assert [one["Body"] for one in twilio.sent] == ["It leaves today, Maya."]
    assert pushes(twilio.writes(MAYA, "Thank you!")) == 200
    takes_in()
    assert Case.objects.get() == case
    assert Message.objects.count() == 3
