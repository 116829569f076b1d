"""An agent takes a call and writes it down."""

from __future__ import annotations

import pytest
from django.urls import reverse

from hark.cases.models import Case, Message
from hark.channels import actions
from hark.channels.models import Delivery
from hark.channels.networks.phone.connect import ConnectForm
from hark.journeys import arrival

pytestmark = pytest.mark.django_db
CALL = {"kind": "call", "who": "+351 91 000-0000", "name": "Maya", "text": "Where is it?", "key": "a" * 20}


@pytest.fixture
def desk(ternway):
    form = ConnectForm({"handle": "+351 21 000 0000", "name": "Front desk"})
    assert form.is_valid()
    return actions.connect(ternway, "phone", form.connected())


def page(brand):
    return reverse("cases:note", args=[brand.slug])


def notes(client, desk, **other):
    answer = client.post(page(desk.brand), {**CALL, "account": desk.pk, **other})
    while arrival.work():
        pass
    return answer


def test_a_call_is_a_message_and_the_next_one_joins_its_case(client, desk, tomas):
    client.force_login(tomas.user)
    assert client.get(page(desk.brand)).status_code == 200
    assert notes(client, desk).status_code == 302
    assert notes(client, desk).status_code == 302  # pressed twice
    notes(client, desk, who="+351910000000", text="She called again.", key="b" * 20)
    case = Case.objects.get()
    assert list(case.messages.order_by("id").values_list("text", flat=True)) == [
        "Where is it?",
        "She called again.",
    ]
    assert case.person.name == "Maya"
    assert Message.objects.filter(outbound=False, private=True).count() == 2
    assert not Delivery.objects.filter(state=Delivery.State.UNREADABLE).exists()


def test_a_form_with_something_missing_says_so_and_makes_nothing(client, desk, tomas):
    client.force_login(tomas.user)
    for wrong in ({"text": ""}, {"who": " "}, {"key": "x"}, {"kind": "visit"}, {"account": 0}):
        assert notes(client, desk, **wrong).status_code == 422
    assert not Delivery.objects.exists()


def test_only_who_answers_customers_writes_down_and_only_for_their_own_brand(client, desk, vera, ruth):
    client.force_login(vera.user)
    assert notes(client, desk).status_code == 403
    client.force_login(ruth.user)
    assert client.post(page(ruth.brand), {**CALL, "account": desk.pk}).status_code == 422
    assert not Delivery.objects.exists()


def test_without_a_number_the_page_says_what_to_do(client, ternway, tomas):
    client.force_login(tomas.user)
    assert "No number is connected" in client.get(page(ternway)).content.decode()
