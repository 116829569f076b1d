"""The main job on X: Ines connects the account, Mo speaks in public, is answered, goes on in private, and the book is closed.

Against the stand-in of tests/networks/x.py, over Hark's own edge: signed webhooks in, API calls out.
"""

from __future__ import annotations

import dataclasses

import httpx
import pytest
from django.conf import settings
from django.test import Client

from hark.brands.models import Brand
from hark.cases import arc
from hark.cases.models import Case, Message
from hark.channels import http, oauth
from hark.channels.models import Account
from hark.channels.networks.x.connect import ConnectForm
from hark.journeys import closing, move, reply, ways
from hark.moves.models import Move
from tests import serving
from tests.networks.consents import onward
from tests.networks.desk import until
from tests.networks.x import BRAND, MO, X

pytestmark = pytest.mark.django_db(transaction=True)

TOLD = {
    "client_id": "app",
    "client_secret": "app-secret",
    "hook_secret": "consumer-secret",
    "tier": "self-serve",
    "cap_dollars": "20",
}


@pytest.fixture
def x(monkeypatch):
    with X() as network:
        monkeypatch.setenv("HARK_X_API", network.url)
        monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
        declared = dataclasses.replace(ConnectForm.setup.oauth, token_url=f"{network.url}/2/oauth2/token")
        monkeypatch.setattr(ConnectForm, "setup", dataclasses.replace(ConnectForm.setup, oauth=declared))
        http._client.cache_clear()
        http._waits.clear()
        yield network


@pytest.fixture
def browser(ines) -> Client:
    found = Client()
    found.force_login(ines.user)
    return found


def connect(x: X, browser: Client) -> Account:
    page = browser.get("/b/ternway/settings/accounts/connect/x/")
    assert "developer account" in page.text
    assert f"{settings.HARK_PUBLIC_URL}/b/ternway/settings/accounts/allowed/" in page.text
    away = onward(browser.post("/b/ternway/settings/accounts/connect/x/", TOLD))
    assert away.startswith("https://x.com/i/oauth2/authorize?")
    assert "app-secret" not in away
    back = browser.get(x.allows(away).removeprefix(settings.HARK_PUBLIC_URL))
    account = Account.objects.get(channel="x")
    assert back.headers["location"] == f"/b/ternway/settings/accounts/{account.pk}/"
    return account


def test_from_a_post_to_the_closed_book(x, browser, tomas):
    Brand.objects.update(undo_seconds=0)
    account = connect(x, browser)
    assert (account.external_id, account.handle) == (BRAND, "@HarkAir")
    with serving.hark() as address:
        x.hook = f"{address}/hooks/{account.hook_key}"
        crc = httpx.get(x.hook, params={"crc_token": "crc-token-1"})
        assert crc.json()["response_token"] == x.signed(b"crc-token-1")
        assert x.push(x.hook, b"{}", {"x-twitter-webhooks-signature": "sha256=forged"}) == 401

        x.says(MO, "@HarkAir my pushchair came back with a snapped frame")
        until(lambda: Case.objects.exists(), "the case")

        def case() -> Case:
            return Case.objects.get()

        def answers(text: str, *, private: bool = False) -> None:
            reply.queue(case(), by=tomas, private=private, text=text, seen_version=case().version)

        def sent(count: int) -> None:
            until(lambda: Message.objects.filter(outbound=True).count() == count, f"{count} of our own")

        answers("Mo, I’m so sorry you landed to that. I’m Tomas, and I stay with you.")
        sent(1)
        assert ways.reach_of(case()).mechanism == "dm_link"
        text = move.invitation(case())
        move.move_to_private(
            case(), by=tomas, reason=Move.Reason.DETAILS, text=text, seen_version=case().version
        )
        sent(2)
        link = f"https://x.com/messages/compose?recipient_id={BRAND}"
        assert [url["expanded_url"] for post in x.posts.values() for url in post["entities"]["urls"]] == [
            link
        ]

        x.writes(MO, "The left leg is off completely. My booking is TW-4471.")
        until(lambda: case().has_private, "Mo in private")
        answers("The desk in hall B has a loan one for you.", private=True)
        sent(3)
        assert x.messages[-1]["text"] == "The desk in hall B has a loan one for you."

        closing.resolve(case(), by=tomas)
        closing.close_the_book(
            case(), by=tomas, text=closing.closing_line(case()), seen_version=case().version
        )
        sent(4)

    shown = arc.steps(Case.objects.get())
    assert [step.state for step in shown] == ["done", "private", "done", "done"]
    assert "4471" not in "".join(post["text"] for post in x.posts.values())
    account.refresh_from_db()
    assert account.spent_this_month == 2 * 10_000 + 200_000 + 15_000


def test_the_permission_renews_itself_and_the_network_turns_the_token_over(x, browser):
    account = connect(x, browser)
    first = account.credentials
    account.seal({**first, "access_ends": 1})
    account.save()

    renewed = oauth.connection(account)
    assert renewed.credentials["access"] == x.token != first["access"]
    assert Account.objects.get().credentials["refresh"] == x.refresh
    oauth.connection(Account.objects.get())
    assert len(x.asked("oauth2/token")) == 2  # the code, and one renewal


def test_the_self_test_says_what_works_and_renewing_is_one_press(x, browser):
    account = connect(x, browser)
    page = browser.post(f"/b/ternway/settings/accounts/{account.pk}/test/")
    assert "X knows us as @HarkAir" in page.text
    assert "We may answer direct messages" in page.text
    account.seal({**account.credentials, "scope": "tweet.read users.read"})
    account.save()
    page = browser.post(f"/b/ternway/settings/accounts/{account.pk}/test/")
    assert "the permission dm.write is missing" in page.text

    away = onward(browser.post(f"/b/ternway/settings/accounts/{account.pk}/renew/"))
    browser.get(x.allows(away).removeprefix(settings.HARK_PUBLIC_URL))
    account.refresh_from_db()
    assert account.credentials["client_secret"] == "app-secret"
    assert account.credentials["access"] == x.token
    assert Account.objects.count() == 1


def test_a_consent_that_was_not_asked_for_connects_nothing(x, browser, ines):
    assert browser.get("/b/ternway/settings/accounts/allowed/?state=x&code=y").status_code == 302
    away = onward(browser.post("/b/ternway/settings/accounts/connect/x/", TOLD))
    back = x.allows(away).removeprefix(settings.HARK_PUBLIC_URL)
    forged = back.replace("state=", "state=other")
    page = browser.get(forged, follow=True)
    assert "not asked for from here" in page.text
    assert "not asked for from here" in browser.get(back, follow=True).text  # it was good for one use
    denied = onward(browser.post("/b/ternway/settings/accounts/connect/x/", TOLD))
    state = dict(httpx.URL(denied).params)["state"]
    page = browser.get(
        f"/b/ternway/settings/accounts/allowed/?state={state}&error=access_denied", follow=True
    )
    assert "gave no permission" in page.text
    assert not Account.objects.exists()
