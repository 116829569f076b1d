"""A stand-in for the Bot API, written from core.telegram.org/bots/api as far as Hark and a second client need it."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from .kit import Call, Say, StandIn, route

TOKEN = "777:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"


class BotApi(StandIn):
    """One bot, its chats, and updates that are delivered to a webhook or kept until they are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.chats: dict[int, dict[str, Any]] = {}
        self.messages: dict[tuple[int, int], dict[str, Any]] = {}
        self.updates: list[dict[str, Any]] = []
        self.blocked: set[int] = set()
        self.reactions: dict[tuple[int, int], list[Any]] = {}
        self.hook: dict[str, Any] = {}
        self.revoked = False
        self.count = self.told = 0

    def refuses(self, call: Call) -> Say | None:
        if self.revoked or call.named.get("token") != TOKEN:
            return no(401, "Unauthorized")
        return None

    def _answer(self, call: Call) -> Say:
        said = super()._answer(call)
        return said if said.status != 404 else no(404, "Not Found")

    # What people do ----------------------------------------------------------------------------------

    def person(self, number: int, name: str) -> dict[str, Any]:
        return {
            "id": number,
            "is_bot": False,
            "first_name": name,
            "username": name.lower(),
            "language_code": "en",
        }

    def group(self, number: int, title: str) -> dict[str, Any]:
        return {"id": number, "type": "supergroup", "title": title, "username": "ternway_riders"}

    def says(
        self, who: dict[str, Any], text: str, chat: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        where = chat or {"id": who["id"], "type": "private", "first_name": who["first_name"]}
        message = self._put(where, text, who, **more)
        self.tells({"message": message})
        return message

    def tells(self, update: dict[str, Any]) -> None:
        self.told += 1
        self.updates.append({"update_id": 88120000 + self.told, **update})

    def delivers(self) -> list[int]:
        """Everything that waits, to the webhook; the statuses it was answered with."""
        headers = {"x-telegram-bot-api-secret-token": self.hook["secret_token"]}
        told = [httpx.post(self.hook["url"], json=one, headers=headers).status_code for one in self.updates]
        self.updates = []
        return told

    def _put(self, chat: dict[str, Any], text: str, who: dict[str, Any], **more: Any) -> dict[str, Any]:
        self.count += 1
        self.chats[chat["id"]] = chat
        message = {
            "message_id": self.count,
            "date": int(time.time()),
            "chat": chat,
            "from": who,
            "text": text,
            **more,
        }
        self.messages[chat["id"], self.count] = message
        return message

    # The API -----------------------------------------------------------------------------------------

    @route("POST", r"/bot(?P<token>[^/]+)/getMe")
    def get_me(self, call: Call) -> Say:
        return yes({"id": 777, "is_bot": True, "first_name": "Ternway", "username": "ternway_bot"})

    @route("POST", r"/bot(?P<token>[^/]+)/(setWebhook|deleteWebhook)")
    def set_webhook(self, call: Call) -> Say:
        self.hook = call.json if call.path.endswith("/setWebhook") else {}
        return yes(True)

    @route("POST", r"/bot(?P<token>[^/]+)/getWebhookInfo")
    def webhook_info(self, call: Call) -> Say:
        return yes(
            {
                "url": self.hook.get("url", ""),
                "pending_update_count": len(self.updates),
                "has_custom_certificate": False,
            }
        )

    @route("POST", r"/bot(?P<token>[^/]+)/getUpdates")
    def get_updates(self, call: Call) -> Say:
        if self.hook:
            return no(409, "Conflict: can't use getUpdates method while webhook is active")
        given = body_of(call)
        offset = int(given.get("offset") or 0)
        self.updates = [one for one in self.updates if one["update_id"] >= offset]
        return yes(self.updates[: int(given.get("limit") or 100)])

    @route("POST", r"/bot(?P<token>[^/]+)/sendMessage")
    def send_message(self, call: Call) -> Say:
        given = body_of(call)
        chat = self.chats.get(int(given["chat_id"]))
        if chat is None:
            return no(400, "Bad Request: chat not found")
        if chat["id"] in self.blocked:
            return no(403, "Forbidden: bot was blocked by the user")
        if len(str(given["text"]).encode("utf-16-le")) // 2 > 4096:
            return no(400, "Bad Request: message is too long")
        bot = {"id": 777, "is_bot": True, "first_name": "Ternway", "username": "ternway_bot"}
        above = self.messages.get(
            (chat["id"], int((given.get("reply_parameters") or {}).get("message_id") or 0))
        )
        more = {"reply_to_message": above} if above else {}
        return yes(self._put(chat, given["text"], bot, **more, reply_markup=given.get("reply_markup")))

    @route("POST", r"/bot(?P<token>[^/]+)/editMessageText")
    def edit(self, call: Call) -> Say:
        given = call.json
        found = self.messages[int(given["chat_id"]), int(given["message_id"])]
        if found["text"] == given["text"]:
            return no(400, "Bad Request: message is not modified")
        found.update(text=given["text"], edit_date=int(time.time()))
        return yes(found)

    @route("POST", r"/bot(?P<token>[^/]+)/deleteMessage")
    def delete(self, call: Call) -> Say:
        place = int(call.json["chat_id"]), int(call.json["message_id"])
        return (
            yes(True)
            if self.messages.pop(place, None)
            else no(400, "Bad Request: message to delete not found")
        )

    @route("POST", r"/bot(?P<token>[^/]+)/setMessageReaction")
    def react(self, call: Call) -> Say:
        self.reactions[int(call.json["chat_id"]), int(call.json["message_id"])] = call.json["reaction"]
        return yes(True)


def body_of(call: Call) -> dict[str, Any]:
    if call.headers.get("content-type", "").startswith("application/json"):
        return call.json
    return {name: json.loads(value) if value[:1] in "[{" else value for name, value in call.form.items()}


def yes(result: Any) -> Say:
    return Say({"ok": True, "result": result})


def no(status: int, text: str) -> Say:
    return Say({"ok": False, "error_code": status, "description": text}, status)
