"""How often the public side may be asked, by session and by address. Counted in the cache that all processes share."""

from __future__ import annotations

import hashlib
import ipaddress
import time
from dataclasses import dataclass

from django.core.cache import cache
from django.http import HttpRequest

from .problems import Problem


@dataclass(frozen=True)
class Limit:
    """At most `most` within `seconds`."""

    name: str
    most: int
    seconds: int


NEW_SESSIONS = Limit("sessions", 60, 600)  # an address may be a whole office
MESSAGES_OF_SESSION = Limit("messages", 20, 60)
MESSAGES_OF_ADDRESS = Limit("messages-from", 120, 60)
READS_OF_SESSION = Limit("reads", 240, 60)
UNKNOWN_TOKENS = Limit("unknown", 30, 60)
FORMS_OF_ADDRESS = Limit("forms", 10, 600)


def check(limit: Limit, who: str) -> None:
    """Count one more. Raises Problem 429, with the seconds to wait, when it is one too many."""
    if not allowed(limit, who):
        raise Problem(429, "Too much at once. Try again in a moment.", retry_seconds=seconds_left(limit))


def allowed(limit: Limit, who: str) -> bool:
    """Count one more, and say whether that is still within the limit."""
    window = now() // limit.seconds
    digest = hashlib.sha256(who.encode()).hexdigest()[:32]
    key = f"visits:{limit.name}:{digest}:{window}"
    if cache.add(key, 1, limit.seconds * 2):
        return True
    try:
        return cache.incr(key) <= limit.most
    except ValueError:  # it ended between the two
        return True


def seconds_left(limit: Limit) -> int:
    return limit.seconds - now() % limit.seconds


def now() -> int:
    return int(time.time())


def address_of(request: HttpRequest) -> str:
    """The client's address; of IPv6 the network, since one home has more addresses than can be counted."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
