"""A scanner for what customers hand in, where the operator runs one. Without one, Hark says so: `hark doctor`, the settings.

HARK_SCANNER names it: `clamd:/run/clamav/clamd.ctl`, or `clamd://host:3310`. Spoken as INSTREAM:
https://docs.clamav.net/manual/Usage/Scanning.html#clamd
"""

from __future__ import annotations

import socket
import struct
from urllib.parse import urlsplit

from django.conf import settings

SECONDS = 20.0
PIECE = 64 * 1024


class Infected(Exception):
    """The scanner names what it found."""


class Away(Exception):
    """The scanner can't be asked, or did not understand: then nothing is taken."""


def is_there() -> bool:
    """Whether files are scanned at all."""
    return bool(settings.HARK_SCANNER)


def scan(content: bytes) -> None:
    """Nothing when it is clean, or when there is no scanner. Raises Infected, or Away when nobody can tell."""
    if not is_there():
        return
    answer = _ask(b"zINSTREAM\0", content)
    if answer.endswith(" FOUND"):
        raise Infected(answer.removeprefix("stream: ").removesuffix(" FOUND"))
    if not answer.endswith("OK"):
        raise Away(answer)


def answers() -> bool:
    """Whether the scanner is there now. Raises Away with the reason."""
    return _ask(b"zPING\0") == "PONG"


def _ask(command: bytes, content: bytes | None = None) -> str:
    try:
        with _connect() as line:
            line.sendall(command)
            if content is not None:
                for at in range(0, len(content), PIECE):
                    piece = content[at : at + PIECE]
                    line.sendall(struct.pack("!I", len(piece)) + piece)
                line.sendall(struct.pack("!I", 0))
            told = b""
            while not told.endswith(b"\0") and (more := line.recv(4096)):
                told += more
    except OSError as problem:
        raise Away(str(problem)) from problem
    return told.rstrip(b"\0").decode("utf-8", "replace")


def _connect() -> socket.socket:
    where = urlsplit(settings.HARK_SCANNER)
    if where.netloc:
        return socket.create_connection((where.hostname, where.port or 3310), timeout=SECONDS)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(SECONDS)
    try:
        line.connect(where.path)
    except OSError:
        line.close()
        raise
    return line
