"""Names that we give: Message-IDs and addresses that lead a letter back to its thread. Signed, for anybody can write them.

Message-ID  <hark.THREAD.SIGN.KEY@brand.example>      KEY is the reply's own: one reply, one Message-ID
address     care+tTHREAD.SIGN@brand.example           survives clients that drop headers
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any

SECRET = "address_secret"  # noqa: S105  the name of a credential
OURS = re.compile(r"hark\.([0-9a-f]{24})\.([0-9a-f]{16})\.([0-9a-z-]{1,64})@[^@\s]{1,253}", re.IGNORECASE)
THREAD = re.compile(r"t([0-9a-f]{24})\.([0-9a-f]{16})", re.IGNORECASE)


def thread_of(root: str) -> str:
    """The thread that a first letter begins, by its Message-ID."""
    return hashlib.sha256(root.encode("utf-8", "replace")).hexdigest()[:24]


def identity(message_id: str, sender: str) -> str:
    """What Hark calls a letter of somebody else. The sender is part of it: a Message-ID of another is easily repeated."""
    name = message_id if len(message_id) <= 400 else thread_of(message_id)
    return f"{name}/{hashlib.sha256(sender.encode('utf-8', 'replace')).hexdigest()[:8]}"


def message_id(credentials: Mapping[str, Any], thread: str, key: str, address: str) -> str:
    """Without brackets. The same reply has the same one, however often it is tried."""
    signed = _sign(_secrets(credentials)[0], "id", thread, key)
    return f"hark.{thread}.{signed}.{key}@{address.rpartition('@')[2]}"


def plus_address(credentials: Mapping[str, Any], thread: str, address: str) -> str:
    local, _at, domain = address.rpartition("@")
    return f"{local}+t{thread}.{_sign(_secrets(credentials)[0], 'to', thread)}@{domain}"


def with_token(address: str, token: str) -> str:
    """Whoever writes to it comes from the hand-off with this token."""
    local, _at, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}"


def own_thread(credentials: Mapping[str, Any], message_id: str) -> str:
    """The thread that a Message-ID of ours names; "" for one that is not ours."""
    found = OURS.fullmatch(message_id)
    if not found:
        return ""
    thread, given, key = found[1].lower(), found[2].lower(), found[3].lower()
    return thread if _fits(credentials, given, "id", thread, key) else ""


def addressed(credentials: Mapping[str, Any], account: str, recipients: Iterable[str]) -> tuple[str, str]:
    """(thread, hand-off token) out of the addresses that a letter was sent to; "" for what is not there."""
    local, _at, domain = account.lower().rpartition("@")
    token = ""
    for address in recipients:
        given, _at, where = address.rpartition("@")
        name, plus, rest = given.partition("+")
        if not plus or name.lower() != local or where.lower() != domain:
            continue
        if found := THREAD.fullmatch(rest):
            if _fits(credentials, found[2].lower(), "to", found[1].lower()):
                return found[1].lower(), ""
        elif len(rest) <= 64:
            token = token or rest
    return "", token


def _secrets(credentials: Mapping[str, Any]) -> list[str]:
    """Newest first; none while the account has no secret."""
    found = [str(credentials.get(name) or "") for name in (SECRET, f"{SECRET}_before")]
    return [secret for secret in found if secret]


def _sign(secret: str, *what: str) -> str:
    return hmac.new(secret.encode(), "\0".join(what).encode(), "sha256").hexdigest()[:16]


def _fits(credentials: Mapping[str, Any], given: str, *what: str) -> bool:
    matches = [hmac.compare_digest(given, _sign(secret, *what)) for secret in _secrets(credentials)]
    return any(matches)
