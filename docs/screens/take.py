"""Takes the pictures of the documentation from a running demo: `python docs/screens/take.py http://127.0.0.1:8000 /in/…`.

Answers Maya, moves her to private, and waits until she has followed; about three minutes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
SHAPES = {"1440": (1440, 900, "light"), "390": (390, 844, "light"), "dark": (1440, 900, "dark")}
PUBLIC = "I did mean it, Maya. The desk in hall B has a loan pushchair ready for you until 22:00."
PRIVATE = "Thank you, Maya. So that I have it right: the frame was whole at the gate in Porto, and the left leg is off."


def main(base: str, link: str) -> None:
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=os.environ.get("HARK_CHROMIUM", "/usr/bin/chromium"))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(240_000)
        page.goto(base + link)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/queue/**")
        brand = page.url.split("/queue/")[0]
        page.get_by_text("Maya Lindqvist").first.click()
        page.get_by_role("textbox", name="Public reply").fill(
            "Maya, I’m so sorry you landed to that. I’m Ines, and I’ll stay with you until you have wheels again."
        )
        page.get_by_role("button", name="Reply in public", exact=True).click()
        page.get_by_text("My phone is at 6 %").last.wait_for()
        case = page.url.split("?")[0]
        page.get_by_role("textbox", name="Public reply").fill(PUBLIC)
        page.get_by_text("Saved").first.wait_for()
        take(page, "queue", f"{brand}/queue/")
        take(page, "case-public", case)
        page.goto(case)
        page.get_by_role("link", name="Move to private").first.click()
        page.get_by_label("Personal details are needed").check()
        page.get_by_role("button", name="Reply in public and invite").click()
        page.get_by_text("It was whole when I handed it in").last.wait_for()
        page.goto(f"{case}?to=private")
        page.get_by_role("textbox", name="Private message").fill(PRIVATE)
        page.get_by_text("Saved").first.wait_for()
        take(page, "case-private", f"{case}?to=private")
        take(page, "answer", f"{brand}/playbook/answers/1/")
        take(page, "answer-use", case, press="form[data-inserts] button")
        take(page, "search", f"{brand}/search/?q=pushchair")
        take(page, "settings", f"{brand}/settings/accounts/")
        browser.close()


def take(page: Page, name: str, address: str, press: str = "") -> None:
    for shape, (width, height, colours) in SHAPES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=colours)
        page.goto(address)
        page.wait_for_timeout(1200)
        if press and width > 1000:
            page.click(press)
            page.wait_for_timeout(600)
        page.screenshot(path=HERE / f"{name}-{shape}.png", caret="initial")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")


if __name__ == "__main__":
    main(*sys.argv[1:3])
