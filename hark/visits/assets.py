"""Scripts and style sheet of the chat window, from memory, below an address that holds their digest.

A visitor's browser keeps them for ever and never mixes two releases: modules import one another by relative addresses.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

FOLDER = Path(__file__).parent / "window"
TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


@dataclass(frozen=True)
class Bundle:
    digest: str
    files: dict[str, bytes]


def bundle() -> Bundle:
    """What this process serves; read again for every page while developing."""
    return _read() if settings.DEBUG else _kept()


@cache
def _kept() -> Bundle:
    return _read()


def _read() -> Bundle:
    files = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix[1:] in TYPES}
    digest = hashlib.sha256(b"".join(name.encode() + body for name, body in files.items())).hexdigest()[:12]
    return Bundle(digest, files)
