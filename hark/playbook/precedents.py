"""What was answered before: earlier cases that were settled, in which a customer wrote much the same (mission A4).

The words of the message that are rare among all messages are looked for in the search index, in pairs; what is found is
weighed by how much of it the two texts share. How common a word is, PostgreSQL knows from its own statistics.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from hark.brands.models import Member
from hark.cases.models import Case, Message
from hark.cases.words import words

from .commonness import IN_MESSAGES, shares
from .stopwords import STOP

TELLING = 4  # words that are looked for
TOO_COMMON = 0.05  # of all messages: such a word tells nothing and costs much
LOOKED_AT = 50  # messages found, the newest
ALIKE = 0.25  # of the words of the shorter one


@dataclass(frozen=True)
class Precedent:
    """A customer asked the like before, and this is what they were told in public."""

    asked: Message
    told: Message
    alike: float


def earlier(member: Member, message: Message, *, limit: int = 3) -> list[Precedent]:
    """Settled cases with a like message and our public answer to it, most alike first; three queries."""
    said = {word for word in words(message.text) if word not in STOP and len(word) > 1}
    query = _query(said)
    if not query:
        return []
    settled = Case.objects.visible_to(member).filter(
        state__in=[Case.State.RESOLVED, Case.State.CLOSED], first_reply_at__isnull=False
    )
    rows = (
        Message.objects.filter(brand=message.brand_id, outbound=False, private=False, deleted_at=None)
        .exclude(case=message.case_id)
        .extra(where=["cases_message.search @@ %s::tsquery"], params=[query])
        .order_by("-pk")
        .only("pk", "case_id", "text", "published_at")[:LOOKED_AT]
    )
    scored: dict[int, tuple[float, Message]] = {}
    for row in rows:
        share = alike(said, row.text)
        if row.case_id and share >= ALIKE and share > scored.get(row.case_id, (0.0, row))[0]:
            scored[row.case_id] = (share, row)
    best = sorted(scored, key=lambda pk: -scored[pk][0])[: limit * 4]
    allowed = set(settled.filter(pk__in=best).values_list("pk", flat=True))
    told = _told([pk for pk in best if pk in allowed])
    found = [Precedent(scored[pk][1], told[pk], scored[pk][0]) for pk in best if pk in told]
    return found[:limit]


def alike(said: set[str], text: str) -> float:
    """The share of telling words that two texts have in common, of the shorter one; 0 to 1."""
    other = {word for word in words(text) if word not in STOP and len(word) > 1}
    least = max(3, min(len(said), len(other)))
    return len(said & other) / least


def _told(cases: list[int]) -> dict[int, Message]:
    """The longest public answer of a person in each case: a thank-you at the end tells nothing."""
    rows = Message.objects.filter(
        case__in=cases, outbound=True, private=False, deleted_at=None, member__isnull=False
    ).select_related("member__user", "case__person", "case__brand")
    found: dict[int, Message] = {}
    for row in rows:
        case = row.case_id or 0
        if case not in found or len(row.text) > len(found[case].text):
            found[case] = row
    return found


def _query(said: set[str]) -> str:
    """A tsquery for the rarest words, two of them together; '' when none of them tells anything."""
    common = shares(IN_MESSAGES)
    telling = sorted(
        (word for word in said if common.get(word, 0.0) <= TOO_COMMON),
        key=lambda word: (common.get(word, 0.0), -len(word), word),
    )[:TELLING]
    if len(telling) < 2:
        return ""
    return " | ".join(f"('{one}' & '{other}')" for one, other in combinations(telling, 2))
