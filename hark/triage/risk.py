"""What in a text may hurt somebody or the brand: injury, a lawsuit, the press, discrimination, violence, self-harm, money.

Rules of words in English, German, French, Spanish and Portuguese: the same text is answered the same way twice, and the words
that decided can be shown. A second person is asked because of them, nothing is refused: where a phrase has an innocent sense
as often as not it is left out, but a hint at self-harm counts even when it may be a manner of speaking.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from .risk_words import INNOCENT, MONEY, WORDS

PLAIN = str.maketrans({**dict.fromkeys("’‘´`ʼ′＇", "'"), **dict.fromkeys("‐‑–—", "-")})
LONGEST = 20_000  # characters that are looked at


class Risk(TextChoices):
    INJURY = "injury", _("injury and safety")
    LEGAL = "legal", _("a lawsuit, the police or a regulator")
    PRESS = "press", _("press")
    DISCRIMINATION = "discrimination", _("discrimination and harassment")
    VIOLENCE = "violence", _("a threat of violence")
    SELF_HARM = "self_harm", _("self-harm")


@dataclass(frozen=True)
class Found:
    """A risk, and the words that say so."""

    risk: Risk
    words: str


def find(text: str) -> list[Found]:
    """Every kind of risk in a text, once."""
    body = _plain(text)
    found = []
    for risk in Risk:
        left = INNOCENT[risk.value].sub(" ", body) if risk.value in INNOCENT else body
        if match := WORDS[risk.value].search(left):
            found.append(Found(risk, match.group()))
    return found


def _plain(text: str) -> str:
    kept = "".join(one for one in text[:LONGEST] if unicodedata.category(one) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", kept).translate(PLAIN).split())


def most_money(text: str) -> Decimal:
    """The largest amount with a currency in a text, whatever the currency; 0 without one."""
    return max((_amount(match) for match in MONEY.finditer(_plain(text))), default=Decimal(0))


def _amount(match: re.Match[str]) -> Decimal:
    """1,200.50 and 1.200,50 and 1 200 are what they are to their readers; "1.2k" is 1200."""
    digits = re.sub(r"[ '_]", "", match["before"] or match["after"])
    whole, mark, cents = max(digits.rpartition("."), digits.rpartition(","), key=lambda parts: len(parts[0]))
    if not mark or len(cents) == 3 or digits.count(mark) > 1:
        whole, cents = digits, ""
    value = Decimal(re.sub(r"[.,]", "", whole) + "." + (cents or "0"))
    return value * (1000 if (match["kilo"] or match["kilo2"]) else 1)
