"""The coach: small pure checks of a draft, each with a reason, a source and, where there is one, a one-press repair.

A check is `check(text, context) -> Finding`; nothing here reads a database, a clock or the network. docs/coach.md says what
each looks for, where the rule comes from, and how often it is right.
"""

from __future__ import annotations

from . import (
    apology,
    contradiction,
    crisis,
    data_asked,
    feeling,
    language,
    length,
    links,
    marks,
    name,
    near_copy,
    private_place,
    promise,
    quoted,
    reading,
    register,
    stock,
    words,
)
from . import help as offers
from .finding import Context, Fact, Finding, Repair, Sent, Voice
from .text import Text

CHECKS = (
    name, feeling, offers, apology, private_place, data_asked, quoted, promise, contradiction, crisis, stock, near_copy,
    language, register, words, marks, links, reading, length,
)  # fmt: skip
__all__ = ["CHECKS", "Context", "Fact", "Finding", "Repair", "Sent", "Voice", "look"]


def look(draft: str, context: Context) -> list[Finding]:
    """Every check's finding, in their order."""
    text = Text(draft)
    return [one.check(text, context) for one in CHECKS]
