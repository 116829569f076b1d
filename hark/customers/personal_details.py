"""Personal details in a text: where they stand and what they are. Rules alone: no model, no network, no database.

`find(text, shapes)` gives spans in reading order, none over another. Offsets are those of the text as it was given.
Better once too often than once too rarely: what is found is only covered, and a person can look at it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import addresses, numbers

KINDS: dict[str, str | Promise] = {
    "card": _("card number"),
    "iban": _("bank account"),
    "email": _("e-mail address"),
    "reference": _("booking or order number"),
    "birth": _("date of birth"),
    "phone": _("phone number"),
    "address": _("address"),
}
MOST = 20_000  # characters that are looked at; longer than any network's post
REMEMBERED = 1_000  # characters of a text whose details are kept in mind


@dataclass(frozen=True, order=True)
class Span:
    """One detail: from `start` to before `end`, and what it is (a key of KINDS)."""

    start: int
    end: int
    kind: str

    @property
    def label(self) -> str:
        return str(KINDS[self.kind])


def find(text: str, shapes: Sequence[str] = ()) -> list[Span]:
    """Every personal detail in `text`. `shapes` are the brand's own numbers, as described at `shape_expression`."""
    search = _remembered if len(text) <= REMEMBERED else _find
    return list(search(text[:MOST], tuple(shapes)))


def _find(text: str, shapes: tuple[str, ...]) -> tuple[Span, ...]:
    plain = _plain(text)
    taken: list[Span] = []
    for kind, start, end in _candidates(plain, shapes):
        if not any(start < other.end and other.start < end for other in taken):
            taken.append(Span(start, end, kind))
    return tuple(sorted(taken))


# The same words are shown again and again: a tenth of the queue's page.
_remembered = lru_cache(maxsize=4096)(_find)


def pieces(text: str, spans: Iterable[Span]) -> Iterator[tuple[str, Span | None]]:
    """The text in parts that join to the whole: each with the detail that it is, or None."""
    at = 0
    for span in spans:
        if span.start > at:
            yield text[at : span.start], None
        yield text[span.start : span.end], span
        at = span.end
    if at < len(text):
        yield text[at:], None


def covered(text: str, shapes: Sequence[str] = ()) -> str:
    """The text with every detail replaced by what it is: "Call me on [phone number]"."""
    return "".join(f"[{span.label}]" if span else part for part, span in pieces(text, find(text, shapes)))


def shape_expression(shape: str) -> str:
    """A brand's own number as a regular expression. In a shape `#` is a digit, `@` a letter, `*` either.

    Anything else stands for itself, capital or small. Never more than a fixed length, so it can't run away.
    """
    parts = {"#": "[0-9]", "@": "[A-Za-z]", "*": "[A-Za-z0-9]", " ": "[ ]"}
    return "".join(parts.get(letter) or regex.escape(letter) for letter in shape.strip())


def _candidates(plain: str, shapes: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    """What may be a detail, the surest first: whatever comes later gives way."""
    if shapes and (own := _own(shapes)):
        yield from (("reference", *match.span()) for match in own.finditer(plain))
    yield from (("email", *match.span()) for match in EMAIL.finditer(plain))
    links = [match.span() for match in LINK.finditer(plain)]
    for kind, start, end in (*numbers.find(plain), *addresses.find(plain)):
        if not any(begin <= start < stop for begin, stop in links):  # identifiers of posts stand in links
            yield kind, start, end


@lru_cache(maxsize=256)
def _own(shapes: tuple[str, ...]) -> regex.Pattern[str] | None:
    told = "|".join(shape_expression(shape) for shape in shapes if shape.strip())
    return regex.compile(rf"(?<![\p{{L}}\p{{N}}])(?:{told})(?![\p{{L}}\p{{N}}])", regex.I) if told else None


@lru_cache(maxsize=4096)
def _plain_letter(letter: str) -> str:
    """Digits of any script, odd spaces and dashes, marks of direction: as one plain character each."""
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    kind = unicodedata.category(letter)
    if kind == "Pd" or letter == "−":
        return "-"
    if kind in ("Zs", "Cf"):
        return " "
    return {"＠": "@", "．": ".", "＋": "+", "（": "(", "）": ")"}.get(letter, letter)


def _plain(text: str) -> str:
    return text if text.isascii() else "".join(map(_plain_letter, text))


LINK = regex.compile(r"(?:https?://|www\.)\S+", regex.I)
_AT = r"(?:@|\s?[\[(]\s?(?:at|ät|arroba)\s?[\])]\s?)"
_DOT = r"(?:\.|\s?[\[(]\s?(?:dot|punkt|punto|ponto|point)\s?[\])]\s?|\s(?:dot|punkt|punto|ponto)\s)"
EMAIL = regex.compile(
    rf"(?<![\w.+-])[\p{{L}}\p{{N}}](?:[\w.+%'-]{{0,62}}[\w+])?{_AT}(?:[\p{{L}}\p{{N}}](?:[\w-]{{0,61}}[\p{{L}}\p{{N}}])?{_DOT}){{1,4}}\p{{L}}{{2,24}}(?![\p{{L}}\p{{N}}_])",
    regex.I,
)
