"""The coach in a real browser: a bad draft becomes a good one, press by press, and while it is held nothing leaves."""

import os

import pytest
from playwright.sync_api import expect

from hark.brands.models import Brand
from hark.replies.models import Reply
from tests.axe import violations

from .test_console import address, case_of, desk  # noqa: F401  (fixtures)

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BAD = "It was our mistake! We rang 020 7946 0958 and I'll call you by Friday 10:00."


def test_a_bad_draft_is_coached_to_a_good_one_and_held_until_then(practice, tomas, desk):  # noqa: F811
    Brand.objects.update(undo_seconds=1, voice={"exclamations": 0})
    practice.says("maya", "My pushchair came off the belt broken, I am furious. Call me on 020 7946 0958")
    page = desk(tomas, viewport={"width": 1440, "height": 900}).open(f"cases/{case_of('Maya').pk}/")
    text, coach, send = page.locator("#reply-text"), page.locator("#coach"), page.locator("[data-send]")

    text.fill(BAD)
    expect(coach.locator(".coach__finding--hold")).to_have_count(2)
    expect(coach).to_contain_text("Their phone number would stand in public")
    assert violations(page) == []
    send.click()
    expect(page.locator("#reply-text[autofocus]")).to_have_count(1)  # refused, and shown again
    expect(coach.locator(".coach__finding--hold")).to_have_count(2)
    expect(text).to_have_value(BAD)
    assert not Reply.objects.exists()

    coach.get_by_role("button", name="Say “I'm sorry this happened”").click()
    expect(coach.locator(".coach__finding--hold")).to_have_count(1)
    coach.get_by_role("button", name="Cover it").click()
    expect(coach.locator(".coach__finding--hold")).to_have_count(0)
    coach.get_by_role("button", name="Begin with “That must be frustrating.”").click()
    expect(text).to_have_value(
        "That must be frustrating. I'm sorry this happened. We rang [your phone number] and I'll call you by Friday 10:00."
    )
    text.fill(
        "Maya, landing to a broken pushchair must be exhausting. A loan one waits in hall B, and I'll call you by Friday 10:00."
    )
    expect(coach.locator(".coach__finding--idea, .coach__finding--hold")).to_have_count(0)
    expect(coach.locator(".coach__good")).to_contain_text("Their name")
    assert violations(page) == []

    coach.get_by_role("link", name="Keep track of it").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("What")).to_have_value("I'll call you by Friday 10:00")
    dialog.get_by_role("button", name="I promise").click()
    expect(dialog).to_have_count(0)
    send.click()
    expect(page.locator(".post--ours")).to_contain_text("landing to a broken pushchair")
    assert Reply.objects.get().text.startswith("Maya, landing")
