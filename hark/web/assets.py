"""The shell's own files, from memory, below an address that holds their digest: a browser asks once and never again.

Style sheets become one `hark.css`, in the order of their layers. Script modules import one another by relative
addresses, so the digest in the first one covers them all, without an import map.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse

FOLDER = Path(__file__).parent / "static" / "hark"
mimetypes.add_type("text/javascript", ".js")


@dataclass(frozen=True)
class Asset:
    """What goes over the wire."""

    content_type: str
    plain: bytes
    zipped: bytes


@dataclass(frozen=True)
class Bundle:
    """All assets by name, and the digest of them together."""

    digest: str
    files: dict[str, Asset]

    @property
    def modules(self) -> list[str]:
        return sorted(name for name in self.files if name.startswith("js/") and name != "js/theme.js")


def bundle() -> Bundle:
    """The assets of this process; read again for every page while developing."""
    return _read() if settings.DEBUG else _kept()


@cache
def _kept() -> Bundle:
    return _read()


def _read() -> Bundle:
    files = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in sorted(FOLDER.rglob("*"))
        if path.is_file() and path.suffix != ".css"
    }
    files["hark.css"] = stylesheet().encode()
    digest = hashlib.sha256(b"".join(name.encode() + body for name, body in files.items())).hexdigest()[:12]
    return Bundle(digest, {name: _asset(name, body) for name, body in files.items()})


def address(name: str) -> str:
    """Where a file lies. Put together by hand: a page asks a hundred times, once for each icon."""
    return _root(bundle().digest) + name


@cache
def _root(digest: str) -> str:
    return reverse("asset", args=[digest, "x"])[:-1]


def _asset(name: str, body: bytes) -> Asset:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    return Asset(kind + charset, body, gzip.compress(body, mtime=0))


def stylesheet() -> str:
    """Every style sheet in one: tokens and base name their own layers, the folders are layers themselves."""
    css = FOLDER / "css"
    parts = [(css / "tokens.css").read_text(), (css / "base.css").read_text()]
    for layer in ("components", "modules"):
        blocks = "\n".join(path.read_text() for path in sorted((css / layer).glob("*.css")))
        parts.append(f"@layer {layer} {{\n{blocks}}}")
    return "\n".join(parts)
