"""The world behind the stand-in for Meta (meta.py): comments, messages, and the webhooks that tell of them."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

SECRET, WORD = "hark-test-secret", "our-own-word"
PAGE, ACCOUNT, NUMBER, BUSINESS = "1050001", "17841400000000001", "1060001", "4190001"


class World:
    """What customers said and the brand published, and how Meta tells of it. Clock: `now`, which a test may move."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.now(UTC)
        self.said: dict[str, dict[str, Any]] = {}  # comments by id
        self.messages: list[dict[str, Any]] = []
        self.heard_at: dict[str, datetime] = {}  # person: their last message in private
        self.count = 0

    def signed(self, body: dict[str, Any]) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        """A webhook as Meta sends it: escaped, and signed over those bytes."""
        raw = json.dumps(body).encode()
        digest = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        return raw, [(b"x-hub-signature-256", f"sha256={digest}".encode())]

    # What customers do: each gives the webhook that tells of it -------------------------------------

    def comments(
        self, who: str, name: str, text: str, *, on: str = f"{PAGE}_778", below: str = ""
    ) -> dict[str, Any]:
        here = f"{on.rpartition('_')[2]}_{self._next()}"
        self._keep(here, who, name, text, on, below)
        return self._page_change("feed", self._comment(here, "add"))

    def comments_on_instagram(
        self, who: str, handle: str, text: str, *, on: str = "17900000000000009"
    ) -> dict[str, Any]:
        here = f"180000{self._next()}"
        self._keep(here, who, handle, text, on, "")
        return self._instagram_comment(here)

    def writes(self, who: str, text: str, *, to: str = PAGE) -> dict[str, Any]:
        """A direct message on Messenger or Instagram."""
        self.heard_at[who] = self.now
        mid = f"m_{self._next()}"
        self.messages.append({"id": mid, "person": who, "from": who, "text": text, "at": self.now})
        event = {"sender": {"id": who}, "recipient": {"id": to}, "message": {"mid": mid, "text": text}}
        return self._messaging(event, to)

    def texts(self, number: str, user: str, name: str, text: str) -> dict[str, Any]:
        """A message on WhatsApp."""
        self.heard_at[user or number] = self.now
        told = {
            "id": f"wamid.{self._next()}",
            "timestamp": str(int(self.now.timestamp())),
            "type": "text",
            "text": {"body": text},
        }
        told |= {"from": number} if number else {}
        told |= {"from_user_id": user} if user else {}
        contact = (
            {"profile": {"name": name}}
            | ({"wa_id": number} if number else {})
            | ({"user_id": user} if user else {})
        )
        return self._cloud({"contacts": [contact], "messages": [told]})

    # The world's own bookkeeping ----------------------------------------------------------------------

    def _next(self) -> int:
        self.count += 1
        return 9000 + self.count

    def _keep(self, here: str, who: str, name: str, text: str, post: str, below: str) -> None:
        self.said[here] = {
            "id": here,
            "who": who,
            "name": name,
            "text": text,
            "post": post,
            "below": below,
            "at": self.now,
        }

    def _page_change(self, field: str, value: dict[str, Any]) -> dict[str, Any]:
        at = int(self.now.timestamp())
        return {
            "object": "page",
            "entry": [{"id": PAGE, "time": at, "changes": [{"field": field, "value": value}]}],
        }

    def _comment(self, here: str, verb: str) -> dict[str, Any]:
        one = self.said[here]
        return {
            "item": "comment", "verb": verb, "post_id": one["post"], "comment_id": here,
            "parent_id": one["below"] or one["post"], "from": {"id": one["who"], "name": one["name"]},
            "message": one["text"], "created_time": int(one["at"].timestamp()),
        }  # fmt: skip

    def edits(self, here: str, text: str) -> dict[str, Any]:
        self.said[here]["text"] = text
        self.now += timedelta(seconds=5)
        return self._page_change("feed", self._comment(here, "edited"))

    def removes(self, here: str) -> dict[str, Any]:
        value = self._comment(here, "remove")
        del self.said[here]
        value.pop("message")
        return self._page_change("feed", value)

    def _instagram_comment(self, here: str) -> dict[str, Any]:
        one = self.said[here]
        value = {
            "id": here, "text": one["text"], "from": {"id": one["who"], "username": one["name"]},
            "media": {"id": one["post"], "media_product_type": "FEED"},
        } | ({"parent_id": one["below"]} if one["below"] else {})  # fmt: skip
        at = int(self.now.timestamp())
        return {
            "object": "instagram",
            "entry": [{"id": ACCOUNT, "time": at, "changes": [{"field": "comments", "value": value}]}],
        }

    def _messaging(self, event: dict[str, Any], to: str) -> dict[str, Any]:
        at = int(self.now.timestamp() * 1000)
        kind = "instagram" if to == ACCOUNT else "page"
        return {"object": kind, "entry": [{"id": to, "time": at, "messaging": [{"timestamp": at, **event}]}]}

    def _cloud(self, value: dict[str, Any]) -> dict[str, Any]:
        about = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "351210000000", "phone_number_id": NUMBER},
        }
        change = {"field": "messages", "value": {**about, **value}}
        return {"object": "whatsapp_business_account", "entry": [{"id": BUSINESS, "changes": [change]}]}
