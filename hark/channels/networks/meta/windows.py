"""How long after a customer's last message they may still be answered, and by which kind of message.

24 hours for anything; up to seven days for what a person writes, where Meta has approved the “Human Agent” feature.
Source: “Messenger Platform policy”, “Human Agent”.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import Connection, OutgoingReply, Refused, Unreadable

from .shapes import moment

STANDARD, HUMAN, PRIVATE_REPLY = timedelta(hours=24), timedelta(days=7), timedelta(days=7)
RESPONSE = {"messaging_type": "RESPONSE"}
AGENT = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


def age(facts: Mapping[str, Any]) -> timedelta | None:
    """How long ago the message answered was written, by our clock; None when that is not known."""
    try:
        return datetime.now(UTC) - moment(facts["at"]) if facts.get("at") else None
    except Unreadable:
        return None


def kind(connection: Connection, reply: OutgoingReply) -> Mapping[str, str]:
    """The kind of message that may be sent now. Raises Refused when none may."""
    old = age(reply.parent_facts)
    if old is None or old < STANDARD:
        return RESPONSE
    if may_be_tagged(connection, reply) and old < HUMAN:
        return AGENT
    raise Refused("window_closed", late(connection))


def may_be_tagged(connection: Connection, reply: OutgoingReply) -> bool:
    """The tag is kept for people: nothing automatic ever carries it."""
    return bool(connection.settings.get("human_agent")) and not reply.automatic


def late(connection: Connection) -> str:
    if connection.settings.get("human_agent"):
        return _("More than seven days have passed since the customer last wrote. They have to write first.")
    return _("More than 24 hours have passed since the customer last wrote. They have to write first.")
