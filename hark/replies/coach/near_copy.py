"""Is the draft nearly a copy of a reply that somebody has sent lately?

Compared by the runs of three words they share (Jaccard index of shingles, Broder 1997), names, mentions, links and
signatures left out: exact, and quick enough for some hundred replies, so nothing is hashed.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import lru_cache

from django.utils.translation import gettext as _

from .finding import Context, Finding, Span
from .text import Text

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
FEWEST = 5  # words: "You're welcome!" is nobody's copy
RUN = 3


def shingles(text: Text) -> Set[tuple[str, ...]]:
    from .name import addressed

    name = text.once(addressed)
    left_out = name["name"].lower() if name else ""
    words = [word for word in WORD.findall(text.body.lower()) if word != left_out]
    if len(words) < FEWEST:
        return frozenset()
    return frozenset(tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


@lru_cache(maxsize=2048)
def _of_sent(text: str) -> Set[tuple[str, ...]]:
    """The same replies are compared again at every pause of somebody's typing."""
    return shingles(Text(text))


def likeness(one: Set[tuple[str, ...]], other: Set[tuple[str, ...]]) -> float:
    """From 0, nothing shared, to 1, the same."""
    return len(one & other) / len(one | other) if one and other else 0.0


def check(text: Text, context: Context) -> Finding:
    """yes holds; the reason names whose reply it repeats, and the span the words to change."""
    mine = shingles(Text(context.own) if context.own else text)
    if not mine:
        return Finding("near_copy", "no", source="near-copy")
    found = max(
        ((likeness(mine, _of_sent(sent.text)), sent) for sent in context.sent),
        key=lambda pair: pair[0],
        default=None,
    )
    if found is None or found[0] < context.near_copy_threshold:
        return Finding("near_copy", "no", source="near-copy")
    share, sent = found
    who = sent.author or _("somebody")
    return Finding(
        "near_copy", "yes", "hold", _longest_shared(text, sent.text),
        _("%(percent)s %% the same as a reply that %(who)s sent lately. Say it in words for this customer.")
        % {"percent": round(share * 100), "who": who},
        "near-copy",
    )  # fmt: skip


def _longest_shared(text: Text, other: str) -> Span | None:
    """The longest run of the draft's words that the other has too."""
    mine = list(WORD.finditer(text.body))
    theirs = " " + " ".join(WORD.findall(Text(other).body.lower())) + " "
    best: Span | None = None
    most = RUN - 1
    start = 0
    for end in range(1, len(mine) + 1):
        while start < end and f" {' '.join(one.group().lower() for one in mine[start:end])} " not in theirs:
            start += 1
        if end - start > most:
            most, best = end - start, (mine[start].start(), mine[end - 1].end())
    return best
