"""The facts that matter for a case, and drafts that contradict them (mission A4). What the coach is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hark.cases.models import Case
from hark.cases.words import words

from . import personal, suggesting
from .content import OWN, Block, Content, Where
from .models import Answer, Version
from .stopwords import STOP
from .uses import stands_in, where_of


@dataclass(frozen=True)
class KnownFact:
    """A fact of an answer of record for this customer. `outdated` are values that it had, or has elsewhere."""

    answer: str
    answer_id: int
    name: str
    value: str
    outdated: tuple[str, ...] = ()
    text: str = ""  # the sentence of the answer in which it stands, as it is for this customer

    @property
    def topics(self) -> tuple[str, ...]:
        """Words that say what it is about."""
        told = words(f"{self.name} {self.answer}")
        return tuple(dict.fromkeys(word for word in told if word not in STOP and len(word) > 2))


@dataclass(frozen=True)
class Contradiction:
    """The draft says `said` where the answer of record says otherwise."""

    fact: KnownFact
    said: str


def facts_for(case: Case, text: str = "", *, limit: int = 3) -> list[KnownFact]:
    """The facts of the answers used on this case, and of those that fit what the customer wrote or the draft says.

    Four queries at most.
    """
    asked = (
        case.messages.filter(outbound=False, deleted_at=None)
        .order_by("-published_at")
        .values_list("text", flat=True)
    )
    hits = suggesting.suggest(case.brand_id, " ".join([*asked[:3], text])[:2000], limit=limit)
    used = case.answer_uses.values_list("answer_id", flat=True)
    answers = {
        answer.pk: answer
        for answer in Answer.objects.filter(pk__in={*used, *(hit.answer for hit in hits)}, retired_at=None)
        .exclude(current=None)
        .select_related("current")
    }
    before: dict[int, list[Content]] = {pk: [] for pk in answers}
    for version in Version.objects.filter(answer__in=answers, approved_at__isnull=False):
        before[version.answer_id].append(version.content)
    where = where_of(case)
    found = []
    for pk, answer in answers.items():
        if answer.current is None:
            continue
        for fact in answer.current.content.facts:
            now = fact.value_for(where)
            if now:
                outdated = _outdated(fact.name, now.value, before[pk])
                text = _sentence(answer.current.content, fact.name, where)
                found.append(KnownFact(answer.title, pk, fact.name, now.value, outdated, text))
    return found


def _sentence(content: Content, name: str, where: Where) -> str:
    for block in content.blocks:
        for sentence in personal.SENTENCE.split(block.text) if block.kind != OWN else ():
            if f"{{{name}}}".casefold() in sentence.casefold():
                return content.filled(Block(block.kind, sentence), where)
    return ""


def _outdated(name: str, now: str, versions: Iterable[Content]) -> tuple[str, ...]:
    others = (
        value.value
        for content in versions
        if (fact := content.fact(name))
        for value in fact.values
        if value.value != now
    )
    return tuple(dict.fromkeys(others))


def contradictions(draft: str, facts: Sequence[KnownFact]) -> list[Contradiction]:
    """Where a draft gives an outdated value of a fact, and not the one that holds. Pure."""
    told = personal.flat(draft)
    return [
        Contradiction(fact, old)
        for fact in facts
        if not stands_in(fact.value, told)
        for old in fact.outdated
        if stands_in(old, told)
    ]
