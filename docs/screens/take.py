"""Takes the pictures of the documentation from a running demo, started for it alone:

    python docs/screens/take.py http://127.0.0.1:8000 "$(hark link ines@ternway.example)" "$(hark link tomas@ternway.example)"

Ines answers Maya, moves her to private, and sees it through to the closed book; Tomáš writes what a second person looks at.
About four minutes. The pages that connect networks have connect.py.
"""

from __future__ import annotations

import os
import re
import sys

from camera import shoot, take
from playwright.sync_api import Browser, Page, sync_playwright

HELLO = "Maya, I’m so sorry you landed to that. I’m Ines, and I’ll stay with you until you have wheels again."
BAD = "It was our mistake! We tried to ring +44 20 7946 0958 and I'll call you by Friday 10:00."
PUBLIC = "I did mean it, Maya. The desk in hall B has a loan pushchair ready for you until 20:00."
PRIVATE = "Thank you, Maya. So that I have it right: the frame was whole at the gate in Porto, and the left leg is off."
WISH = "Where shall we send the repaired frame, and until when are you in Bergen?"
SAID = "Strandgaten 14, 5013 Bergen, until Sunday. Ring twice, please: she sleeps at noon."
MONEY = "Ruud, that wait was far too long, and I’m sorry. I’m Tomáš: the refund of 40 euros is on its way to your card."

SOON = """minutes => {
  const field = document.querySelector("input[type='datetime-local']")
  const at = new Date(Date.now() + minutes * 60000)
  if (field) field.value = new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16)
}"""


def main(base: str, ines: str, tomas: str) -> None:
    with sync_playwright() as tools:
        path = os.environ.get("HARK_CHROMIUM", "/usr/bin/chromium")
        browser = tools.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page, brand = signed_in(browser, base, ines)
        a_second_person_looks(browser, page, brand, base, tomas)
        page.goto(f"{brand}/queue/?view=team")
        page.get_by_text("Maya Lindqvist").first.click()
        case = is_answered(page, brand)
        moves(page, case)
        take(page, "answer", f"{brand}/playbook/answers/1/")
        take(page, "answer-use", case, press=["form[data-inserts] button"])
        has_a_page_of_her_own(browser, page, case)
        is_promised(page, brand, case)
        is_closed(page, case)
        take(page, "search", f"{brand}/search/?q=pushchair")
        take(page, "settings", f"{brand}/settings/accounts/")
        browser.close()


def signed_in(browser: Browser, base: str, link: str) -> tuple[Page, str]:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(240_000)
    page.goto(link if link.startswith("http") else base + link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/queue/**")
    return page, page.url.split("/queue/")[0]


def is_answered(page: Page, brand: str) -> str:
    """In public, from a draft that the coach holds to one that it doesn't; the address of the case."""
    write(page, "Public reply", HELLO)
    page.get_by_role("button", name="Reply in public", exact=True).click()
    page.get_by_text("My phone is at 6 %").last.wait_for()
    case = page.url.split("?")[0]
    write(page, "Public reply", BAD)
    take(page, "coach", case, phone=f"{case}#reply")
    page.goto(case)
    write(page, "Public reply", PUBLIC)
    take(page, "queue", f"{brand}/queue/?view=team")
    take(page, "case-public", case)
    return case


def moves(page: Page, case: str) -> None:
    """The dialog, its neighbour, and what came of it."""
    take(page, "move", case, press=["#do-next"], phone=f"{case}move/")
    take(page, "move-secure", case, press=["#do-next", "dialog nav.tabs a:last-child"], shapes=["1440"])
    page.goto(case)
    page.get_by_role("link", name="Move to private").first.click()
    page.get_by_label("Personal details are needed").check()
    page.get_by_role("button", name="Reply in public and invite").click()
    page.get_by_text("It was whole when I handed it in").last.wait_for()
    page.goto(f"{case}?to=private")
    write(page, "Private message", PRIVATE)
    take(page, "case-private", f"{case}?to=private")


def has_a_page_of_her_own(browser: Browser, page: Page, case: str) -> None:
    """Offered in private, opened on a phone, answered there."""
    page.goto(f"{case}secure-page/")
    page.get_by_label("What you ask them for").fill(WISH)
    page.get_by_role("button", name="Send privately").click()
    sent = page.get_by_text(re.compile(r"here is a page of our own.*/s/")).last
    sent.wait_for()
    page.wait_for_timeout(1000)
    link = re.search(r"/s/[\w-]{20,}", page.content())
    assert link
    phone = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    hers = phone.new_page()
    hers.goto(page.url.split("/b/")[0] + link[0])
    shoot(hers, "secure-door-phone")
    hers.get_by_role("button", name="Open it on this device").tap()
    hers.get_by_label("Your message").fill(SAID)
    hers.get_by_role("button", name="Send privately", exact=True).tap()
    hers.wait_for_timeout(3000)
    hers.goto(hers.url.split("#")[0])
    for name, colours in (("secure-page-phone", "light"), ("secure-page-dark", "dark")):
        hers.emulate_media(color_scheme=colours)
        shoot(hers, name)
    phone.close()


def is_promised(page: Page, brand: str, case: str) -> None:
    for what, minutes in (
        ("The repaired frame is with her at noon", 26),
        ("Ines rings about the hire costs", 300),
    ):
        page.goto(f"{case}promise/")
        page.get_by_role("textbox").first.fill(what)
        page.evaluate(SOON, minutes)
        page.locator("form.ask button[type=submit]").click()
        page.wait_for_timeout(1500)
    take(page, "promises", f"{brand}/promises/", shapes=["1440", "390"])


def is_closed(page: Page, case: str) -> None:
    page.goto(f"{case}resolve/")
    page.get_by_label("What had caused it?").fill("Belt 3 in Porto jammed")
    page.get_by_role("button", name="It is settled").click()
    page.wait_for_timeout(1500)
    take(page, "closing", case, press=["#do-next"], shapes=["1440"])


def a_second_person_looks(browser: Browser, page: Page, brand: str, base: str, link: str) -> None:
    page.goto(f"{brand}/settings/approvals/")
    page.get_by_label("Why a second person looks").fill("Money is promised")
    page.get_by_label("When one of these words is said").fill("refund*")
    page.get_by_role("button", name=re.compile("Add|Save")).last.click()
    agent, _brand = signed_in(browser, base, link)
    agent.goto(f"{brand}/queue/?view=team")
    agent.get_by_text("Ruud").first.click()
    write(agent, "Public reply", MONEY)
    agent.get_by_role("button", name="Reply in public", exact=True).click()
    agent.get_by_text("Waits for a second person").first.wait_for()
    take(page, "approvals", f"{brand}/approvals/")
    agent.context.close()


def write(page: Page, where: str, text: str) -> None:
    page.get_by_role("textbox", name=where).fill(text)
    page.locator("[data-saved]").get_by_text("Saved").wait_for()
    page.wait_for_timeout(1200)  # the coach has looked


if __name__ == "__main__":
    main(*sys.argv[1:4])
