"""What was answered before: earlier cases that were settled, in which a customer wrote much the same (mission A4).

The words of the message that are rare among all messages are looked for in the search index, in pairs; what is found is
weighed by how much of it the two texts share. How common a word is, PostgreSQL knows from its own statistics.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from django.db.models.functions import Length

from hark.brands.models import Member
from hark.cases.models import Case, Message
from hark.cases.words import words

from .commonness import IN_MESSAGES, common
from .stopwords import STOP

TELLING = 4  # words that are looked for
TOO_COMMON = 0.05  # of all messages: such a word tells nothing and costs much
LOOKED_AT = 50  # messages found, the newest
ALIKE = 0.25  # of the words of the shorter one


@dataclass(frozen=True)
class Precedent:
    """What another customer who asked the like was told in public."""

    told: Message
    alike: float


def earlier(member: Member, message: Message, *, limit: int = 3) -> list[Precedent]:
    """Settled cases with a like message and our public answer to it, most alike first; two queries."""
    said = {word for word in words(message.text) if word not in STOP and len(word) > 1}
    query = _query(said)
    if not query:
        return []
    found = (
        Message.objects.filter(brand=message.brand_id, outbound=False, private=False, deleted_at=None)
        .exclude(case=None)
        .exclude(case=message.case_id)
        .extra(where=["cases_message.search @@ %s::tsquery"], params=[query])
        .order_by("-pk")
        .values_list("case_id", "text")[:LOOKED_AT]
    )
    like: dict[int, float] = {}
    for case, text in found:
        like[case] = max(alike(said, text), like.get(case, 0.0))
    best = sorted((case for case in like if like[case] >= ALIKE), key=lambda case: -like[case])
    told = _told(member, best[: limit * 4])
    return [Precedent(told[case], like[case]) for case in best if case in told][:limit]


def alike(said: set[str], text: str) -> float:
    """The share of telling words that two texts have in common, of the shorter one; 0 to 1."""
    other = {word for word in words(text) if word not in STOP and len(word) > 1}
    least = max(3, min(len(said), len(other)))
    return len(said & other) / least


def _told(member: Member, cases: list[int]) -> dict[int, Message]:
    """The longest public answer of a person in each settled case: a thank-you at the end tells nothing."""
    settled = Case.objects.visible_to(member).filter(
        pk__in=cases, state__in=[Case.State.RESOLVED, Case.State.CLOSED], first_reply_at__isnull=False
    )
    rows = Message.objects.filter(
        case__in=settled, outbound=True, private=False, deleted_at=None, member__isnull=False
    )
    longest = rows.order_by("case", Length("text").desc(), "pk").distinct("case")
    shown = (
        "case",
        "text",
        "lang",
        "published_at",
        "member__user__name",
        "member__user__email",
        "case__person__name",
    )
    return {
        row.case_id or 0: row for row in longest.select_related("member__user", "case__person").only(*shown)
    }


def _query(said: set[str]) -> str:
    """A tsquery for the rarest words, two of them together; '' when none of them tells anything."""
    share = common(IN_MESSAGES)
    telling = sorted(
        (word for word in said if share.get(word, 0.0) <= TOO_COMMON),
        key=lambda word: (share.get(word, 0.0), -len(word), word),
    )[:TELLING]
    if len(telling) < 2:
        return ""
    return " | ".join(f"('{one}' & '{other}')" for one, other in combinations(telling, 2))
