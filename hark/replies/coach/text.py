"""The draft as the checks read it: the same characters at the same places, with what is nobody's words blanked out.

Apostrophes and spaces become the plain ones; mentions and the signature become blanks; a link becomes a row of ¤, so that
a pattern can say "here: LINK". Every position is one of the draft as typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar, cast

T = TypeVar("T")
LONGEST = 20_000  # characters that are looked at: as long as a draft can be
PLAIN = str.maketrans({**dict.fromkeys("’‘´`ʼ′＇", "'"), **dict.fromkeys("“”„«»", '"'), "\u00a0": " ", "\u202f": " ", "\t": " ", "\n": " ", "\r": " ", "¤": " "})  # fmt: skip
LINK = re.compile(r"https?://[^\s¤]+|\bwww\.[^\s¤]+|\b(?:t\.co|bit\.ly|wa\.me|m\.me)/[^\s¤]+", re.I)
MENTION = re.compile(r"(?<![\w.@])\.?@\w+")
# ^AB, *AB, /AB, -Becky, — Tom, " - Kirsty", (AB), ~AT; with a page number "1/2" and links around it.
SIGNATURE = re.compile(
    r"(?:(?:\s*[\^*~]\s?|\s*[-–—]{1,2}\s?(?=[A-Z])|\s+/\s?(?=[A-Z]{2,3}\b)|(?<=[.!?…)\s])\s*/(?=[A-Z]{1,3}\b))[A-Za-zÀ-ÿ]{1,24}"
    r"(?:\s[A-Z][a-z]{1,12})?\.?)(?=(?:\s|¤|\d/\d|https?:)*$)"
)
PAGE = re.compile(r"(?:^|\s)\(?\d{1,2}\s?/\s?\d{1,2}\)?(?=\s|$|¤)")
SENTENCE = re.compile(r"[^.!?…。！？]+[.!?…。！？]*")


class Text:
    """A draft, read."""

    def __init__(self, typed: str) -> None:
        self.typed = typed[:LONGEST]
        plain = self.typed.translate(PLAIN).replace("&amp;", "&    ")
        plain = LINK.sub(lambda found: "¤" * len(found.group()), plain)
        plain = MENTION.sub(_blank, plain)
        self.signature: re.Match[str] | None = SIGNATURE.search(plain[-400:])
        if self.signature:
            at = max(0, len(plain) - 400)
            start, end = self.signature.start() + at, self.signature.end() + at
            plain = plain[:start] + " " * (end - start) + plain[end:]
        self.body = PAGE.sub(_blank, plain)

        self._found: dict[object, object] = {}

    def once(self, look: Callable[[Text], T]) -> T:
        """What a search finds in this draft. Several checks ask for the same; it is looked for once."""
        if look not in self._found:
            self._found[look] = look(self)
        return cast("T", self._found[look])

    @cached_property
    def links(self) -> list[re.Match[str]]:
        return list(LINK.finditer(self.typed.translate(PLAIN)))

    @cached_property
    def sentences(self) -> list[tuple[int, str]]:
        """Where each begins, and its words."""
        return [(found.start(), found.group()) for found in SENTENCE.finditer(self.body)]

    def sentence_at(self, place: int) -> str:
        for start, sentence in self.sentences:
            if start <= place < start + len(sentence):
                return sentence
        return ""

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        return pattern.search(self.body)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def words_of(*alternatives: str) -> re.Pattern[str]:
    """One pattern out of many: whole words, any case, any run of blanks where one is written."""
    joined = "|".join(one.replace(" ?", r"\s?").replace(" ", r"\s+") for one in alternatives)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.I)
