"""Takes one picture in its shapes, and keeps it small: 256 colours, which is plenty for a page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

HERE = Path(__file__).parent
SHAPES = {"1440": (1440, 900, "light"), "390": (390, 844, "light"), "dark": (1440, 900, "dark")}
MOST_BYTES = 150_000


def take(
    page: Page,
    name: str,
    address: str,
    press: Sequence[str] = (),
    shapes: Sequence[str] = tuple(SHAPES),
    phone: str = "",
) -> None:
    """`press`: what is clicked first, one after the other, where the page is wide; `phone`: the address on a phone instead."""
    for shape in shapes:
        width, height, colours = SHAPES[shape]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=colours)
        page.goto(phone if phone and width < 1000 else address)
        page.wait_for_timeout(1500)
        for selector in press if width > 1000 else ():
            page.locator(selector).first.click()
            page.wait_for_timeout(700)
        shoot(page, f"{name}-{shape}")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")


def shoot(page: Page, name: str) -> None:
    """What the page shows now. Fewer colours where it would be too large."""
    shown = Image.open(io.BytesIO(page.screenshot(caret="initial"))).convert("RGB")
    for colours in (256, 128, 64):
        out = io.BytesIO()
        shown.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() < MOST_BYTES:
            break
    (HERE / f"{name}.png").write_bytes(out.getvalue())
