"""Takes the pictures of docs/connecting.md from a running demo: `python docs/screens/connect.py http://127.0.0.1:8000 /in/…`.

One a network, of the connect page without the navigation: 900 pixels wide, in few colours, small enough for the repository.
"""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
WIDE, TALL, MOST_BYTES = 976, 400, 60_000  # the navigation takes 76 of it
OWN = "https://hark.example.com"  # stands in the pictures for the address of the demo

SHOWN = """([base, own]) => {
  for (const one of document.querySelectorAll("code")) one.textContent = one.textContent.replace(base, own);
}"""


def main(base: str, link: str) -> None:
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=os.environ.get("HARK_CHROMIUM", "/usr/bin/chromium"))
        page = browser.new_page(viewport={"width": WIDE, "height": TALL})
        page.goto(base + link)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/queue/**")
        page.goto(page.url.split("/queue/")[0] + "/settings/accounts/")
        places = page.eval_on_selector_all("#connect a", "all => all.map(one => one.href)")
        for place in places:
            network = re.fullmatch(r".*/connect/(\w+)/", place)
            assert network, place
            page.goto(place)
            page.wait_for_timeout(300)
            page.evaluate(SHOWN, [base, OWN])
            save(page.locator("main").screenshot(), HERE / f"connect-{network[1]}.png")
        browser.close()


def save(picture: bytes, path: Path) -> None:
    found = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (64, 32, 16):
        found.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size < MOST_BYTES:
            return
    raise SystemExit(f"{path.name} has {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:3])
