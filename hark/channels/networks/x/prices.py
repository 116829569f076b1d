"""What X charges for calls (pay per use, as published in August 2026), in millionths of a dollar, and the brand's own cap.

Deliveries of the X Activity API are billed as well, at a price that X shows only in its console: they are not in our sum.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from hark.channels.base import Connection, Refused, TryLater

POST_READ = 5_000
MENTION_READ = 1_000  # an owned read: the brand's own mentions
MESSAGE_READ = 10_000
POST = 15_000
ANSWER = 10_000  # to a post that summoned us
POST_WITH_LINK = 200_000
MESSAGE = 15_000

USUAL_CAP = 50  # dollars a month, where nobody has said otherwise
CAPPED_SECONDS = 3600.0
LINK = re.compile(r"https?://", re.IGNORECASE)


def of_post(text: str, *, summoned: bool) -> int:
    if LINK.search(text):
        return POST_WITH_LINK
    return ANSWER if summoned else POST


def cap_dollars(connection: Connection) -> float:
    """What calls may cost in a month; 0 means that nobody capped it."""
    given = connection.settings.get("cap_dollars", USUAL_CAP)
    return float(given) if isinstance(given, int | float) and given >= 0 else float(USUAL_CAP)


def is_capped(connection: Connection) -> bool:
    cap = cap_dollars(connection)
    return bool(cap) and connection.spent_micros >= cap * 1_000_000


def _said(connection: Connection) -> str:
    return _(
        "X has cost %(cap)d dollars this month, which is the cap. An administrator can raise it: connect the account anew."
    ) % {"cap": cap_dollars(connection)}


def allow_reading(connection: Connection) -> None:
    """Raises TryLater once the cap is reached: reading goes on next month, or when it is raised."""
    if is_capped(connection):
        raise TryLater(CAPPED_SECONDS, _said(connection))


def allow_writing(connection: Connection) -> None:
    """Raises Refused once the cap is reached; the author sees why, and can try again when it was raised."""
    if is_capped(connection):
        raise Refused("never", _said(connection))
