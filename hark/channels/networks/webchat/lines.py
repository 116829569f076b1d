"""A line of the chat as it is stored: what the window or the contact form sent, and who the session says it is from."""

from datetime import datetime

import msgspec

from hark.channels.base import Envelope

TEXT_LIMIT = 10_000  # characters; ours


class Writer(msgspec.Struct, frozen=True):
    """`id` comes from the session, never from the page: "visitor:…" for a browser, "user:…" for a proven identity."""

    id: str
    name: str = ""
    email: str = ""
    verified: bool = False


class Page(msgspec.Struct, frozen=True):
    """Where the visitor was. The address comes without its query, which may hold secrets of the site."""

    url: str = ""
    title: str = ""


class Line(msgspec.Struct, frozen=True):
    """`key` is the client's own identifier of it: a retry writes the same line."""

    thread: str
    key: str
    at: datetime
    text: str
    author: Writer
    page: Page = Page()
    locale: str = ""
    handoff: str = ""
    form: bool = False

    @property
    def id(self) -> str:
        return identity(self.thread, self.key)

    def envelope(self) -> Envelope:
        return Envelope(self.id, msgspec.json.encode(self))


def identity(thread: str, key: str) -> str:
    """The lasting id of a visitor's line: one browser can't take another's."""
    return f"{thread}/{key}"


def decode(raw: bytes) -> Line:
    """Raises msgspec.DecodeError (or its ValidationError) for anything else."""
    return msgspec.json.decode(raw, type=Line)
