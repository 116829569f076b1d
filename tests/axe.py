"""What axe-core finds wrong with a page for whoever listens to it, sees little or uses keys alone."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Any, *more: str) -> list[str]:
    """One line for each element that breaks a rule of WCAG 2.2 AA, or of `more` sets of axe's rules."""
    _settle(page)
    found = Axe().run(page, options={"runOnly": [*WCAG, *more]}).response["violations"]
    return [
        f"{issue['id']}: {node['target']} {node['failureSummary']}"
        for issue in found
        for node in issue["nodes"]
    ]


def _settle(page: Any) -> None:
    """Colours that fade would be measured half way."""
    page.evaluate(
        "Promise.all(document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < Infinity)"
        ".map(one => one.finished.catch(() => null)))"
    )
