"""Pages of a list by the key it is ordered by: as quick on page 4,000 as on the first, and nothing slips when rows move."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db.models import Model, Q, QuerySet

Direction = Literal["after", "before"]


@dataclass(frozen=True)
class Key:
    """Where a page ends: a time, and an id that breaks ties."""

    at: datetime
    pk: int

    def written(self) -> str:
        """The key as an opaque word for an address."""
        return base64.urlsafe_b64encode(f"{self.at.isoformat()}|{self.pk}".encode()).decode().rstrip("=")


def read_key(word: str) -> Key | None:
    """The key in an address; None for one that is missing or has been meddled with: the list then starts at its head."""
    try:
        text = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode()
        at, pk = text.split("|")
        key = Key(datetime.fromisoformat(at), int(pk))
    except (ValueError, binascii.Error):
        return None
    return key if key.at.tzinfo is not None and 0 < key.pk < 2**63 else None


@dataclass(frozen=True)
class Page:
    """One page of rows; `before` and `after` lead to its neighbours, empty where there is none."""

    rows: Sequence[Any] = field(default_factory=list)
    before: str = ""
    after: str = ""


def page_of(
    rows: QuerySet[Any], *, by: str, size: int, after: str = "", before: str = "", newest_first: bool = False
) -> Page:
    """The page of `size` rows that follows (or leads up to) a key. Rows are ordered by (`by`, id).

    One query, whichever page is asked for.
    """
    key = read_key(after or before)
    backwards = bool(before and not after and key)
    descending = newest_first != backwards
    if key:
        rows = rows.filter(_beyond(by, key, descending))
    sign = "-" if descending else ""
    found: list[Model] = list(rows.order_by(f"{sign}{by}", f"{sign}id")[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page()
    first, last = (Key(getattr(row, by), row.pk).written() for row in (found[0], found[-1]))
    has_before = more if backwards else key is not None
    has_after = True if backwards else more
    return Page(found, first if has_before else "", last if has_after else "")


def _beyond(by: str, key: Key, descending: bool) -> Q:
    """Rows past the key. The first condition alone is a range of the index; the second sorts out equal times."""
    word = "lt" if descending else "gt"
    return Q(**{f"{by}__{word}e": key.at}) & (Q(**{f"{by}__{word}": key.at}) | Q(**{f"id__{word}": key.pk}))
