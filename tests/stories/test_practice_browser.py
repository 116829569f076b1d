"""The main job in the console: Tomas sees Maya's post come in, and stays with her until the book is closed.

He presses what the page offers and never reloads; Maya is played by her scenario.
"""

from __future__ import annotations

import os
import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from hark.brands.models import Brand
from hark.cases import arc
from hark.cases.models import Case
from hark.channels.networks.practice.models import Post
from tests import serving

from .stage import Stage

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread of the test

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE_MS = 10_000


@pytest.fixture
def stage(practice) -> Stage:
    Brand.objects.update(undo_seconds=0)
    return Stage(practice.account, works=False)  # the served Hark has its own worker


def sign_in(page: Page, address: str, member) -> None:
    client = Client()
    client.force_login(member.user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])


def said_by_us(page: Page, text: str, *, private: bool) -> None:
    """Write into the composer that is open, and send."""
    page.get_by_role("textbox", name="Private message" if private else "Public reply").fill(text)
    page.get_by_role("button", name="Send privately" if private else "Reply in public", exact=True).click()
    place = page.locator(".bubble--ours" if private else ".post--ours").filter(has_text=text)
    expect(place).to_be_visible()


def test_from_a_strangers_post_to_the_closed_book(page: Page, stage, tomas):
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    errors: list[str] = []
    page.on("pageerror", lambda problem: errors.append(str(problem)))
    page.on(
        "response",
        lambda answer: errors.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
    )
    with serving.hark() as address:
        sign_in(page, address, tomas)
        page.goto(f"{address}/b/ternway/queue/")

        stage.plays("pushchair_snapped")
        page.get_by_text("Maya Lindqvist").first.click()
        expect(page.get_by_text("came off the belt with a snapped frame").last).to_be_visible()

        said_by_us(
            page, "Maya, I’m so sorry you landed to that. I’m Tomas, and I stay with you.", private=False
        )
        wait_for(lambda: Post.objects.filter(persona=None).count() == 1, page)
        stage.passes(minutes=2)
        expect(page.get_by_text("My phone is at 6 %").last).to_be_visible()

        page.get_by_role("link", name="Move to private").first.click()
        page.get_by_label("Personal details are needed").check()
        page.get_by_role("button", name="Reply in public and invite").click()
        wait_for(lambda: Post.objects.filter(persona=None).count() == 2, page)
        stage.passes(minutes=2)
        expect(page.get_by_text("The left leg of the frame is off completely").last).to_be_visible()

        page.locator("#to-private").click()
        said_by_us(page, "The desk in hall B has a loan one for you.", private=True)
        wait_for(lambda: Post.objects.filter(persona=None).count() == 3, page)
        stage.passes(minutes=2)

        page.get_by_role("link", name="Resolve").first.click()
        page.get_by_role("button", name="It is settled").click()
        page.get_by_role("link", name="Close the book").first.click()
        last_word = page.get_by_label("The last word, in public")
        expect(last_word).to_have_value(re.compile("Maya"))
        last_word.locator("xpath=ancestor::form").get_by_role("button").last.click()
        wait_for(lambda: Post.objects.filter(persona=None).count() == 4, page)

        steps = page.locator(".arc__step time")
        expect(steps).to_have_count(4)
        page.close()  # before the server goes, or the page complains about that
        assert errors == []

    case = Case.objects.get()
    assert [step.state for step in arc.steps(case)][:2] == ["done", "private"]
    assert [post.private for post in Post.objects.filter(persona=None).order_by("id")] == [
        False,
        False,
        True,
        False,
    ]


def wait_for(happened, page: Page) -> None:
    """Until the worker has done its part; the page goes on living meanwhile."""
    for _ in range(PATIENCE_MS // 100):
        if happened():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen")
