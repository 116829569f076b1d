"""Ines runs Ternway's accounts; the team sees how they are; Ruth, who runs Nordhav's, sees nothing of it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hark.brands.models import Brand, Member
from hark.channels import actions, health, intake
from hark.channels.base import Envelope
from hark.channels.models import Account, Delivery
from hark.channels.networks import practice
from hark.web.problems import NotPossible


class Browser:
    """A member with the settings open."""

    def __init__(self, member: Member) -> None:
        self.client = Client()
        self.client.force_login(member.user)
        self.base = f"/b/{member.brand.slug}/settings/"

    def get(self, path: str, **headers: str):
        return self.client.get(self.base + path, headers=headers)

    def post(self, path: str, **fields: str):
        return self.client.post(self.base + path, fields)


@pytest.fixture
def account(ternway: Brand) -> Account:
    return practice.start(ternway)


@pytest.fixture
def at_ines(ines: Member) -> Browser:
    return Browser(ines)


def unreadable(
    account: Account, raw: bytes = b'{"key": "k", "text": "<script>"}', key: str = "k"
) -> Delivery:
    intake.append(account, [Envelope(key, raw)])
    delivery = Delivery.objects.get(account=account, event_key=key)
    intake.set_aside([(delivery, "Object missing required field `at`")])
    return delivery


def test_ines_connects_the_practice_network_and_it_is_listed(at_ines, ternway):
    page = at_ines.get("accounts/")
    assert "No account is connected" in page.text
    assert "accounts/connect/practice/" in page.text
    assert "accounts/connect/archive/" not in page.text

    made = at_ines.post("accounts/connect/practice/", pace="1", patience="30")
    account = Account.objects.get(brand=ternway)
    assert made.headers["location"] == f"/b/ternway/settings/accounts/{account.pk}/"
    assert "@ternway" in at_ines.get("accounts/").text
    assert account.credentials["hook_secret"]


def test_a_form_with_a_mistake_keeps_what_was_typed_and_says_what_to_do(at_ines):
    page = at_ines.post("accounts/connect/webchat/", name="Chat", origins="ftp://nowhere")
    assert page.status_code == 422
    assert "ftp://nowhere" in page.text
    assert "is not the address of a site" in page.text


@pytest.mark.parametrize("channel", ["archive", "carrier-pigeon"])
def test_there_is_no_form_for_what_cannot_be_connected(at_ines, channel):
    assert at_ines.get(f"accounts/connect/{channel}/").status_code == 404


HEALTH = [
    ({"last_seen_at": timedelta(0)}, "done", "Fine", ""),
    ({"last_seen_at": timedelta(hours=-3)}, "over", "Not heard", "collectors"),
    ({}, "soon", "Just connected", ""),
    ({"connected_at": timedelta(hours=-1)}, "over", "Never heard", "collectors"),
    (
        {"health": "reconnect", "last_error": "The password was changed."},
        "over",
        "Must be connected anew",
        "password",
    ),
    (
        {"health": "trouble", "last_error": "503", "last_error_at": timedelta(minutes=-4)},
        "over",
        "Trouble, trying again",
        "503",
    ),
    ({"health": "catching_up", "gap": "since 09:14"}, "soon", "Catching up", "since 09:14"),
    ({"paused_until": timedelta(minutes=4)}, "paused", "Sending pauses", "wait until"),
    ({"token_expires_at": timedelta(days=3)}, "soon", "Ends ", ""),
    ({"token_expires_at": timedelta(days=-1)}, "over", "Permission ended", ""),
    ({"disconnected_at": timedelta(days=-1)}, "paused", "Disconnected", "history stays"),
]


@pytest.mark.parametrize(("fields", "state", "label", "detail"), HEALTH)
def test_health_is_said_in_words(account, fields, state, label, detail):
    now = timezone.now()
    for name, value in fields.items():
        setattr(account, name, now + value if isinstance(value, timedelta) else value)
    found = health.health_of(account, now)
    assert found.state == state
    assert found.label.startswith(label)
    assert detail in found.detail


def test_an_imported_history_is_listed_as_what_it_is(at_ines, account, ternway):
    from hark.channels import importing

    importing.account_for(ternway, "The old tool")
    page = at_ines.get("accounts/").text
    assert page.index("@ternway") < page.index("The old tool")
    assert "nothing arrives here by itself" in page


def test_the_team_sees_health_and_changes_nothing(vera, tomas, account):
    for member in (vera, tomas):
        at = Browser(member)
        for path in ("channels/", "accounts/", f"accounts/{account.pk}/"):
            page = at.get(path)
            assert page.status_code == 200
            assert "hooks/" not in page.text
            assert "Disconnect" not in page.text
        assert at.get("accounts/unreadable/").status_code == 403
        assert at.post(f"accounts/{account.pk}/disconnect/").status_code == 403
        assert at.post(f"accounts/{account.pk}/secrets/").status_code == 403
        assert at.get("accounts/connect/practice/").status_code == 403
    account.refresh_from_db()
    assert account.disconnected_at is None


def test_a_partner_sees_none_of_it(pia, account):
    assert Browser(pia).get("accounts/").status_code == 403


def test_another_brand_sees_none_of_it(ruth, account):
    delivery = unreadable(account)
    at = Browser(ruth)
    assert "@ternway" not in at.get("accounts/").text
    one, other = f"accounts/{account.pk}", f"accounts/unreadable/{delivery.pk}"
    for path in (f"{one}/", f"{one}/reconnect/", f"{other}/"):
        assert at.get(path).status_code == 404
    for path in (f"{one}/disconnect/", f"{one}/secrets/", f"{other}/", f"{other}/replay/"):
        assert at.post(path).status_code == 404
    assert at.post("accounts/unreadable/replay/").status_code == 302
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.UNREADABLE


def test_disconnecting_forgets_credentials_and_keeps_history(at_ines, account):
    unreadable(account)
    at_ines.post(f"accounts/{account.pk}/disconnect/")
    account.refresh_from_db()
    assert account.credentials == {}
    assert account.deliveries.exists()
    assert "Disconnected" in at_ines.get("accounts/").text

    at_ines.post(f"accounts/{account.pk}/reconnect/", pace="1", patience="30")
    account.refresh_from_db()
    assert account.disconnected_at is None
    assert account.credentials["hook_secret"]
    assert Account.objects.count() == 1


def test_connecting_anew_clears_the_trouble_and_keeps_our_secrets(at_ines, account):
    secret = account.credentials["hook_secret"]
    Account.objects.update(health="reconnect", last_error="The permission has ended.")
    assert "Connect anew" in at_ines.get("accounts/").text
    at_ines.post(f"accounts/{account.pk}/reconnect/", pace="1", patience="30")
    account.refresh_from_db()
    assert (account.health, account.last_error) == ("good", "")
    assert account.credentials["hook_secret"] == secret


def test_another_account_does_not_slip_into_the_place_of_this_one(account):
    with pytest.raises(NotPossible, match="another account"):
        actions.reconnect(account, {"external_id": "somebody-else", "handle": "@else"})


def test_a_chat_that_is_connected_anew_stays_the_same_chat(at_ines, ternway):
    told = {"name": "Chat", "origins": "https://www.ternway.example", "colour": "#14635d"}
    at_ines.post("accounts/connect/webchat/", **told)
    chat = Account.objects.get(channel="webchat")
    assert "script" in at_ines.get(f"accounts/{chat.pk}/").text
    assert "https://www.ternway.example" in at_ines.get(f"accounts/{chat.pk}/reconnect/").text
    at_ines.post(f"accounts/{chat.pk}/reconnect/", **told, greeting="Hello!")
    again = Account.objects.get(channel="webchat")
    assert (again.pk, again.hook_key, again.credentials) == (chat.pk, chat.hook_key, chat.credentials)
    assert again.settings["greeting"] == "Hello!"


def test_a_new_secret_is_shown_once_and_the_one_before_goes_on(at_ines, account):
    before = account.credentials["hook_secret"]
    shown = at_ines.post(f"accounts/{account.pk}/secrets/")
    account.refresh_from_db()
    fresh = account.credentials["hook_secret"]
    assert fresh != before
    assert account.credentials["hook_secret_before"] == before
    assert fresh in shown.text
    assert "no-store" in shown.headers["cache-control"]
    assert fresh not in at_ines.get(f"accounts/{account.pk}/").text


class TestWhatCannotBeRead:
    def test_it_is_shown_as_it_came_and_harmless(self, at_ines, account):
        delivery = unreadable(account)
        assert "1 delivery can’t be read" in at_ines.get("accounts/").text
        assert "missing required field" in at_ines.get("accounts/unreadable/").text
        page = at_ines.get(f"accounts/unreadable/{delivery.pk}/")
        assert "&lt;script&gt;" in page.text
        assert "&quot;key&quot;: &quot;k&quot;" in page.text

    @pytest.mark.parametrize(
        "raw", [b"", b"\xff\xfe\x00", b"[" * 50_000, b"x" * 100_000, '{"a": "é"}'.encode()]
    )
    def test_whatever_it_is(self, at_ines, account, raw):
        delivery = unreadable(account, raw)
        assert at_ines.get(f"accounts/unreadable/{delivery.pk}/").status_code == 200

    def test_it_is_read_again_after_a_fix(self, at_ines, account):
        from hark.cases.models import Message
        from hark.journeys import arrival

        event = {"key": "k", "id": "p1", "at": "2026-01-05T12:00:00Z", "text": "Hi", "author": {"id": "maya"}}
        delivery = unreadable(account, json.dumps(event).encode())
        at_ines.post(f"accounts/unreadable/{delivery.pk}/replay/")
        arrival.work()
        assert Message.objects.get().text == "Hi"
        delivery.refresh_from_db()
        assert (delivery.state, delivery.problem) == (Delivery.State.READ, "")

    def test_all_of_them_at_once(self, at_ines, account):
        for number in range(3):
            unreadable(account, key=f"k{number}")
        at_ines.post("accounts/unreadable/replay/")
        assert Delivery.objects.filter(state=Delivery.State.WAITING).count() == 3

    def test_setting_it_aside_takes_a_reason_and_a_name(self, at_ines, account):
        delivery = unreadable(account)
        assert at_ines.post(f"accounts/unreadable/{delivery.pk}/", reason=" ").status_code == 422
        at_ines.post(f"accounts/unreadable/{delivery.pk}/", reason="A test of the network")
        delivery.refresh_from_db()
        assert delivery.state == Delivery.State.DISCARDED
        assert "Ines Faria" in delivery.problem
        assert "A test of the network" in delivery.problem
        assert "Everything can be read" in at_ines.get("accounts/unreadable/").text
        assert at_ines.post(f"accounts/unreadable/{delivery.pk}/", reason="Twice").status_code == 404

    def test_a_long_list_has_pages(self, at_ines, account):
        for number in range(52):
            unreadable(account, key=f"key-{number:03}")
        page = at_ines.get("accounts/unreadable/")
        assert "key-051" in page.text
        assert "key-000" not in page.text
        oldest = Delivery.objects.order_by("-id")[49].pk
        assert "key-000" in at_ines.get(f"accounts/unreadable/?before={oldest}").text
        assert at_ines.get("accounts/unreadable/?before=nonsense").status_code == 200


def test_the_list_refreshes_by_itself_and_costs_the_same_for_ten_accounts(
    at_ines, account, ternway, django_assert_num_queries
):
    part = at_ines.get("accounts/", **{"hx-request": "true"})
    assert "sse:accounts" in part.text
    assert "<h1>" not in part.text
    with django_assert_num_queries(QUERIES):
        at_ines.get("accounts/")
    for number in range(10):
        actions.connect(ternway, "practice", {"external_id": f"other-{number}", "handle": f"@other{number}"})
    with django_assert_num_queries(QUERIES):
        at_ines.get("accounts/")


QUERIES = 9
