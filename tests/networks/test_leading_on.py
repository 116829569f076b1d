"""In a real browser, which holds every form to the policy of its page: the connect form leads on to a network's consent."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests import serving
from tests.stories.test_practice_browser import sign_in

from .mastodon import Server

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_form_leads_on_by_itself_and_the_way_back_is_to_the_form(page: Page, ines, ternway):
    with Server() as server, serving.hark() as address:
        sign_in(page, address, ines)
        page.goto(f"{address}/b/ternway/settings/accounts/connect/mastodon/")
        page.get_by_label("Server").fill(server.url)
        page.get_by_role("button", name="Allow it on Mastodon").click()
        page.wait_for_url(f"{server.url}/oauth/authorize?**")
        page.go_back()
        expect(page.get_by_label("Server")).to_be_visible()
