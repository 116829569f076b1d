"""What a review site is asked, and what its reviews become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from hark.channels.abilities import Finding
from hark.channels.base import Author, Connection, Envelope, IncomingMessage, Receipt, Unreadable
from hark.channels.http import Answer, AnswerLost
from hark.channels.shapes import JSON, encoded, instant, key, needed, text


@dataclass(frozen=True)
class Found:
    """A review in a list: which it is, when it was last changed, and the event that this is."""

    review: str
    at: datetime
    envelope: Envelope


class Site(Protocol):
    """One account's reviews at one site. Calls raise as an adapter's verbs do."""

    poll_seconds: float
    most_pages: int  # of one round, so that a day's or an hour's allowance lasts
    lists_all: bool  # what is missing from the whole list may have been taken down

    def pages(self, start: str) -> Iterator[tuple[list[Found], str]]:
        """The list from a place in it ("": its beginning), newest first: reviews, and where the next page begins."""

    def is_there(self, review: str) -> bool: ...
    def answer(self, review: str, words: str) -> Receipt: ...
    def answered(self, review: str) -> tuple[str, Receipt] | None:
        """The answer that stands below a review now."""

    def withdraw(self, review: str, facts: Mapping[str, Any]) -> None: ...
    def findings(self) -> list[Finding]: ...


def answer_id(review: str) -> str:
    """Whatever a site calls it: there is one answer to a review, and it is this."""
    return f"{review} answer"


def reviewer(review: str, name: str, avatar_url: str = "") -> Author:
    """Sites name people, and tell nobody apart: a person is known by this one review."""
    return Author(f"review {review}"[:255], name=name[:200], avatar_url=avatar_url)


def answer_of(
    connection: Connection, review: str, at: datetime, words: str, version: str, facts: Mapping[str, Any]
) -> IncomingMessage:
    """The brand's answer as the site shows it, whoever wrote it."""
    return IncomingMessage(
        kind="created", external_id=answer_id(review), at=at, thread=review, by_brand=True, parent=review,
        author=Author(connection.external_id[:255], connection.handle), text=words, version=version, facts=facts,
    )  # fmt: skip


def titled(title: str, words: str) -> str:
    return "\n\n".join(part.strip() for part in (title, words) if part.strip())


def stamp(at: datetime) -> str:
    """A version: a moment as text that sorts."""
    return at.isoformat(timespec="microseconds")


def gone(review: str, at: datetime) -> Envelope:
    return Envelope(key(review, "gone"), encoded({"gone": review, "at": at.isoformat()}))


def again(found: JSON) -> Envelope | None:
    """The event of a stored `gone`; None for anything else."""
    return gone(needed(found, "gone"), instant(text(found, "at"))) if "gone" in found else None


def taken_down(found: JSON) -> list[IncomingMessage]:
    return [IncomingMessage(kind="deleted", external_id=needed(found, "gone"), at=instant(text(found, "at")))]


def stars(value: object) -> int | None:
    """One to five; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5 else None


def items(value: Any, name: str) -> list[JSON]:
    """Objects of a list that no page may depend on: whatever else it is, there are none."""
    found = value.get(name) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def page(answer: Answer) -> JSON:
    """A page of a list. One without a byte is no empty list, and is asked for again."""
    if not answer.raw.strip():
        raise AnswerLost("an empty answer")
    return answer.body


def listed(found: list[JSON], made: Any) -> list[Found]:
    """Reviews of a page. One that can't be read by itself holds up none of the others: it is asked for again."""
    kept = []
    for one in found:
        try:
            kept.append(made(one))
        except Unreadable:
            continue
    return kept
