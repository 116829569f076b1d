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
    """The verified known issue that a customer speaks of, or ""."""
    issues = brand.voice.get("known_issues", [])
    return next((str(issue) for issue in issues if speaks_of(issue, told)), "")


def speaks_of(issue: str, told: str) -> bool:
    """Whether two of the issue's words are the customer's too; one where it has one."""
    its = _words(issue)
    return bool(its) and len(its & _words(told)) >= min(SAME_ISSUE, len(its))


def _words(text: str) -> set[str]:
    return {stem(word) for word in WORD.findall(text.lower()) if word not in EVERYBODYS}
