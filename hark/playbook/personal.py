"""The floor under approved words: a block carries the facts, the agent’s own words carry the person (mission A3, A6).

Pure functions over texts. A sentence of a block counts as fixed where it stands in the reply as approved, whatever its facts.
"""

from __future__ import annotations

import re
import unicodedata

from hark.cases.words import words

from .content import ANYWHERE, BRACES, MARK_CLOSES, MARK_OPENS, OWN, PRIVATE, Content

OWN_WORDS = 5  # at least, beside what is fixed: a greeting with a name alone is two
MARK = re.compile(f"{MARK_OPENS}([^{MARK_CLOSES}]*){MARK_CLOSES}?")
SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")
ALIKE = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})


def unwritten(text: str) -> list[str]:
    """What the agent was asked to write and has not."""
    return [what.strip() for what in MARK.findall(text)]


def flat(text: str) -> str:
    """As two texts are compared: case, quotes and white space aside."""
    return " ".join(unicodedata.normalize("NFC", text).translate(ALIKE).casefold().split())


def fixed_sentences(content: Content, kind: str) -> list[re.Pattern[str]]:
    """A pattern for each sentence of the blocks of a kind; one with hardly a fixed word has none."""
    found = []
    for block in content.blocks:
        if block.kind != kind:
            continue
        for sentence in SENTENCE.split(block.text):
            pieces = BRACES.sub("\0", sentence).split("\0")
            if len(words(" ".join(pieces))) >= 3:
                found.append(
                    re.compile(".{1,120}?".join(re.escape(flat(piece)) for piece in _spaced(pieces)))
                )
    return found


def _spaced(pieces: list[str]) -> list[str]:
    return [piece.strip() for piece in pieces]


def says(text: str, content: Content, kind: str) -> bool:
    """Whether a sentence of such a block stands in the text."""
    told = flat(text)
    return any(pattern.search(told) for pattern in fixed_sentences(content, kind))


def own_words(text: str, contents: list[Content]) -> int:
    """How many words of the text are in no approved sentence."""
    return len(words(own_part(MARK.sub(" ", text), contents)))


def own_part(text: str, contents: list[Content]) -> str:
    """The text without approved sentences, `flat`."""
    told = flat(text)
    for content in contents:
        for kind in (ANYWHERE, PRIVATE):
            for pattern in fixed_sentences(content, kind):
                told = pattern.sub(" ", told)
    return told


def asks_for(content: Content) -> str:
    """What the first own block wants from the agent."""
    return next((block.text for block in content.blocks if block.kind == OWN), "")
