"""The page in a real browser of a phone's size: readable to axe in both colours, live with script, whole without."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hark.cases.models import Case
from hark.channels.actions import connect
from hark.replies.models import Reply
from tests.axe import violations

from .conftest import answers, offered, take_in

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread of the test
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_customer_opens_reads_and_writes_on_a_phone(live_server, browser, practice, tomas, script):
    practice.says("maya", "@ternway my pushchair came back in two pieces", name="Maya Lind")
    practice.says("maya", "here I am", private=True, thread="dm-maya", name="Maya Lind")
    case = Case.objects.get()
    connect(case.brand, "email", {"external_id": "care@ternway.example", "handle": "care@ternway.example"})
    link = offered(case, tomas, wish="Maya, to send the spare home I need an address.")
    phone = browser.new_context(viewport=PHONE, java_script_enabled=script)
    page = phone.new_page()
    page.set_default_timeout(8_000)
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/s/{link}")
    if script:
        assert violations(page, "best-practice") == []
    page.get_by_role("button", name="Open it on this device").click()
    page.get_by_label("Your message").fill("Strandgaten 0, 5000 Bergen")
    page.get_by_role("button", name="Send privately", exact=True).click()
    page.get_by_text("Strandgaten 0, 5000 Bergen").wait_for()
    take_in()
    answers(case, tomas, "It is on its way, Maya.")
    if not script:
        page.reload()
    page.get_by_text("It is on its way, Maya.").wait_for(timeout=15_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"] if script else True
    if script:
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page, "best-practice") == [], scheme
            if folder := os.environ.get("HARK_PICTURES"):
                page.screenshot(path=Path(folder) / f"secure-page-{scheme}.png", full_page=True)
    page.get_by_role("link", name="Send it to me by e-mail").click()
    page.get_by_label("Your e-mail address").fill("maya@lind.example")
    clean = not script or violations(page, "best-practice") == []
    page.get_by_role("button", name="Next").click()
    assert clean
    assert not script or violations(page, "best-practice") == []
    page.get_by_role("button", name="Yes, send it there").click()
    page.get_by_text("The letter goes to maya@lind.example.").wait_for()
    assert Reply.objects.get(purpose=Reply.Purpose.TRANSCRIPT).to_address == "maya@lind.example"
    assert refused == []
    phone.close()
