"""In a crisis no approved text leaves as it is: statements are starting points, and answers stay personal (mission C3).

What counts as approved is what the draft shares with an approved text in runs of words, so that a changed word, other marks or
another order of sentences make it no own answer. Greetings, thanks and words of regret alone are nobody's own either.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Set
from functools import lru_cache

from django.utils.translation import gettext as _

from . import apology, feeling, name, stock
from . import help as offers
from .finding import Context, Finding, Span
from .text import Text, words_of

RUN = 4  # words in a row that the draft and an approved text share; by chance it is fewer
APPROVED = 5  # words in such runs, at least: fewer are a figure of speech
OWN_WORDS = 5  # different ones, beside what is approved: as many as an answer of record asks for at any time
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
CLAUSE = re.compile(r"[^.!?…。！？,;:–—\n]+")
# A whole clause of other languages that anybody would get.
FORMULA = words_of(
    r"(?:hallo|guten (?:tag|morgen|abend)|liebe[rs]?|bonjour|bonsoir|salut|hola|buenos días|buenas tardes|olá|oi|bom dia|boa tarde)(?: \w+){0,2}",
    r"(?:vielen |herzlichen )?dank(?:e)?(?: \w+){0,6}", r"merci(?: \w+){0,7}", r"(?:muchas )?gracias(?: \w+){0,6}", r"(?:muito )?obrigad[oa](?: \w+){0,6}",
    r"(?:(?:es|das) )?tut (?:mir|uns)(?: \w+){0,3} leid(?: \w+){0,4}", r"wir (?:bitten|entschuldigen)(?: \w+){0,7}",
    r"(?:nous sommes|je suis)(?: \w+){0,2} (?:désolée?s?|navrée?s?)(?: \S+){0,7}", r"(?:lo )?(?:siento|sentimos|lamentamos|lamento)(?: \w+){0,6}",
    r"(?:pedimos )?(?:disculpas|desculpas?)(?: \w+){0,6}", r"(?:veuillez|nous vous prions)(?: \S+){0,8}",
    r"(?:stehen|sind)(?: \w+){0,4} (?:zur verfügung|für (?:dich|sie|euch) da)", r"n'hésitez pas(?: \S+){0,7}", r"no dude[sn]?(?: \w+){0,6}",
)  # fmt: skip


def check(text: Text, context: Context) -> Finding:
    """none (no crisis), own, or unchanged: approved words with nothing of one's own, which hold."""
    if not context.crisis:
        return Finding("crisis", "none", source="crisis")
    body = _plain(text.body)
    found = list(WORD.finditer(body.lower()))
    approved = _shared([one.group() for one in found], context.blocks)
    if len(approved) < APPROVED or len(_own(body, found, approved, context)) >= OWN_WORDS:
        return Finding("crisis", "own", source="crisis")
    return Finding(
        "crisis", "unchanged", "hold", _span(text, body, found, approved),
        _("“%(crisis)s”: in a crisis no approved text leaves as it is. Say what fits this customer, in your own words.")
        % {"crisis": context.crisis},
        "crisis",
    )  # fmt: skip


def _plain(body: str) -> str:
    """Full-width letters become plain ones; what no reader sees goes."""
    kept = "".join(one for one in body if unicodedata.category(one) != "Cf")
    return unicodedata.normalize("NFKC", kept)


@lru_cache(maxsize=256)
def _runs(block: str) -> Set[tuple[str, ...]]:
    words = WORD.findall(_plain(Text(block).body).lower())
    return frozenset(tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def _shared(words: list[str], blocks: Iterable[str]) -> set[int]:
    """The places of the words that stand in a run of an approved text."""
    runs = set().union(*(_runs(block) for block in blocks))
    starts = (at for at in range(len(words) - RUN + 1) if tuple(words[at : at + RUN]) in runs)
    return {place for at in starts for place in range(at, at + RUN)}


def _own(body: str, found: list[re.Match[str]], approved: set[int], context: Context) -> set[str]:
    """Different words of the author that are neither approved, nor a name, nor a formula."""
    text = Text(body)
    names = {word.lower() for word in (context.customer_name or "").split()}
    if addressed := text.once(name.addressed):
        names.add(addressed["name"].lower())
    left = list(body)
    for at in approved:
        left[found[at].start() : found[at].end()] = " " * len(found[at].group())
    own: set[str] = set()
    for clause in CLAUSE.findall("".join(left)):
        words = set(WORD.findall(clause.lower())) - names
        if words and not _is_formula(clause, context):
            own |= words
    return own


def _is_formula(clause: str, context: Context) -> bool:
    """Whether any customer could be told the clause: it greets, thanks, regrets or offers help, and names nothing."""
    if FORMULA.fullmatch(clause.strip()):
        return True
    text = Text(clause)
    if re.search(r"\d", text.body) or stock.left_over(text, context):
        return False
    return bool(
        GREETS.search(text.body)
        or stock.THANKS.search(text.body)
        or apology.SYMPATHY.search(text.body)
        or apology.REGRET.search(text.body)
        or offers.HELP.search(text.body)
        or stock.CARE.search(text.body)
        or feeling.find(text)
    )


GREETS = re.compile(rf"^\s*{name.GREET}\b", re.I)


def _span(text: Text, body: str, found: list[re.Match[str]], approved: set[int]) -> Span | None:
    """From the first approved word to the last; none where characters were left out on the way."""
    if len(body) != len(text.body):
        return None
    return found[min(approved)].start(), found[max(approved)].end()
