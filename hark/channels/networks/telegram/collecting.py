"""Long polling, where no webhook is set: getUpdates from the last place. Telegram keeps updates for a day or so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hark.channels import polling
from hark.channels.base import Batch, Connection, Refused, Skipped, Unreadable
from hark.channels.shapes import encoded

from . import api, reading

ALLOWED = (
    "message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "my_chat_member",
    "message_reaction", "business_connection", "business_message", "edited_business_message", "deleted_business_messages",
)  # fmt: skip
LIMIT = 100
LISTEN_SECONDS = 10  # a request may wait this long for something to happen
WEBHOOK_CHECK_SECONDS = 60.0


def poll(connection: Connection, cursor: Mapping[str, Any]) -> list[Batch]:
    """One round. With a webhook it only looks whether Telegram can deliver, and lets an old failure be seen."""
    bot = api.bot(connection)
    if connection.settings.get("webhook"):
        return [_webhook(bot)]
    every = polling.seconds(connection, "poll_seconds", 1.0)
    listen = int(polling.seconds(connection, "listen_seconds", LISTEN_SECONDS, least=0))
    gap = polling.away(cursor.get("polled_at"), every)
    offset = cursor.get("offset") if isinstance(cursor.get("offset"), int) else None
    wait = 0 if gap else listen
    found = bot.ask("getUpdates", offset=offset, limit=LIMIT, timeout=wait, allowed_updates=list(ALLOWED))
    updates = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    for one in updates:
        number = one.get("update_id")
        if isinstance(number, int):
            offset = max(offset or 0, number + 1)
    envelopes = {envelope.event_key: envelope for one in updates for envelope in _split(one)}
    full = len(updates) >= LIMIT
    place = {"offset": offset, "polled_at": cursor.get("polled_at") if full else polling.now().isoformat()}
    # Asking from `offset` makes Telegram forget what came before: one page a round, so that its cursor is stored first.
    page = Batch(tuple(envelopes.values()), place, gap if full else "", wait_seconds=0.0 if full else every)
    return [Batch((), gap=gap), page] if gap else [page]


def _split(update: dict[str, Any]) -> list[Any]:
    try:
        return reading.split(encoded(update))
    except (Skipped, Unreadable):
        return []


def _webhook(bot: api.Bot) -> Batch:
    """Raises Refused with what Telegram says went wrong with its last delivery, while updates wait there."""
    told = bot.ask("getWebhookInfo")
    info = told if isinstance(told, dict) else {}
    if info.get("pending_update_count") and info.get("last_error_message"):
        raise Refused("never", str(info["last_error_message"])[:300])
    return Batch((), {"polled_at": polling.now().isoformat()}, wait_seconds=WEBHOOK_CHECK_SECONDS)
