"""Ines allows it on the network's own page and comes back connected: every network whose consent leads there, by the pages."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from hark.channels import http, oauth
from hark.channels.models import Account
from hark.channels.networks.linkedin import connect as linkedin_connect
from hark.channels.networks.tiktok import connect as tiktok_connect

from .consents import onward
from .kit import StandIn
from .linkedin import LinkedIn
from .mastodon import Server
from .meta import Meta
from .meta_world import ACCOUNT, PAGE, SECRET, WORD
from .tiktok import US, TikTok

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "/b/ternway/settings/accounts/"
APP = {"client_id": "app", "client_secret": "app-secret"}
META_APP = {"client_id": "app", "app_key": SECRET, "verify_token": WORD}


@pytest.fixture
def browser(ines) -> Client:
    http._waits.clear()
    found = Client()
    found.force_login(ines.user)
    return found


@pytest.fixture
def server():
    with Server() as found:
        found.gives = found.person("ternway", "Ternway")
        yield found


@pytest.fixture
def meta(monkeypatch):
    with Meta() as found:
        monkeypatch.setenv("HARK_META_GRAPH", found.url)
        yield found


def leads(browser: Client, channel: str, told: dict[str, Any]) -> str:
    """Where the filled-in form sends Ines; no secret is in that address."""
    away = browser.post(f"{HERE}connect/{channel}/", told)
    found = onward(away)
    assert not any(
        told.get(name) and told[name] in found for name in ("client_secret", "app_key", "app_key_instagram")
    )
    return found


def comes_back(browser: Client, address: str) -> Account:
    back = browser.get(address.removeprefix(settings.HARK_PUBLIC_URL))
    assert back.status_code == 302, back.text
    account = Account.objects.get()
    assert back.headers["location"] == f"{HERE}{account.pk}/"
    assert (
        browser.get(address.removeprefix(settings.HARK_PUBLIC_URL)).headers["location"] == HERE
    )  # good once
    return account


def test_mastodon_makes_an_app_of_ours_on_whatever_server_it_is(browser, server):
    page = browser.get(f"{HERE}connect/mastodon/")
    assert "Allow it on Mastodon" in page.text
    told = {"server": server.url, "accept_strangers": "on"}
    consent = leads(browser, "mastodon", told)
    assert consent.startswith(f"{server.url}/oauth/authorize?")
    assert "code_challenge_method=S256" in consent
    account = comes_back(browser, server.allows(consent))
    assert (account.name, account.credentials["token"]) == ("Ternway", "token-ternway")
    assert server.policy["for_private_mentions"] == "accept"

    server.gives = server.person("other")  # somebody else is signed in there when it is renewed
    again = onward(browser.post(f"{HERE}{account.pk}/renew/"))
    assert len(server.apps) == 2
    wrong = browser.get(server.allows(again).removeprefix(settings.HARK_PUBLIC_URL))
    assert wrong.status_code == 422
    assert Account.objects.get().credentials["token"] == "token-ternway"


def test_a_server_that_is_none_says_so_on_the_form(browser):
    with StandIn() as other:
        page = browser.post(f"{HERE}connect/mastodon/", {"server": other.url})
    assert page.status_code == 422
    assert "Is its address right?" in page.text
    assert other.url in page.text


def test_facebooks_token_lasts_and_is_that_of_the_page(browser, meta):
    empty = browser.post(f"{HERE}connect/facebook/", {"app_key": SECRET, "verify_token": WORD})
    assert "Enter the app’s ID" in empty.text or "Enter the app&#x27;s ID" in empty.text
    consent = leads(browser, "facebook", META_APP)
    assert consent.startswith("https://www.facebook.com/v26.0/dialog/oauth?")
    assert "code_challenge" not in consent
    account = comes_back(browser, meta.allows(consent))
    assert (account.external_id, account.credentials["token"]) == (PAGE, "page-token")
    assert meta.subscribed == [PAGE]
    assert any(name.startswith("long-") for name in meta.people)
    assert not any(name.startswith("short-") for name in meta.people)

    browser.get(
        meta.allows(onward(browser.post(f"{HERE}{account.pk}/renew/"))).removeprefix(settings.HARK_PUBLIC_URL)
    )
    assert meta.subscribed == [PAGE, PAGE]  # renewed in one press, with what was told before
    assert Account.objects.get().credentials["verify_token"] == WORD


def test_who_may_act_for_other_pages_is_told_which(browser, meta):
    consent = leads(browser, "facebook", {**META_APP, "page": "Nordhav"})
    page = browser.get(meta.allows(consent).removeprefix(settings.HARK_PUBLIC_URL))
    assert page.status_code == 422
    assert f"Which one? The permission is for: Ternway ({PAGE})" in page.text
    assert not Account.objects.exists()


def test_instagram_by_its_page(browser, meta):
    meta.tokens["page-token"] = ACCOUNT
    consent = leads(browser, "instagram", {**META_APP, "login": "facebook"})
    assert consent.startswith("https://www.facebook.com/")
    account = comes_back(browser, meta.allows(consent))
    assert (account.external_id, account.credentials["token"]) == (ACCOUNT, "page-token")


def test_instagram_by_itself_is_renewed_at_half_its_life(browser, meta):
    meta.by_itself = True
    told = {**META_APP, "login": "instagram"}
    assert browser.post(f"{HERE}connect/instagram/", told).status_code == 422  # its own secret is missing
    consent = leads(browser, "instagram", {**told, "app_key_instagram": SECRET})
    assert consent.startswith("https://www.instagram.com/oauth/authorize?")
    account = comes_back(browser, meta.allows(consent))
    first = account.credentials["access"]
    assert first.startswith("long-")
    assert oauth.connection(account).credentials["access"] == first
    account.seal({**account.credentials, "access_ends": time.time() + 29 * 86_400})
    account.save()
    assert oauth.connection(account).credentials["access"] not in ("", first)
    assert Account.objects.get().credentials["access_ends"] > time.time() + 59 * 86_400


def test_linkedin_through_the_pages(browser, monkeypatch):
    with LinkedIn() as network:
        monkeypatch.setenv("HARK_LINKEDIN_API", network.url)
        monkeypatch.setitem(
            linkedin_connect.OAUTH.__dict__, "token_url", f"{network.url}/oauth/v2/accessToken"
        )
        told = {**APP, "page": "urn:li:organization:55", "application": "77"}
        consent = leads(browser, "linkedin", told)
        assert consent.startswith("https://www.linkedin.com/oauth/v2/authorization?")
        refused = browser.get(f"{HERE}allowed/?state=forged&code=x")
        assert refused.headers["location"] == HERE  # and what waited is spent
        account = comes_back(browser, network.allows(leads(browser, "linkedin", told)))
        assert (account.external_id, account.handle, account.credentials["access"]) == (
            "55",
            "ternway",
            network.token,
        )
        assert account.token_expires_at


def test_tiktok_through_the_pages(browser, monkeypatch):
    with TikTok() as network:
        monkeypatch.setenv("HARK_TIKTOK_API", network.url)
        monkeypatch.setitem(
            tiktok_connect.OAUTH.__dict__, "token_url", f"{network.url}/tt_user/oauth2/token/"
        )
        consent = leads(browser, "tiktok", APP)
        assert "client_key=app" in consent
        account = comes_back(browser, network.allows(consent))
        assert (account.external_id, account.handle) == (US, "@ternway")
        assert account.credentials["refresh"] == "refresh-1"
        findings = browser.post(f"{HERE}{account.pk}/test/")
        assert "TikTok knows us as @ternway" in findings.text
