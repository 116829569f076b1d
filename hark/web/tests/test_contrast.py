"""Every ink on every ground it may stand on reaches WCAG 2.2 AA, by day and by night."""

import math
import re

import pytest

from hark.web.assets import FOLDER

TEXT, EDGE = 4.5, 3.0
SURFACES = ["canvas", "surface", "raised", "sunken", "hover", "brand-tint"]
PAIRS = [
    *[(ink, on, TEXT) for ink in ("ink", "ink-2", "ink-3", "brand-ink") for on in SURFACES],
    *[("on-brand", on, TEXT) for on in ("brand", "brand-hover")],
    *[("on-private", on, TEXT) for on in ("private", "private-hover")],
    ("private-ink", "on-private", TEXT),
    ("on-red", "red-fill", TEXT),
    *[
        (ink, on, TEXT)
        for ink in ("ink", "ink-2", "ink-3", "private-ink", "brand-ink")
        for on in ("private-tint", "private-deep")
    ],
    *[
        (ink, on, TEXT)
        for on in ("amber-tint", "red-tint")
        for ink in ("ink", "ink-2", "amber-ink", "red-ink")
    ],
    *[(ink, on, TEXT) for ink in ("amber-ink", "red-ink", "private-ink") for on in ("surface", "raised")],
    *[(ink, on, TEXT) for ink in ("rail-ink", "rail-strong") for on in ("rail", "rail-on")],
    ("on-rail-alert", "rail-alert", TEXT),
    *[
        (edge, on, EDGE)
        for edge in ("line-strong", "focus", "brand")
        for on in ("canvas", "surface", "raised")
    ],
    *[("private", on, EDGE) for on in ("surface", "private-tint")],
    ("red-line", "raised", EDGE),
]


def tokens() -> dict[str, list[tuple[float, ...]]]:
    css = (FOLDER / "css" / "tokens.css").read_text()
    named = re.findall(r"--([\w-]+):\s*((?:light-dark|oklch)\(.*?\));", css)
    return {
        name: [tuple(map(float, c.split())) for c in re.findall(r"oklch\(([\d. ]+)\)", value)]
        for name, value in named
    }


def luminance(lightness: float, chroma: float, hue: float) -> float:
    """Relative luminance (WCAG 2) of an OKLCH colour, clipped to sRGB. Matrices: https://bottosson.github.io/posts/oklab/."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long, middle, short = (
        (lightness + x * a + y * b) ** 3
        for x, y in (
            (0.3963377774, 0.2158037573),
            (-0.1055613458, -0.0638541728),
            (-0.0894841775, -1.2914855480),
        )
    )
    channels = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, -1], ids=["light", "dark"])
def test_every_pair_can_be_read(theme):
    found = tokens()
    low = []
    for front, back, least in PAIRS:
        one, two = sorted((luminance(*found[name][theme]) for name in (front, back)), reverse=True)
        ratio = (one + 0.05) / (two + 0.05)
        if ratio < least:
            low.append(f"{front} on {back}: {ratio:.2f}, needs {least}")

    assert low == []


def test_black_on_white_is_twenty_one_to_one():
    assert (luminance(1, 0, 0) + 0.05) / (luminance(0, 0, 0) + 0.05) == pytest.approx(21, abs=0.01)
