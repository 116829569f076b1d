"""A stand-in for TikTok's API for Business v1.3, written from its fact sheet. It is not TikTok: much of that sheet is unverified.

No second party reads it: TikTok's own SDK on PyPI was last touched in 2024 and is for advertisements. A refusal comes with status
200 and a code that is not 0. Webhooks hold JSON inside JSON and are signed with their time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

from .consents import Door
from .kit import Call, Say, StandIn, route

US, VIDEO = "biz-77", "7178000000000000456"


def fine(data: Any = None) -> Say:
    return Say({"code": 0, "message": "OK", "request_id": "r1", "data": data or {}})


def no(code: int, message: str) -> Say:
    return Say({"code": code, "message": message, "request_id": "r1", "data": {}})


class TikTok(Door, StandIn):
    """One business account with one video."""

    def __init__(self) -> None:
        super().__init__()
        self.comments: dict[str, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []
        self.events: list[bytes] = []
        self.hidden: set[str] = set()
        self.likes: list[str] = []
        self.token, self.secret, self.refresh, self.hook = "token-1", "app-secret", "refresh-1", ""
        self.count, self.lists_videos = 7_179_000_000_000_000_123, True
        self.trouble: list[Say] = []  # what the next calls are told instead

    def refuses(self, call: Call) -> Say | None:
        if call.path.startswith("/tt_user"):
            return None
        if call.headers.get("access-token") != self.token:
            return no(40105, "Access token is incorrect or has been revoked.")
        return self.trouble.pop(0) if self.trouble else None

    # What people do ------------------------------------------------------------------------------------

    def says(self, who: str, text: str, parent: str = "") -> str:
        self.count += 1
        own = str(self.count)
        self.comments[own] = {
            "comment_id": own, "video_id": VIDEO, "user_id": who, "username": who, "display_name": who.title(), "text": text,
            "create_time": int(time.time()), "owner": who == US, **({"parent_comment_id": parent} if parent else {}),
        }  # fmt: skip
        return own

    def deletes(self, own: str) -> None:
        del self.comments[own]
        said = {
            "comment_id": int(own),
            "video_id": int(VIDEO),
            "comment_action": "delete",
            "timestamp": int(time.time()),
        }
        self.happens("comment.update", said)

    def writes(self, who: str, text: str, event: str = "im_receive_msg") -> None:
        self.count += 1
        sender, receiver = (
            ({"id": who}, {"id": US}) if event == "im_receive_msg" else ({"id": US}, {"id": who})
        )
        said = {
            "message_id": f"m{self.count}", "conversation_id": f"c-{who}", "type": "text", "text": {"body": text},
            "from": who, "from_user": sender, "to": US, "to_user": receiver, "timestamp": int(time.time() * 1000),
        }  # fmt: skip
        self.messages.append(said)
        self.happens(event, said)

    def happens(self, event: str, content: dict[str, Any]) -> None:
        body = {"client_key": "app", "event": event, "create_time": int(time.time()), "user_openid": US}
        self.events.append(json.dumps({**body, "content": json.dumps(content)}).encode())

    def pushes(self, secret: str = "", at: int = 0) -> int:
        """Everything that ever happened, the last first."""
        for body in reversed(self.events):
            when = str(at or int(time.time()))
            signed = hmac.new(
                (secret or self.secret).encode(), f"{when}.".encode() + body, hashlib.sha256
            ).hexdigest()
            status = self.push(self.hook, body, {"tiktok-signature": f"t={when},s={signed}"})
        return status

    # The API -------------------------------------------------------------------------------------------

    @route("POST", r"/tt_user/oauth2/token/")
    def tokens(self, call: Call) -> Say:
        said = call.json
        if said.get("client_secret") != self.secret or not said.get("auth_code"):
            return no(40001, "client_secret or auth_code is invalid")
        self.redeemed({**said, "code": said["auth_code"]})
        return self._tokens()

    @route("POST", r"/tt_user/oauth2/refresh_token/")
    def renews(self, call: Call) -> Say:
        if call.json.get("refresh_token") != self.refresh:
            return no(40105, "refresh token is invalid")
        self.token, self.refresh = "token-2", "refresh-2"
        return self._tokens()

    def _tokens(self) -> Say:
        scope = "user.info.basic,comment.list,comment.list.manage"
        more = {"expires_in": 86_400, "refresh_token_expires_in": 31_536_000, "scope": scope, "open_id": US}
        return fine({"access_token": self.token, "refresh_token": self.refresh, **more})

    @route("GET", r"/business/get/")
    def who(self, call: Call) -> Say:
        return fine({"username": "ternway", "display_name": "Ternway"})

    @route("GET", r"/business/video/list/")
    def videos(self, call: Call) -> Say:
        return (
            fine({"videos": [{"item_id": VIDEO}], "has_more": False})
            if self.lists_videos
            else no(40001, "no permission")
        )

    @route("GET", r"/business/comment/list/")
    def listed(self, call: Call) -> Say:
        tops = [one for one in self.comments.values() if "parent_comment_id" not in one][::-1]
        begin, most = int(call.query.get("cursor", "0")), int(call.query["max_count"])
        page = [{**one, "reply_list": self.below(one["comment_id"])} for one in tops[begin : begin + most]]
        return fine({"comments": page, "has_more": begin + most < len(tops), "cursor": begin + most})

    def below(self, own: str) -> list[dict[str, Any]]:
        return [one for one in self.comments.values() if one.get("parent_comment_id") == own]

    @route("POST", r"/business/comment/reply/create/")
    def reply(self, call: Call) -> Say:
        said = call.json
        if said["comment_id"] not in self.comments:
            return no(40002, "comment does not exist")
        return fine({"comment_id": self.says(US, said["text"], said["comment_id"])})

    @route("POST", r"/business/comment/(?P<verb>hide|like|delete)/")
    def acts(self, call: Call) -> Say:
        said, own = call.json, call.json["comment_id"]
        if own not in self.comments:
            return no(40002, "comment does not exist")
        if call.named["verb"] == "delete":
            del self.comments[own]
        elif call.named["verb"] == "like":
            self.likes.append(own)
        else:
            (self.hidden.add if said["action"] == "HIDE" else self.hidden.discard)(own)
        return fine()

    @route("POST", r"/business/message/send/")
    def send(self, call: Call) -> Say:
        said = call.json
        assert (said["business_id"], said["recipient_type"], said["message_type"]) == (
            US,
            "CONVERSATION",
            "TEXT",
        )
        self.writes(said["recipient"].removeprefix("c-"), said["text"]["body"], "im_send_msg")
        return fine({"message": {"message_id": self.messages[-1]["message_id"]}})

    @route("POST", r"/business/webhook/update/")
    def webhook(self, call: Call) -> Say:
        self.hook = call.json["callback_url"]
        return fine()
