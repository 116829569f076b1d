"""A case while a batch of arrivals is being sorted into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hark.brands.models import Brand, Location

from .models import Case


@dataclass(slots=True, eq=False)
class Place:
    """A case as this batch leaves it: read once, changed in memory, written once."""

    id: int
    brand: Brand
    person_id: int
    state: int
    opened_at: datetime
    last_activity_at: datetime
    last_customer_at: datetime
    channel: str
    first_reply_at: datetime | None = None
    hurts_at: datetime | None = None
    priority: int = Case.Priority.NORMAL
    snippet: str = ""
    snippet_lang: str = ""
    has_private: bool = False
    archived: bool = False  # imported as history: nobody waits
    threads: set[int] = field(default_factory=set)
    follows: Place | None = None
    is_new: bool = False
    location: Location | None = None
    waits_since: datetime | None = None  # a wait that began with this batch
    new_messages: int = 0
    news: int = 0  # those, and what changed of earlier ones
    woke: bool = False
    reopened: bool = False
    went_private: bool = False
    is_mended: bool = False  # it begins earlier than was known

    @property
    def due_at(self) -> datetime:
        """By when a first answer is due."""
        return self.brand.later(self.opened_at, self.brand.first_response_target, self.location)
