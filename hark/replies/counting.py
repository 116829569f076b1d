"""How long a text is, in each network's own unit, and how a long one is cut into posts.

Units: graphemes (Unicode UAX #29), chars (code points), utf16, bytes (UTF-8), segments (SMS: GSM 03.38, 160/153 or 70/67),
weighted (X: twitter-text v3, 200 weight units for most Latin, links count 23).
"""

from __future__ import annotations

import re
from math import ceil

import regex

from hark.channels.base import TextLimit, Unit

GRAPHEME = regex.compile(r"\X")
LINK = re.compile(r"https?://[^\s]+")
LINK_WEIGHT = 23  # https://docs.x.com: a link counts 23 whatever its length
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # twitter-text v3: weight 100 of 200
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWO = set("^{}\\[~]|€")
MARK = " ({at}/{of})"


def count(text: str, unit: Unit) -> int:
    """The length of the text in this unit."""
    match unit:
        case "graphemes":
            return len(text) if text.isascii() and "\r\n" not in text else len(GRAPHEME.findall(text))
        case "chars":
            return len(text)
        case "utf16":
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        case "bytes":
            return len(text.encode("utf-8", "surrogatepass"))
        case "segments":
            return _segments(text)
        case "weighted":
            return _weighted(text)


def fits(text: str, limit: TextLimit) -> bool:
    return count(text, limit.unit) <= limit.value and (
        limit.max_bytes is None or count(text, "bytes") <= limit.max_bytes
    )


def parts(text: str, limit: TextLimit) -> list[str]:
    """The text as posts that fit, cut between sentences, else between words, else anywhere; numbered when there are several."""
    text = text.strip()
    if fits(text, limit):
        return [text] if text else []
    for total in (9, 99, 999):
        room = [MARK.format(at=total, of=total)]
        pieces = _cut(text, limit, room[0])
        if len(pieces) <= total:
            return [piece + MARK.format(at=at, of=len(pieces)) for at, piece in enumerate(pieces, 1)]
    return _cut(text, limit, "")


def _cut(text: str, limit: TextLimit, mark: str) -> list[str]:
    pieces: list[str] = []
    rest = text
    while rest:
        if fits(rest + mark, limit):
            pieces.append(rest)
            break
        longest = _longest(rest, limit, mark)
        head = rest[:longest]
        end = max((match.end() for match in re.finditer(r"[.!?…。！？](?=\s)|\n", head)), default=0)
        if end < longest // 2:
            end = head.rfind(" ") if head.rfind(" ") > longest // 2 else longest
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return pieces


def _longest(text: str, limit: TextLimit, mark: str) -> int:
    """How many characters from the start fit together with the mark; never cuts through a grapheme."""
    ends = [match.end() for match in GRAPHEME.finditer(text)]
    low, high = 1, len(ends)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text[: ends[middle - 1]] + mark, limit):
            low = middle
        else:
            high = middle - 1
    return ends[low - 1]


def _segments(text: str) -> int:
    if all(letter in GSM or letter in GSM_TWO for letter in text):
        length = sum(2 if letter in GSM_TWO else 1 for letter in text)
        return 1 if length <= 160 else ceil(length / 153)
    length = count(text, "utf16")
    return 1 if length <= 70 else ceil(length / 67)


def _weighted(text: str) -> int:
    links = LINK.findall(text)
    bare = LINK.sub("", text)
    weight = 0
    for grapheme in GRAPHEME.findall(bare):
        if regex.match(r"\p{Extended_Pictographic}|\p{Regional_Indicator}{2}", grapheme):
            weight += 200
        else:
            weight += sum(100 if any(a <= ord(one) <= b for a, b in LIGHT) else 200 for one in grapheme)
    return weight // 100 + LINK_WEIGHT * len(links)
