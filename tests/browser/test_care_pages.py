"""The pages of a hand-off, of covered details, of actions and of what nobody has answered, for whoever listens to them.

With HARK_PICTURES, the pictures of the documentation are put into that folder.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hark.actions import declaring
from hark.brands.models import Brand
from hark.cases import arc
from hark.cases.models import Case
from hark.crisis import actions as crisis
from hark.journeys import closing, reply
from tests.axe import violations

from .test_console import address, case_of, desk  # noqa: F401  (fixtures)

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POST = "Four hours at the gate and nobody tells us anything. Call me: +44 20 7946 0958"


def picture(page, name):
    if folder := os.environ.get("HARK_PICTURES"):
        page.wait_for_timeout(400)
        page.screenshot(path=Path(folder) / f"{name}.png", caret="initial")


def test_the_pages_are_clean_in_both_colours_on_a_phone(practice, ines, ternway, desk):  # noqa: F811
    declaring.refund(ternway, declaring.PRACTICE)
    crisis.declare(ternway, what="No lift runs in hall B", by=ines)
    practice.says("maya", POST, name="Maya Lind")
    practice.says("ruud", "Nobody answers the phone")
    case, ruud = case_of("Maya"), case_of("Ruud")
    closing.close_silently(ruud, by=ines, reason="He wrote to another airline")
    action = ternway.actions.get().pk
    shown = f"messages/{case.messages.get().pk}/details/"
    seat = desk(ines, viewport={"width": 390, "height": 844})
    for path in (
        f"cases/{case.pk}/move/", f"cases/{case.pk}/secure-page/", f"cases/{case.pk}/praise/", shown, "moves/",
        f"cases/{case.pk}/help/", f"cases/{case.pk}/actions/{action}/", "settings/secure-pages/", "settings/actions/",
        "settings/approvals/", "unanswered/", "crises/",
    ):  # fmt: skip
        page = seat.open(path)
        for colours in ("light", "dark"):
            page.emulate_media(color_scheme=colours)
            assert violations(page) == [], (path, colours)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        picture(page, f"axe-{path.strip('/').replace('/', '-')}")


def test_the_dialogs_are_clean_where_they_open(practice, tomas, ines, ternway, desk):  # noqa: F811
    Brand.objects.update(undo_seconds=0)
    practice.says("maya", POST, name="Maya Lind")
    case = case_of("Maya")
    reply.queue(case, by=tomas, private=False, text="Maya, I’m on it. I’m Tomas.", seen_version=case.version)
    page = desk(tomas, viewport={"width": 1280, "height": 800}).open(f"cases/{case.pk}/")
    expect(page.locator(".post--ours:not(.outgoing)")).to_be_visible()
    dialog = page.get_by_role("dialog")

    picture(page, "masked-1280")
    page.get_by_role("link", name="Show them").click()
    dialog.get_by_role("textbox").fill("She asks to be called")
    dialog.get_by_role("button", name="Show them").click()
    expect(dialog).to_contain_text("+44 20 7946 0958")
    assert violations(page) == []
    picture(page, "revealed-1280")
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Move to private").first.click()
    expect(dialog.get_by_role("navigation")).to_contain_text("Secure page")
    assert violations(page) == []
    picture(page, "axe-move")
    dialog.get_by_role("link", name="Secure page").click()
    expect(dialog).to_contain_text("for this case alone")
    assert violations(page) == []
    picture(page, "axe-move-secure")
    page.keyboard.press("Escape")

    case.refresh_from_db()
    arc.skip(case, Case.Arc.PRIVATE, by=tomas, reason="Nothing private about it")
    closing.resolve(case, by=tomas, cause="Gate B 14 without a screen")
    page.reload()
    page.get_by_role("link", name="Close the book").first.click()
    expect(dialog.get_by_label("The last word, in public")).to_be_visible()
    assert violations(page) == []
    picture(page, "axe-closing")


def test_a_dialog_that_was_opened_as_a_page_of_its_own_works_too(practice, tomas, ternway, desk):  # noqa: F811
    practice.says("maya", POST, name="Maya Lind")
    case = case_of("Maya")
    page = desk(tomas, viewport={"width": 1280, "height": 800}).open(f"cases/{case.pk}/move/")
    page.get_by_label("Personal details are needed").check()
    page.get_by_role("button", name="Reply in public and invite").click()
    page.wait_for_url(f"**/cases/{case.pk}/")
    expect(page.locator("#case-thread")).to_contain_text("Tomas invited them to private")
