"""Which answers of record fit what a customer wrote. Words weighed by how rare they are among the answers; no extension needed.

An answer is filed under its words and their beginnings (four to six letters, so that “refunds” finds “refund”); a message
looks each of its words up once. Scripts without spaces are cut into pairs by `cases.words`, which is similarity enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from hark.cases.words import words

from .commonness import IN_ANSWERS, common
from .content import Content, words_of
from .models import Answer, Term
from .stopwords import STOP

MOST_WORDS = 40  # of a message: its first
FITS = 0.7  # the least score: one rare word of the question, or two that are not
NEAR = 0.45  # of the best score: what is far behind it is no help
OF_QUESTION, OF_ANSWER = 1.0, 0.25  # what a word counts by where it stands
OF_BEGINNING = 0.5
ENOUGH = 4  # terms are looked up, however common
MOST_ROWS = 2_000  # that all terms together may stand in: a common one tells little and costs most
OUT_OF_TIME = 50  # better hits that may not be said today, at most


@dataclass(frozen=True)
class Hit:
    answer: int
    score: float


def filed_under(title: str, content: Content) -> dict[str, float]:
    """The terms of an answer: a word, or the beginning of one with an asterisk."""
    found: dict[str, float] = {}
    for texts, weight in (((title, *content.wordings), OF_QUESTION), (words_of(content), OF_ANSWER)):
        for word in _telling(texts):
            for term, share in [
                (word, 1.0),
                *((f"{word[:n]}*", OF_BEGINNING) for n in range(4, min(6, len(word)) + 1)),
            ]:
                found[term] = max(found.get(term, 0.0), weight * share)
    return found


def asked_for(text: str) -> list[str]:
    """The terms that a message looks up."""
    telling = list(dict.fromkeys(_telling([text])))[:MOST_WORDS]
    beginnings = [f"{word[: max(4, min(6, len(word) - 2))]}*" for word in telling if len(word) >= 4]
    return [*telling, *dict.fromkeys(beginnings)]


def _telling(texts: Iterable[str]) -> Iterable[str]:
    return (word for text in texts for word in words(text) if word not in STOP and len(word) > 1)


def file(answer: Answer) -> None:
    """Make the answer findable by what its current version says; not at all while it has none or is retired."""
    answer.terms.all().delete()
    if answer.current is None or answer.retired_at:
        return
    Term.objects.bulk_create(
        Term(brand_id=answer.brand_id, answer=answer, word=word, weight=weight)
        for word, weight in filed_under(answer.title, answer.current.content).items()
    )


FIND = """
    WITH size AS MATERIALIZED (
        SELECT greatest(count(*), 1)::float AS n FROM playbook_answer WHERE brand_id = %(brand)s
    ), hit AS MATERIALIZED (
        SELECT word, answer_id, weight FROM playbook_term WHERE brand_id = %(brand)s AND word = ANY(%(words)s)
    ), common AS MATERIALIZED (
        SELECT word, count(*) AS times FROM hit GROUP BY word
    ), rare AS MATERIALIZED (
        SELECT word, ln(1 + n / times) / ln(1 + n) AS rarity FROM common, size
    ), best AS (
        SELECT answer_id, sum(weight * rarity) AS score FROM hit JOIN rare USING (word)
        GROUP BY answer_id HAVING sum(weight * rarity) >= %(fits)s ORDER BY score DESC, answer_id LIMIT %(more)s
    )
    SELECT best.answer_id, best.score FROM best JOIN playbook_answer a ON a.id = best.answer_id
    WHERE a.retired_at IS NULL AND (a.valid_from IS NULL OR a.valid_from <= %(day)s)
      AND (a.valid_until IS NULL OR a.valid_until >= %(day)s)
    ORDER BY best.score DESC, best.answer_id LIMIT %(limit)s
"""


def suggest(brand_id: int, text: str, *, limit: int = 3) -> list[Hit]:
    """The answers that may be said today and fit the text, best first. One query."""
    terms = _rarest(asked_for(text))
    if not terms:
        return []
    given: dict[str, Any] = {
        "brand": brand_id,
        "words": terms,
        "fits": FITS,
        "day": timezone.localdate(),
        "limit": limit,
        "more": limit + OUT_OF_TIME,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIND, given)
        hits = [Hit(answer, score) for answer, score in cursor.fetchall()]
    return [hit for hit in hits if hit.score >= hits[0].score * NEAR]


def _rarest(terms: list[str]) -> list[str]:
    """As many of them as stand in MOST_ROWS answers together, the rarest first; ENOUGH at the least."""
    rows = common(IN_ANSWERS)
    rarest, so_far = list[str](), 0.0
    for term in sorted(terms, key=lambda term: rows.get(term, 0.0)):
        so_far += rows.get(term, 0.0)
        if so_far > MOST_ROWS and len(rarest) >= ENOUGH:
            break
        rarest.append(term)
    return rarest
