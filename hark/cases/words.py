"""Words as search knows them: the same for what is stored and what is looked for, in every script, without an extension.

Letters are folded (case, width, accents); Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese are cut into pairs of
characters, since they put no spaces between words; a pictogram is a word of its own.
"""

from __future__ import annotations

import re
import unicodedata

import regex

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"
PIECE = regex.compile(rf"([{UNSPACED}]+)|[\p{{L}}\p{{M}}\p{{N}}]+|\p{{Extended_Pictographic}}")
ASCII_PIECE = re.compile(r"[a-z0-9]+")
MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0640]")  # accents, Arabic vowel signs, tatweel
LONGEST = 100  # characters of one word
MOST = 16_000  # PostgreSQL keeps positions up to 16,383


def words(text: str) -> list[str]:
    """The words of a text, in order."""
    if text.isascii():
        return [word[:LONGEST] for word in ASCII_PIECE.findall(text.lower())[:MOST]]
    found: list[str] = []
    for piece in PIECE.finditer(fold(text)):
        if piece.group(1):
            found += pairs(piece.group(1))
        else:
            found.append(piece.group()[:LONGEST])
    return found[:MOST]


def fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", MARKS.sub("", decomposed))


def pairs(run: str) -> list[str]:
    """「返金して」 → 返金, 金し, して; a single character stays."""
    return [run[i : i + 2] for i in range(len(run) - 1)] if len(run) > 1 else [run]


def vector(*texts: str) -> str:
    """The texts as a PostgreSQL tsvector literal: a word, then where it stands. No phrase spans two texts."""
    entries: dict[str, str] = {}
    at = 0
    for text in texts:
        for word in words(text):
            at += 1
            if word in entries:
                entries[word] += f",{at}"  # PostgreSQL keeps the first 255 and forgets the rest
            else:
                entries[word] = f"'{word}':{at}"
        at += 10
        if at > MOST:
            break
    return " ".join(entries.values())


def term(text: str, *, exact: bool = False) -> str:
    """What was typed as a tsquery: words in a row; the last may go on, unless it is `exact`. '' without a word."""
    wanted = words(text)
    if not wanted:
        return ""
    last = "" if exact else ":*"
    return " <-> ".join([f"'{word}'" for word in wanted[:-1]] + [f"'{wanted[-1]}'{last}"])
