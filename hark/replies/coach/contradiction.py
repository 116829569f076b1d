"""Does the draft say something else than the answer of record: an old value, another amount, yes for no?"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from .finding import Context, Fact, Finding, Repair
from .text import Text, words_of

WORD = re.compile(r"[^\W\d_]{3,}")
AMOUNT = re.compile(
    r"(?P<before>[$£€])?\s?(?<![\w.,])(?P<number>\d{1,6}(?:[.,]\d{1,3})*)\s?-?(?P<unit>%|[$£€]|(?:business |working )?(?:minutes?|hours?|days?|weeks?|months?|years?|kg|kilos?|pounds?|euros?|dollars?|percent|tage?n?|stunden?|wochen?|jours?|heures?|semaines?|d[ií]as?|horas?|semanas?))?(?!\w)",
    re.I,
)  # fmt: skip
NOT = words_of(r"(?:no|not|never|cannot|without|\w+n't|nicht|keine?n?|nie|ne|pas|jamais|sin|nunca|não|sem)")
SAME_SUBJECT = 2  # words of the fact's subject that a sentence has to share


def check(text: Text, context: Context) -> Finding:
    """yes where a sentence about a fact's subject disagrees with it. A hint: a person knows the exception."""
    for fact in context.facts:
        if found := _old_value(text, fact) or _other_amount(text, fact) or _opposite(text, fact):
            start, end, better = found
            return Finding(
                "contradiction", "yes", "hint", (start, end),
                _("“%(said)s” is not what “%(title)s” says: %(fact)s") % {"said": text.typed[start:end].strip(), "title": fact.title, "fact": fact.text or fact.value},
                "record", Repair(_("Say “%(value)s”") % {"value": better}, (start, end), better) if better else None,
            )  # fmt: skip
    return Finding("contradiction", "no", source="record")


def _old_value(text: Text, fact: Fact) -> tuple[int, int, str] | None:
    if fact.value and _standing(fact.value).search(text.body):
        return None
    for old in fact.outdated:
        if found := _standing(old).search(text.body):
            return found.start(), found.end(), fact.value
    return None


def _standing(value: str) -> re.Pattern[str]:
    """As a value of its own: “5” is not in “2015”, nor in “5.50”."""
    return re.compile(rf"(?<![\w.,]){re.escape(value)}(?!\w|[.,:]\d)", re.I)


def _other_amount(text: Text, fact: Fact) -> tuple[int, int, str] | None:
    holds = AMOUNT.search(fact.value)
    if not holds or not _kind(holds):
        return None
    for start, sentence in text.sentences:
        if not _is_about(sentence, fact):
            continue
        said = [found for found in AMOUNT.finditer(sentence) if _kind(found) == _kind(holds)]
        if said and all(found["number"] != holds["number"] for found in said):
            at = said[0]
            begin = at.start("before") if at["before"] else at.start("number")
            return start + begin, start + at.end(), holds.group().strip()
    return None


def _kind(found: re.Match[str]) -> str:
    """What is counted: days are days whether one or many, and money is what has its sign."""
    unit = (found["before"] or found["unit"] or "").lower()
    return unit if len(unit) < 2 else unit.rstrip("s")


def _opposite(text: Text, fact: Fact) -> tuple[int, int, str] | None:
    """The same words with a “not” in one of them."""
    told = _words(fact.text)
    if len(told) <= SAME_SUBJECT:
        return None
    denied = bool(NOT.search(fact.text))
    for start, sentence in text.sentences:
        shared = told & _words(sentence)
        if (
            len(shared) > SAME_SUBJECT
            and len(shared) * 4 >= len(told) * 3
            and not sentence.rstrip().endswith("?")
        ) and bool(NOT.search(sentence)) != denied:
            return start + len(sentence) - len(sentence.lstrip()), start + len(sentence.rstrip()), ""
    return None


def _is_about(sentence: str, fact: Fact) -> bool:
    topics = {_base(topic) for topic in fact.topics}
    return len(topics & _words(sentence)) >= min(SAME_SUBJECT, len(topics)) > 0


def _words(text: str) -> set[str]:
    return {_base(word) for word in WORD.findall(text) if not NOT.fullmatch(word)} - SMALL


def _base(word: str) -> str:
    word = word.lower()
    return word[:-3] if word.endswith("ing") and len(word) > 6 else word.rstrip("s")


SMALL = {"the", "and", "you", "your", "our", "for", "can", "are", "with", "that", "thi", "will", "have", "ha", "from", "don", "isn", "doesn"}  # fmt: skip
