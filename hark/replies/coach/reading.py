"""Is the draft easy to read? Length of sentences in any language; in English also Flesch's reading ease."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from .finding import Context, Finding
from .language import WORD, spoken
from .text import Text

LONGEST_SENTENCE = 35  # words; plain-language guides say 15 to 20 on average
ENOUGH = 30  # words before reading ease says anything
HARD = 40.0  # Flesch: below it is the reading of colleges
VOWELS = re.compile(r"[aeiouy]+")


def ease(words: list[str], sentences: int) -> float:
    """Flesch's reading ease (1948): 100 is very easy, below 30 very hard. English only."""
    syllables = sum(_syllables(word) for word in words)
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * syllables / len(words)


def check(text: Text, context: Context) -> Finding:
    """easy, long_sentence or hard."""
    read = [(start, sentence, WORD.findall(sentence)) for start, sentence in text.sentences]
    read = [one for one in read if one[2]]
    for start, sentence, words in read:
        if len(words) > LONGEST_SENTENCE:
            return Finding(
                "reading", "long_sentence", "hint", (start + len(sentence) - len(sentence.lstrip()), start + len(sentence.rstrip())),
                _("A sentence of %(count)s words. Cut it in two.") % {"count": len(words)}, "reading",
            )  # fmt: skip
    words = [word for _start, _sentence, found in read for word in found]
    if len(words) >= ENOUGH and spoken(text) == "en" and ease(words, len(read)) < HARD:
        return Finding(
            "reading",
            "hard",
            "hint",
            None,
            _("Hard to read on a phone: shorter words, shorter sentences."),
            "reading",
        )
    return Finding("reading", "easy", source="reading")


def _syllables(word: str) -> int:
    word = word.lower()
    count = len(VOWELS.findall(word))
    return max(1, count - (word.endswith("e") and not word.endswith("le")))
