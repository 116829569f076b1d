"""Outgoing mail from one address, HARK_MAIL_URL=smtp://user:password@host:587.

smtp: STARTTLS, smtps: TLS from the start, smtp+plain: neither (loopback only).
"""

import os
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from hark.ops.errors import OpsError

SCHEMES = {"smtp": (True, False, 587), "smtps": (False, True, 465), "smtp+plain": (False, False, 25)}


@dataclass(frozen=True)
class Mail:
    """Without an address, mail is written to files in $HARK_DATA/mail: nothing is lost, and settings say so."""

    sender: str
    backend: str = "django.core.mail.backends.filebased.EmailBackend"
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


def read() -> Mail:
    """How mail leaves. Raises OpsError when HARK_MAIL_URL can't be read."""
    sender = os.environ.get("HARK_MAIL_FROM", "Hark <hark@localhost>")
    url = os.environ.get("HARK_MAIL_URL", "")
    if not url:
        return Mail(sender)
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise OpsError("HARK_MAIL_URL must look like smtp://user:password@mail.example:587.")
    starttls, tls, port = SCHEMES[parts.scheme]
    return Mail(
        sender,
        "django.core.mail.backends.smtp.EmailBackend",
        parts.hostname,
        parts.port or port,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        starttls,
        tls,
    )
