"""python -m bench.report: docs/performance.md and its pictures, written anew from bench/results/*.json.

Only what stands between the two marks is written; what people wrote around them stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .bars import Bar, chart
from .goals import GOALS

ROOT = Path(__file__).resolve().parent.parent
PAGE, FIGURES, RESULTS = (
    ROOT / "docs" / "performance.md",
    ROOT / "docs" / "figures",
    ROOT / "bench" / "results",
)
BEGIN, END = "<!-- written by `make bench-report`: begin -->", "<!-- written by `make bench-report`: end -->"


def write(page: Path = PAGE, figures: Path = FIGURES, results: Path = RESULTS) -> None:
    """Raises ValueError where the page has lost its marks."""
    files = [results / f"{goal}.json" for goal in GOALS]
    found = [json.loads(path.read_text()) for path in files if path.exists()]
    text = page.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{page} must hold {BEGIN!r} and {END!r} once each")
    figures.mkdir(parents=True, exist_ok=True)
    for old in figures.glob("*.svg"):
        old.unlink()
    (figures / "overview.svg").write_text(overview(found))
    for one in found:
        if one.get("bars"):
            bars = [Bar(name, value, name.startswith("Hark")) for name, value in one["bars"].items()]
            (figures / f"{one['goal']}.svg").write_text(chart(one["bars_title"], bars, one["bars_unit"]))
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{body(found)}\n{END}{after}")


def overview(found: list[dict[str, Any]]) -> str:
    """How far each mark is reached: 100 % is its aim."""
    bars = [
        Bar(f"{one['goal']} {part['name']}".strip(), reached(part) * 100, bool(part["met"]), _mark(part))
        for one in found
        for part in one["parts"]
        if part["aim"] is not None
    ]
    return chart("How much of each aim is reached (grey: below the least)", bars, "%", line=100.0, most=200.0)


def reached(part: Mapping[str, Any]) -> float:
    """1 at the aim, more beyond it, whichever way is better."""
    value, aim = float(part["value"]), float(part["aim"])
    higher = part["higher_is_better"]
    return value / aim if higher else aim / max(value, 1e-9)


def body(found: list[dict[str, Any]]) -> str:
    lines = [
        "![How much of each aim is reached](figures/overview.svg)",
        "",
        "| | measured | value | aim | least | | taken |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in found:
        for part in one["parts"]:
            sign = "≥" if part["higher_is_better"] else "≤"
            aim, least = (
                f"{sign} {short(part[key])}" if part[key] is not None else "" for key in ("aim", "least")
            )
            lines.append(
                f"| {one['goal']} | {part['title']} | **{short(part['value'])}** {part['unit']} | {aim} | {least} "
                f"| {verdict(one, part)} | {one['at'][:10]} |"
            )
    for one in found:
        lines += ["", f"### {one['goal']}", ""]
        if one.get("bars"):
            lines += [f"![{one['bars_title']}](figures/{one['goal']}.svg)", ""]
        lines += [f"**Wrong:** {problem}." for problem in one["wrong"]]
        rounds = "1 round was" if one["void_rounds"] == 1 else f"{one['void_rounds']} rounds were"
        lines += [
            f"{one['machine']}; others used up to {one['foreign_cpu']:.0%} of it; {rounds} void"
            + ("; **crowded: take it again on a quiet machine**." if one["crowded"] else "."),
            "",
            "<details><summary>Inputs</summary>",
            "",
            "| | |",
            "| --- | --- |",
            *(f"| {name} | {short(value)} |" for name, value in one["inputs"].items()),
            "",
            "</details>",
        ]
    return "\n".join(lines)


def verdict(one: Mapping[str, Any], part: Mapping[str, Any]) -> str:
    if one["wrong"]:
        return "counts wrong"
    if part["met"] is None:
        return ""
    return "aim" if part["aim_met"] else "least" if part["met"] else "missed"


def short(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: ""}[value]
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {short(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(short, value))
    return str(value).replace("|", "\\|")


def _mark(part: Mapping[str, Any]) -> str:
    return f"{short(part['value'])} {part['unit']}".strip()


if __name__ == "__main__":
    write()
