"""Nia's first day: a furious post with a phone number in it, and everything between that and a closed book.

She presses what the page offers. Maya reads and writes on her phone; the refund is made by the sample system.
"""

from __future__ import annotations

import os
import re
import threading

import pytest
from playwright.sync_api import Browser, Page, expect

from conftest import member
from hark.actions import declaring, sample
from hark.brands.models import Brand
from hark.cases.models import Case
from hark.channels.networks.practice.models import Post
from hark.clocks.models import Promise
from hark.replies.models import Reply
from tests.browser.test_console import address, case_of, desk  # noqa: F401  (fixtures)

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread of the test
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NUMBER = "+44 20 7946 0958"
FURIOUS = (
    "FOUR HOURS at the gate and nobody tells us ANYTHING!!! My daughter cries herself to sleep on the floor. "
    f"You have ruined our trip. Call me if you dare: {NUMBER}"
)
BAD = (
    "Dear customer, we apologise for any inconvenience, this was our fault. Please tell us your booking number and "
    "your e-mail address here."
)
GOOD = (
    "Maya, four hours at a gate with a child asleep on the floor: I’m sorry, that is miserable. I’m Nia, and I’m looking "
    "into what happened and what we can give back to you right now."
)
WISH = "Which seats were yours, and what did you pay for food?"
SAID = "12A and 12B. Sandwiches and water for 64 euros."
PRIVATE = "Thank you for telling me, Maya. I’ll send you the names of the crew by tomorrow at noon."


@pytest.fixture
def shop(ternway, tmp_path, monkeypatch):
    """A system that refunds, outside Hark."""
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "127.0.0.1")
    action = declaring.refund(ternway, "http://127.0.0.1:1/refund")
    server = sample.server(0, action.secret, tmp_path / "refunds.ndjson")
    declaring.refund(ternway, f"http://127.0.0.1:{server.server_address[1]}/refund")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_from_a_furious_post_to_the_closed_book(practice, ternway, shop, desk, browser: Browser):  # noqa: F811
    Brand.objects.update(undo_seconds=0)
    nia = member(ternway, "Nia Berg", "agent")
    practice.says("maya", FURIOUS)
    case = case_of("Maya")
    page = desk(nia, viewport={"width": 1440, "height": 900}).open("queue/")

    page.get_by_text("Maya").first.click()
    expect(page.locator(".post")).to_contain_text("Personal details stand in public here.")
    assert NUMBER not in page.content()

    is_coached(page)
    opened = moves_to_a_page_of_our_own(page)
    phone = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    customer = phone.new_page()
    writes_from_her_phone(customer, opened)

    expect(page.locator(".bubble").filter(has_text=SAID)).to_be_visible()
    refunds(page, shop)
    promises_and_answers(page)
    expect(customer.locator(".bubble--ours").filter(has_text="64.00 refunded")).to_be_visible(timeout=20_000)
    phone.close()

    kept = page.locator(".promise").filter(has_text="the names of the crew")
    kept.get_by_role("button", name="Kept").dblclick()
    expect(kept).to_have_class(re.compile("promise--kept"))
    closes_the_book(page)
    assert Promise.objects.get().state == Promise.State.KEPT
    case.refresh_from_db()
    assert (case.state, case.arc) == (Case.State.CLOSED, Case.Arc.BOOK_CLOSED)

    page.get_by_role("link", name="Everything that happened on this case").click()
    history = page.locator("#history")
    told = history.inner_text()
    at = -1
    for step in reversed(STEPS):  # the newest stands first
        found = told.find(step, at + 1)
        assert found > at, f"{step!r} is not where it belongs in:\n{told}"
        at = found
    assert NUMBER not in page.content()


STEPS = [
    "The case was opened",
    "Nia Berg took the case",
    "Nia Berg sent a reply",
    "reached “acknowledged”",
    "Nia Berg invited the customer to private\n\npersonal details are needed",
    "reached “moved to private”",
    "The customer followed to private",
    "A message arrived",
    "Nia Berg asked for an action\n\nRefund 64.00 EUR",
    "Nia Berg had something done\n\nRefund 64.00 EUR: 64.00 refunded, receipt R-30000",
    "Nia Berg promised something",
    "Nia Berg sent a reply",
    "Nia Berg kept a promise",
    "reached “resolved”\n\nsolved: Gate B 14 without a screen",
    "Nia Berg sent a reply",
    "reached “book closed”",
]


