"""What an answer of record says: wordings of the question, blocks, facts. A value, kept whole in each version.

A block names a fact in braces: `The desk is open until {closing time}.` A fact has a value for each place, season and
language where it differs; a block of kind `own` says what the agent has to write there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from hark.web.problems import NotPossible

OWN, ANYWHERE, PRIVATE = "own", "any", "private"
KINDS = [
    (OWN, _("The agent’s own words")),
    (ANYWHERE, _("Fixed, in public or private")),
    (PRIVATE, _("Fixed, in private only")),
]
BRACES = re.compile(r"\{([^{}\n]{1,60})\}")
DAY = re.compile(r"(\d\d)-(\d\d)\Z")
MARK_OPENS, MARK_CLOSES = "⟦", "⟧"  # around what an agent still has to write
MOST_BLOCKS, MOST_VALUES = 20, 200


@dataclass(frozen=True)
class Block:
    """A part of the answer. `text` of an own block tells the agent what belongs there."""

    kind: str
    text: str


@dataclass(frozen=True)
class Value:
    """What holds somewhere: an empty scope means everywhere. `starts` and `ends` are days of the year, MM-DD, inclusive."""

    value: str
    location: int | None = None
    lang: str = ""
    starts: str = ""
    ends: str = ""
    checked: str = ""  # ISO date on which somebody looked

    @property
    def scope(self) -> tuple[int | None, str, str, str]:
        return (self.location, self.lang, self.starts, self.ends)

    def holds(self, where: Where) -> bool:
        return (
            (self.location is None or self.location == where.location)
            and (not self.lang or self.lang == where.lang)
            and (not self.starts or in_season(where.day, self.starts, self.ends))
        )

    @property
    def narrowness(self) -> int:
        return (self.location is not None) * 4 + bool(self.lang) * 2 + bool(self.starts)


@dataclass(frozen=True)
class Fact:
    name: str
    values: tuple[Value, ...]

    def value_for(self, where: Where) -> Value | None:
        """The narrowest value that holds there and then; None where nobody has said."""
        fitting = [value for value in self.values if value.holds(where)]
        return max(fitting, key=lambda value: value.narrowness, default=None)


@dataclass(frozen=True)
class Where:
    """What decides between the values of a fact: the place of the case, the customer's language, the day."""

    location: int | None
    lang: str
    day: date


@dataclass(frozen=True)
class Content:
    title: str = ""  # the question in a few words
    about: str = ""  # when this answer is the right one
    valid_from: str = ""  # ISO days; empty: without end
    valid_until: str = ""
    wordings: tuple[str, ...] = ()  # how customers ask
    blocks: tuple[Block, ...] = ()
    facts: tuple[Fact, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Content:
        return cls(
            kept.get("title", ""),
            kept.get("about", ""),
            kept.get("valid_from", ""),
            kept.get("valid_until", ""),
            tuple(kept.get("wordings", ())),
            tuple(Block(**block) for block in kept.get("blocks", ())),
            tuple(
                Fact(fact["name"], tuple(Value(**value) for value in fact["values"]))
                for fact in kept.get("facts", ())
            ),
        )

    def fact(self, name: str) -> Fact | None:
        return next((fact for fact in self.facts if fact.name.casefold() == name.strip().casefold()), None)

    def check(self) -> None:
        """Raises NotPossible, with a sentence, for what can't be an answer of record."""
        if not self.title.strip():
            raise NotPossible(_("An answer needs its question."))
        if self.valid_from and self.valid_until and self.valid_from > self.valid_until:
            raise NotPossible(_("It would end before it begins."))
        fixed = [block for block in self.blocks if block.kind != OWN]
        if not fixed:
            raise NotPossible(_("An answer needs a fixed part: what is true for everybody who asks."))
        if not any(block.kind == OWN for block in self.blocks):
            raise NotPossible(
                _("An answer needs a place for the agent’s own words: scripted alone, it helps nobody.")
            )
        for block in fixed:
            for name in BRACES.findall(block.text):
                if self.fact(name) is None:
                    raise NotPossible(
                        _("“{%(name)s}” stands in the answer, but it is none of its facts.") % {"name": name}
                    )
        for fact in self.facts:
            scopes = [value.scope for value in fact.values]
            if len(set(scopes)) < len(scopes):
                raise NotPossible(
                    _("“%(name)s” has two values for the same place, season and language.")
                    % {"name": fact.name}
                )

    def filled(self, block: Block, where: Where) -> str:
        """A block with the facts of this place; what the agent must write or find out stands between ⟦ and ⟧."""
        if block.kind == OWN:
            return f"{MARK_OPENS}{block.text}{MARK_CLOSES}"

        def fill(match: re.Match[str]) -> str:
            fact = self.fact(match.group(1))
            value = fact.value_for(where) if fact else None
            return value.value if value else f"{MARK_OPENS}{match.group(1)}{MARK_CLOSES}"

        return BRACES.sub(fill, block.text)

    def text_for(self, where: Where, *, private: bool) -> str:
        """The whole answer as it goes into the composer; private parts only where nobody else reads."""
        shown = [block for block in self.blocks if private or block.kind != PRIVATE]
        return "\n".join(self.filled(block, where) for block in shown)

    def values(self) -> Iterator[tuple[Fact, Value]]:
        for fact in self.facts:
            for value in fact.values:
                yield fact, value


def in_season(day: date, starts: str, ends: str) -> bool:
    """Whether a day lies in a season; one that ends before it starts goes over the new year."""
    today = day.strftime("%m-%d")
    return starts <= today <= ends if starts <= ends else today >= starts or today <= ends


def changed_values(old: Content, new: Content) -> list[tuple[str, Value, Value | None]]:
    """Every value of `old` that `new` no longer gives for the same place, season and language: name, old, new."""
    found = []
    for fact, value in old.values():
        now = new.fact(fact.name)
        match = next((one for one in now.values if one.scope == value.scope), None) if now else None
        if match is None or match.value != value.value:
            found.append((fact.name, value, match))
    return found


def lines_of(content: Content, places: Mapping[int, str]) -> list[str]:
    """The whole content as lines, for a comparison of two versions. `places` names locations."""
    lines = [content.title, content.about, *(f"“{wording}”" for wording in content.wordings)]
    lines += [f"{dict(KINDS)[block.kind]}: {block.text}" for block in content.blocks]
    for fact, value in content.values():
        scope = [
            places.get(value.location or 0, ""),
            value.lang,
            f"{value.starts}–{value.ends}" if value.starts else "",
        ]
        lines.append(" · ".join(part for part in (f"{fact.name} = {value.value}", *scope) if part))
    lines += [
        f"{label}: {day}"
        for label, day in ((_("holds from"), content.valid_from), (_("holds until"), content.valid_until))
        if day
    ]
    return [line for line in lines if line]


def words_of(content: Content) -> Sequence[str]:
    """Its fixed text, for search."""
    return [block.text for block in content.blocks if block.kind != OWN]
