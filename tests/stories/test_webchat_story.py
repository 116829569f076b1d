"""Two browsers: Maya writes on Ternway's own site, Tomas answers in the console; neither reloads."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from hark.brands.models import Brand
from hark.cases.models import Case
from hark.channels.base import Reach
from hark.channels.models import Account
from hark.channels.networks.practice.models import Post
from hark.visits.tests.browsing import chat_on_site, frame_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE_MS = 20_000


@pytest.fixture
def maya(browser):
    with_script = browser.new_context()
    with_script.set_default_timeout(PATIENCE_MS)
    yield with_script.new_page()
    with_script.close()


@pytest.fixture
def desk(browser):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def webchat(ternway):
    Brand.objects.update(undo_seconds=0)
    account = Account(
        brand=ternway, channel="webchat", external_id="chat", handle="www.ternway.example", name="Ternway"
    )
    account.seal({"identity_secret": "a secret of the chat"})
    account.save()
    return account


def sign_in(page, address, member):
    client = Client()
    client.force_login(member.user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])


def says(maya, text, frame=None):
    box = (frame or frame_of(maya)).get_by_label("Your message")
    box.fill(text)
    box.press("Enter")


def answers_privately(desk, text):
    """Where the customer wrote while the composer stood open, the console asks once more: he has read it."""
    desk.get_by_role("textbox", name="Private message").fill(text)
    desk.get_by_role("button", name="Send privately", exact=True).click()
    sent = desk.locator(".bubble--ours").filter(has_text=text)
    anyway = desk.get_by_role("button", name="Send privately anyway")
    expect(sent.or_(anyway)).to_be_visible()
    if anyway.is_visible():
        anyway.click()
    expect(sent).to_be_visible()


def wait_for(happened, page):
    for _ in range(PATIENCE_MS // 100):
        if happened():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen")


def test_a_conversation_on_the_brands_own_site(webchat, maya, desk, tomas):
    with chat_on_site(webchat) as place:
        sign_in(desk, place.hark, tomas)
        desk.goto(f"{place.hark}/b/ternway/queue/")

        maya.goto(place.site)
        maya.get_by_role("button", name="Chat with Ternway").click()
        says(maya, "My pushchair came off the belt in two pieces")
        desk.get_by_text("came off the belt in two pieces").first.click()

        answers_privately(desk, "I’m Tomas, I stay with you on this.")
        theirs = frame_of(maya).locator(".chat__lines .bubble:not(.bubble--mine) .bubble__text")
        expect(theirs).to_have_text(["I’m Tomas, I stay with you on this."])

        says(maya, "Thank you. It is a green one.")
        expect(desk.get_by_text("It is a green one").last).to_be_visible()
        answers_privately(desk, "The desk in hall B has a loan one for you.")
        expect(theirs).to_have_count(2)
        expect(frame_of(maya).locator(".chat__name").last).to_have_text("Tomas, Ternway")

        maya.reload()
        maya.get_by_role("button", name=re.compile("Chat with Ternway")).click()
        expect(frame_of(maya).locator(".chat__lines .bubble")).to_have_count(4)
        for page in (desk, maya):
            page.close()
    case = Case.objects.get()
    assert case.messages.filter(private=False).count() == 0
    assert case.first_response_time()


def test_from_a_public_post_by_link_to_the_chat(webchat, practice, maya, desk, tomas, monkeypatch):
    """Where a network takes no private messages, the public line carries a link to the brand's own chat."""
    network = type(practice.account.network)
    monkeypatch.setattr(network, "reach", lambda *_: Reach(False, reason="takes no messages"))
    practice.says("maya", "@ternway my pushchair came off the belt in two pieces")
    case = Case.objects.get()
    with chat_on_site(webchat) as place:
        sign_in(desk, place.hark, tomas)
        desk.goto(f"{place.hark}{case.get_absolute_url()}")
        desk.get_by_role("textbox", name="Public reply").fill("Maya, I’m so sorry. I’m Tomas.")
        desk.get_by_role("button", name="Reply in public", exact=True).click()
        desk.get_by_role("link", name="Move to private").first.click()
        desk.get_by_label("Personal details are needed").check()
        desk.get_by_role("button", name=re.compile("invite")).click()
        wait_for(lambda: Post.objects.filter(persona=None).count() == 2, desk)
        link = re.search(r"https?://\S+/c/\S+", Post.objects.filter(persona=None).latest("id").text)[0]

        maya.goto(link)
        expect(maya.get_by_text("my pushchair came off the belt").first).to_be_visible()
        maya.get_by_role("button", name="Go on in private").click()
        says(maya, "I am at Strandgaten 1, Bergen", frame=maya)
        expect(desk.get_by_text("Strandgaten 1").last).to_be_visible()

        second = maya.context.browser.new_context().new_page()
        second.goto(link)
        second.get_by_role("button", name="Go on in private").click()
        expect(second.get_by_text("opened in another browser")).to_be_visible()
        expect(second.get_by_text("Strandgaten")).to_have_count(0)
        for page in (desk, maya, second):
            page.close()

    case.refresh_from_db()
    assert Case.objects.count() == 1
    assert case.arc == Case.Arc.PRIVATE
