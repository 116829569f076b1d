"""Bar charts as SVG, by hand: legible on light and dark pages, without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

ROW, LABEL, ROOM, RIGHT = 26, 250, 380, 130  # px: height of a bar's row, width of names, of bars, of values
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2937 }
  .title { font-weight: 600; font-size: 15px }
  .ours { fill: #0f766e } .other { fill: #94a3b8 } .line { stroke: #1f2937; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e5e7eb } .ours { fill: #2dd4bf } .other { fill: #64748b } .line { stroke: #e5e7eb }
  }
"""


@dataclass(frozen=True)
class Bar:
    name: str
    value: float
    ours: bool
    says: str = ""  # instead of the number


def chart(
    title: str, bars: Sequence[Bar], unit: str, *, line: float | None = None, most: float | None = None
) -> str:
    """One bar a row; `line` is drawn across all; what is longer than `most` is cut there, and its number tells."""
    longest = max([bar.value for bar in bars] + [line or 0.0, 1e-9])
    longest = min(longest, most) if most else longest
    height, width = 40 + ROW * len(bars) + 10, LABEL + ROOM + RIGHT
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="8" y="22">{escape(title)}</text>',
    ]
    for number, bar in enumerate(bars):
        top = 40 + number * ROW
        long = max(2.0, min(bar.value / longest, 1.0) * ROOM)
        says = bar.says or f"{figure(bar.value)} {unit}"
        drawn += [
            f'<text x="{LABEL - 8}" y="{top + 16}" text-anchor="end">{escape(bar.name)}</text>',
            f'<rect class="{"ours" if bar.ours else "other"}" x="{LABEL}" y="{top + 3}" width="{long:.1f}" height="18" rx="3"/>',
            f'<text x="{LABEL + long + 6:.1f}" y="{top + 16}">{escape(says)}</text>',
        ]
    if line is not None:
        x = LABEL + min(line / longest, 1.0) * ROOM
        drawn.append(f'<line class="line" x1="{x:.1f}" x2="{x:.1f}" y1="36" y2="{height - 8}"/>')
    return "\n".join([*drawn, "</svg>", ""])


def figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
