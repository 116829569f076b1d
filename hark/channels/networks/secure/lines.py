"""A line of a secure page as it is stored: what the customer sent, and the files that came along, by where they lie."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import msgspec

from hark.channels.base import Envelope

TEXT_LIMIT = 10_000  # characters; ours
FOLDER = "secure"  # below the media folder: files that were checked and wait for their message
TOKEN = re.compile(r"[\w-]{1,64}", re.ASCII)
NAME = re.compile(r"[0-9a-f]{32}\.(?:jpg|png|gif|webp|pdf)")
TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
}


class File(msgspec.Struct, frozen=True):
    """`stored` is a name of ours, never the customer's; `name` is what they called it, for people to read."""

    stored: str
    name: str


class Line(msgspec.Struct, frozen=True):
    """`key` is the form's own identifier: sent twice, it is one line. `handoff` is the token of the page's link."""

    page: str
    key: str
    at: datetime
    text: str
    name: str = ""
    handoff: str = ""
    form: str = ""
    files: tuple[File, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.page}/{self.key}"

    def envelope(self) -> Envelope:
        return Envelope(self.id, msgspec.json.encode(self))


def decode(raw: bytes) -> Line:
    """Raises msgspec.DecodeError (or its ValidationError) for anything else."""
    return msgspec.json.decode(raw, type=Line)


def path_of(media: Path, name: str) -> Path | None:
    """Where a waiting file lies; None for a name that we did not give."""
    return media / FOLDER / name if NAME.fullmatch(name) else None


def type_of(name: str) -> str:
    return TYPES[name.rpartition(".")[2]]