def is_coached(page: Page) -> None:
    """From a draft that admits fault and asks for private details in public to one that helps."""
    draft, coach = page.locator("#reply-text"), page.locator("#coach")
    send = page.get_by_role("button", name="Reply in public", exact=True)
    draft.fill(BAD)
    expect(coach.locator(".coach__finding--hold")).not_to_have_count(0)
    send.click()
    expect(page.locator("[data-saved]")).to_contain_text("Draft restored")
    expect(draft).to_have_value(BAD)
    assert not Reply.objects.exists()
    coach.get_by_role("button", name="Say “I'm sorry this happened”").click()
    expect(draft).not_to_have_value(re.compile("our fault"))

    draft.fill(GOOD)
    expect(coach.locator(".coach__finding--hold")).to_have_count(0)
    expect(coach.locator(".coach__good li")).not_to_have_count(0)
    send.dblclick()
    expect(page.locator(".post--ours").filter(has_text=GOOD)).to_be_visible()
    said(page, 1, private=False)


def moves_to_a_page_of_our_own(page: Page) -> str:
    """The dialog offers the network's way and our own page; the address that the private line carries."""
    page.get_by_role("link", name="Move to private").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="Secure page").click()
    dialog.get_by_label("What you ask them for").fill(WISH)
    dialog.get_by_role("button", name="Send privately").dblclick()
    expect(dialog).to_have_count(0)
    said(page, 1, private=True)
    found = re.search(r"http\S+/s/\S+", Post.objects.get(persona=None, private=True).text)
    assert found
    return found[0]


def writes_from_her_phone(customer: Page, opened: str) -> None:
    customer.goto(opened)
    customer.get_by_role("button", name="Open it on this device").tap()
    expect(customer.get_by_text(WISH)).to_be_visible()
    customer.get_by_label("Your message").fill(SAID)
    customer.get_by_role("button", name="Send privately", exact=True).tap()
    expect(customer.locator(".bubble").filter(has_text=SAID)).to_be_visible()


def refunds(page: Page, shop) -> None:
    page.get_by_role("link", name="Refund").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Amount").fill("64")
    dialog.get_by_label("What for").fill("Food while they waited")
    dialog.get_by_role("button", name="Refund").dblclick()
    done = page.locator(".promise--kept").filter(has_text="64.00 refunded, receipt R-30000")
    expect(done).to_be_visible()
    assert [entry["amount"] for entry in shop.book.paid.values()] == ["64.00"]
    done.get_by_role("button", name="Into my draft").click()
    expect(page.locator("#reply-text")).to_have_value(re.compile("64.00 refunded"))


def promises_and_answers(page: Page) -> None:
    draft = page.locator("#reply-text")
    draft.fill(f"{PRIVATE} {draft.input_value()}")
    expect(page.locator("[data-saved]")).to_have_text("Saved")
    page.locator("#reply-promise").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox").first).to_have_value(re.compile("the names of the crew"))
    dialog.get_by_role("button", name="Promise").dblclick()
    expect(dialog).to_have_count(0)
    assert Promise.objects.count() == 1
    page.get_by_role("button", name="Send privately", exact=True).click()
    expect(page.locator(".bubble--ours").filter(has_text="the names of the crew")).to_be_visible()


def closes_the_book(page: Page) -> None:
    page.get_by_role("link", name="Resolve").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What had caused it?").fill("Gate B 14 without a screen")
    dialog.get_by_role("button", name="It is settled").click()
    page.get_by_role("link", name="Close the book").first.click()
    expect(dialog.get_by_label("The last word, in public")).to_have_value(re.compile("Maya"))
    dialog.get_by_role("button", name="Reply in public and close").dblclick()
    said(page, 2, private=False)
    expect(page.locator(".arc__step time")).to_have_count(4)


def said(page: Page, count: int, *, private: bool) -> None:
    """So many lines of ours stand on the network; the page goes on living meanwhile."""
    for _ in range(100):
        if Post.objects.filter(persona=None, private=private).count() == count:
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never left")
