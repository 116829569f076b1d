"""What customers took back, kept outside of the database: a restored backup must not bring it to light again.

`$HARK_DATA/erasures.ndjson` is append-only and holds no personal data: a message is named by a keyed hash of its
channel, account and identity on the network (row numbers would name another message after a restore). `hark restore`
replays the list (journeys/erasing.py); every backup lays a copy beside itself.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

FILE = "erasures.ndjson"
Identity = tuple[str, str, str]  # channel, the account's identity there, the message's


class Erasure(msgspec.Struct, frozen=True):
    """One line of the list."""

    key: str  # the mark of the key that made the hash
    message: str  # the hash, 64 hexadecimal digits
    at: datetime


def note(erased: Iterable[tuple[Identity, datetime]], *, data: Path, key: bytes) -> None:
    """Put messages on the list, durably. Called before the commit that erases them: a line too many hurts nobody.

    One write in append mode, so that several processes may note at once. It begins with a line end, in case a torn
    line stands before it. Raises OSError.
    """
    lines = [Erasure(mark(key), name(identity, key), at) for identity, at in erased]
    if lines:
        _append(data / FILE, lines)


def name(identity: Identity, key: bytes) -> str:
    return hmac.new(key, "\0".join(identity).encode(), hashlib.sha256).hexdigest()


def mark(key: bytes) -> str:
    """Eight digits that tell one key from another and nothing else about it."""
    return hashlib.sha256(b"hark.erasures" + key).hexdigest()[:8]


def read(path: Path) -> Iterator[Erasure]:
    """The lines of a list; one that was torn is passed over, and a list that isn't there is empty."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                yield msgspec.json.decode(line, type=Erasure)
            except msgspec.MsgspecError:
                continue


def marks(data: Path) -> set[str]:
    """Of the keys that one would need to understand the whole list."""
    return {line.key for line in read(data / FILE)}


def merge(other: Path, data: Path) -> int:
    """Add to the list what only the other one has; how much that was."""
    known = {(line.key, line.message) for line in read(data / FILE)}
    new = [line for line in read(other) if (line.key, line.message) not in known]
    if new:
        _append(data / FILE, new)
    return len(new)


def _append(path: Path, lines: list[Erasure]) -> None:
    content = b"\n" + b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        if os.write(file, content) != len(content):
            raise OSError(f"{path} can't be written to: the disk is full")
        os.fsync(file)
    finally:
        os.close(file)
