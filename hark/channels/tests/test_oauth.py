"""Tokens are renewed ahead of their end: by one process, without losing them, and with the truth when it is over."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from django.db import connection as database

from hark.channels import http, oauth
from hark.channels.base import NeedsReconnect, TryLater
from hark.channels.models import Account
from hark.channels.networks.x.connect import ConnectForm
from tests.networks.x import BRAND, X

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def x(monkeypatch):
    with X() as network:
        monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
        declared = replace(ConnectForm.setup.oauth, token_url=f"{network.url}/2/oauth2/token")
        monkeypatch.setattr(ConnectForm, "setup", replace(ConnectForm.setup, oauth=declared))
        http._client.cache_clear()
        yield network


@pytest.fixture
def account(x, ternway) -> Account:
    made = Account(brand=ternway, channel="x", external_id=BRAND, handle="@HarkAir")
    made.seal(
        {
            "client_id": "app",
            "client_secret": "s",
            "access": x.token,
            "refresh": x.refresh,
            "access_ends": time.time() + 60,
        }
    )
    made.save()
    return made


def test_of_eight_who_come_at_once_one_renews(x, account):
    got: list[str] = []

    def come() -> None:
        try:
            got.append(oauth.connection(Account.objects.get()).credentials["access"])
        finally:
            database.close()

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [x.token] * 8
    assert len(x.asked("oauth2/token")) == 1  # a second would have spent the new refresh token


def test_while_the_network_is_away_a_token_that_lasts_is_used(x, account):
    with x.away():
        assert oauth.connection(account).credentials["access"] == x.token
        account.seal({**account.credentials, "access_ends": time.time() - 1})
        account.save()
        with pytest.raises(TryLater):
            oauth.connection(account)
    assert oauth.connection(account).credentials["access"] == x.token


def test_a_refresh_token_that_is_worth_nothing_asks_for_a_person(x, account):
    x.refresh = "turned over elsewhere"
    with pytest.raises(NeedsReconnect, match="Value passed for the token was invalid"):
        oauth.connection(account)
    account.seal({"access": "a", "access_ends": 1})
    account.save()
    with pytest.raises(NeedsReconnect, match="nothing to renew it with"):
        oauth.connection(account)
