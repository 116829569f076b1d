"""How many comments a thread holds there, and all of them once more. One unit for fifty threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hark.channels.base import Connection, Envelope
from hark.channels.shapes import JSON, inner, number, text

from . import api
from .collecting import AT_ONCE, Reader


def count(connection: Connection, threads: Sequence[str]) -> dict[str, int]:
    """A thread's first comment and its replies."""
    found: dict[str, int] = {}
    for start in range(0, len(threads), AT_ONCE):
        for item in _items(connection, threads[start : start + AT_ONCE]):
            found[text(item, "id")] = 1 + (number(inner(item, "snippet"), "totalReplyCount") or 0)
    return found


def reread(connection: Connection, thread: str) -> list[Envelope]:
    reader = Reader(connection, {})
    return [envelope for item in _items(connection, [thread]) for envelope in reader.thread(item)]


def _items(connection: Connection, threads: Sequence[str]) -> Iterator[JSON]:
    answer = api.channel(connection).get(
        "commentThreads", part="snippet,replies", id=",".join(threads), textFormat="plainText", maxResults=100
    )
    yield from (item for item in answer.get("items") or [] if isinstance(item, dict))
