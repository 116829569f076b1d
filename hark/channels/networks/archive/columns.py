"""Which column means what: given by options, guessed from the header for the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .lines import Line
from .times import parse

ROLES = (
    "id",
    "text",
    "author",
    "author_name",
    "at",
    "thread",
    "reply_to",
    "private",
    "outbound",
    "lang",
    "url",
)
NEEDED = {"id": "id", "text": "text", "at": "time"}  # role → as people call it
TEXT_LIMIT = 20_000  # characters
YES = {
    "1",
    "true",
    "yes",
    "y",
    "t",
    "x",
    "private",
    "dm",
    "direct",
    "outbound",
    "out",
    "agent",
    "brand",
    "sent",
}

# Header names, letters and digits only, best first.
NAMES = {
    "id": "tweetid messageid postid statusid commentid reviewid externalid idstr id guid",
    "text": "text fulltext message messagetext body content comment review tweet post",
    "author": "authorid userid customerid senderid fromid useridstr author username screenname handle sender from user",
    "author_name": "authorname displayname customername fullname realname name",
    "at": "tweetcreated createdat created publishedat sentat timestamp createdtime datetime time date at",
    "thread": "threadid conversationid ticketid caseid thread conversation",
    "reply_to": "inresponsetotweetid inreplytostatusid inreplytoid inreplyto replyto parentid parent",
    "private": "private isprivate dm isdm",
    "outbound": "outbound isoutbound",
    "lang": "lang language locale",
    "url": "url permalink link",
}


class BadLine(ValueError):
    """A line that makes no message; the text says why."""


@dataclass(frozen=True)
class Columns:
    """Names of columns by what they mean; empty: there is none. A leading “!” turns private or outbound round.

    `where`: only lines whose column has this value. `is_open`: the messages wait for an answer instead of being history.
    """

    id: str = ""
    text: str = ""
    author: str = ""
    author_name: str = ""
    at: str = ""
    thread: str = ""
    reply_to: str = ""
    private: str = ""
    outbound: str = ""
    lang: str = ""
    url: str = ""
    where: tuple[tuple[str, str], ...] = ()
    time_format: str = ""
    zone: str = "UTC"
    is_open: bool = False

    def named(self) -> dict[str, str]:
        """Role → column, of those that are set."""
        return {role: getattr(self, role) for role in ROLES if getattr(self, role)}

    def problems(self, header: Iterable[str]) -> list[str]:
        """Why a file with this header can't be imported so, in sentences."""
        there = set(header)
        named = [column.removeprefix("!") for column in self.named().values()] + [
            column for column, _ in self.where
        ]
        missing = [f"There is no column “{column}”." for column in named if column not in there]
        return missing + [
            f"Which column is the {name}? Name it with --{role}."
            for role, name in NEEDED.items()
            if not getattr(self, role)
        ]


def guess(header: Iterable[str], given: Columns) -> Columns:
    """The given columns, completed from the header's names."""
    plain = {re.sub(r"[^a-z0-9]", "", column.lower()): column for column in reversed(list(header))}
    taken = set(given.named().values())
    found: dict[str, str] = {}
    for role, names in NAMES.items():
        if getattr(given, role):
            continue
        column = next(
            (plain[name] for name in names.split() if name in plain and plain[name] not in taken), ""
        )
        if column:
            found[role] = column
            taken.add(column)
    if "inbound" in plain and not given.outbound and "outbound" not in found:
        found["outbound"] = f"!{plain['inbound']}"
    return replace(given, **found)  # type: ignore[arg-type]


def is_wanted(values: Mapping[str, str], columns: Columns) -> bool:
    return all(values.get(column, "") == value for column, value in columns.where)


def to_line(values: Mapping[str, str], columns: Columns) -> Line:
    """What one row says. Raises BadLine."""
    told = {role: values.get(column.removeprefix("!"), "") for role, column in columns.named().items()}
    identity, text = told["id"].strip(), told["text"]
    if not identity:
        raise BadLine("it has no id")
    if len(identity) > 500 or len(told.get("author", "")) > 255:
        raise BadLine("its id or its author is too long")
    if not text.strip():
        raise BadLine("it has no text")
    if len(text) > TEXT_LIMIT:
        raise BadLine(f"its text is longer than {TEXT_LIMIT:,} characters")
    if "\0" in "".join(told.values()):
        raise BadLine("it holds a NUL character")
    try:
        at = parse(told["at"], columns.time_format, columns.zone)
    except ValueError as problem:
        raise BadLine(str(problem)) from None
    used = {column.removeprefix("!") for column in columns.named().values()}
    return Line(
        id=identity,
        at=at,
        text=text,
        author=told.get("author", "").strip(),
        author_name=told.get("author_name", "").strip()[:200],
        thread=told.get("thread", "").strip(),
        reply_to=told.get("reply_to", "").strip(),
        private=_is_yes(told, "private", columns.private),
        outbound=_is_yes(told, "outbound", columns.outbound),
        lang=told.get("lang", "").strip()[:16],
        url=_address(told.get("url", "")),
        is_open=columns.is_open,
        more={name: value for name, value in values.items() if name not in used and value},
    )


def _is_yes(told: Mapping[str, str], role: str, column: str) -> bool:
    if not column:
        return False
    return (told[role].strip().lower() in YES) != column.startswith("!")


def _address(url: str) -> str:
    """Only what a browser may follow: no script, no file."""
    return url.strip() if url.strip().startswith(("https://", "http://")) else ""
