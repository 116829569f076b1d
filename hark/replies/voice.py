"""How a brand wants to sound, as its managers wrote it down: what the coach is given."""

from __future__ import annotations

import re

from hark.brands.models import Brand

from .coach import Voice
from .coach.stock import EVERYBODYS, stem

NEAR_COPY_PERCENT = 70
WORD = re.compile(r"[^\W_]{3,}")
SAME_ISSUE = 2  # words of a known issue that the customer's words share with it


def of(brand: Brand) -> Voice:
    kept = brand.voice
    return Voice(
        avoid=kept.get("avoid", []),
        prefer=[(said, better) for said, better in kept.get("prefer", [])],
        emoji=kept.get("emoji", True),
        exclamations=kept.get("exclamations"),
        sign_off=kept.get("sign_off", ""),
        stock=kept.get("stock", []),
        link_domains=kept.get("link_domains", []),
    )


def near_copy_threshold(brand: Brand) -> float:
    """From which share of the same runs of words a draft is held."""
    return int(brand.voice.get("near_copy_percent", NEAR_COPY_PERCENT)) / 100


def known_issue(brand: Brand, told: str) -> str:
    """The verified known issue that a customer speaks of, or "". Two of its words have to be theirs too; one where it has one."""
    theirs = _words(told)
    for issue in brand.voice.get("known_issues", []):
        its = _words(issue)
        if its and len(its & theirs) >= min(SAME_ISSUE, len(its)):
            return str(issue)
    return ""


def _words(text: str) -> set[str]:
    return {stem(word) for word in WORD.findall(text.lower()) if word not in EVERYBODYS}
