"""What a check says about a draft, and what it may know beside the draft's own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from hark.channels.base import TextLimit

Level = Literal["ok", "hint", "hold"]
Span = tuple[int, int]  # of the draft as typed, in characters


@dataclass(frozen=True)
class Repair:
    """One press: these characters of the draft become this text. An empty span at the end adds to it."""

    label: str
    span: Span
    text: str


@dataclass(frozen=True)
class Finding:
    """One thing the coach looked at. `hold` stops the button: only for what protects the customer or the brand."""

    check: str
    value: str
    level: Level = "ok"
    span: Span | None = None
    reason: str = ""
    source: str = ""  # where the rule comes from: a heading of docs/coach.md#sources
    repair: Repair | None = None


@dataclass(frozen=True)
class Voice:
    """How the brand wants to sound. None and empty: anything goes."""

    avoid: Sequence[str] = ()
    prefer: Sequence[tuple[str, str]] = ()  # (said, better)
    emoji: bool = True
    exclamations: int | None = None
    sign_off: str = ""  # a pattern such as "^AB": letters stand for the agent's initials
    stock: Sequence[str] = ()  # phrases of the brand's own that sound canned
    link_domains: Sequence[str] = ()


@dataclass(frozen=True)
class Fact:
    """A fact of an answer of record: what the draft may not contradict. `topics` are words that say what it is about."""

    title: str
    text: str  # the sentence in which it stands
    topics: Sequence[str] = ()
    value: str = ""
    outdated: Sequence[str] = ()  # values it had, or has elsewhere


@dataclass(frozen=True)
class Sent:
    """A reply that was sent lately: its words, and who wrote it."""

    text: str
    author: str = ""


@dataclass(frozen=True)
class Context:
    """What stands around the draft. Everything has an answer when it is not known."""

    customer: str = ""  # their last message
    told: str = ""  # all that they have written on this case, in public and in private
    customer_name: str | None = None
    network: str = ""
    public: bool = True
    complaint: bool | None = None  # None: read from their words
    limit: TextLimit | None = None
    threads_long_text: bool = False
    link_cost_micros: int = 0  # what an answer with a link costs on this network, millionths of a US dollar
    voice: Voice = field(default_factory=Voice)
    initials: str = ""
    order_patterns: Sequence[str] = ()
    facts: Sequence[Fact] = ()
    crisis: str = ""  # what the crisis is that this case is part of
    blocks: Sequence[str] = ()  # approved texts, which in a crisis may not leave as they are
    known_issue: str = ""  # a verified fault that the brand admits, when this case is about it
    sent: Sequence[Sent] = ()
    own: str = ""  # the draft without approved sentences, where it has some: only that can be a copy
    near_copy_threshold: float = 0.7
    today: date | None = None
