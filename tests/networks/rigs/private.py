"""Rigs of networks where messages are private, and of the one that is played in the same database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from hark.brands.models import Brand
from hark.channels.models import Account
from hark.channels.networks.practice import world
from hark.channels.networks.practice.models import Post

from .. import telegram, twilio
from ..desk import connect
from .rig import Heard, Rig


class Telegram(Rig):
    slug, posts, asks, private, tells_what_was_sent = "telegram", "sendMessage", "getUpdates", True, False

    def stands_in(self) -> telegram.BotApi:
        return telegram.BotApi()

    def connected(self, brand: Brand) -> Account:
        told = {"token": telegram.TOKEN, "server": self.network.url}
        return connect(brand, "telegram", told, poll_seconds=0.05, listen_seconds=0)

    def says(self, text: str) -> None:
        self.network.says(self.network.person(5550001111, "Rui"), text)

    def ours(self) -> list[str]:
        return [one["text"] for one in self.network.messages.values() if one["from"]["is_bot"]]

    def revoked(self) -> str:
        self.network.revoked = True
        return ""

    def allowed(self, held: str) -> None:
        self.network.revoked = False


class Sms(Rig):
    slug, posts, asks, private = "sms", "POST /2010-04-01", "GET /2010-04-01", True

    def stands_in(self) -> twilio.Twilio:
        return twilio.Twilio()

    def fields(self) -> dict[str, Any]:
        held = {"sid": "AC01", "token": twilio.Twilio.token, "base": self.network.url}
        return {"external_id": twilio.Twilio.number, "handle": twilio.Twilio.number, "credentials": held}

    def says(self, text: str) -> None:
        self.network.writes("+351910000000", text)

    def ours(self) -> list[str]:
        return [one["Body"] for one in self.network.sent]


class Practice(Heard):
    """A network in the same database: its faults are ordered from its world."""

    slug = "practice"
    words = {
        "429": "rate_limit",
        "500 before": "server_error",
        "500 after": "lost_answer",
        "reset after": "lost_answer",
    }
    kinds = tuple(words)

    @contextmanager
    def running(self) -> Iterator[Rig]:
        world.open_world("ternway", handle="@ternway", name="Ternway", is_live=False, arrivals=False)
        yield self

    def fields(self) -> dict[str, Any]:
        return {"external_id": "ternway", "handle": "@ternway", "credentials": {"hook_secret": "s"}}

    def says(self, text: str) -> None:
        number = len(self.said)
        author = {"id": "maya", "handle": "maya", "name": "Maya"}
        event = {
            "key": f"e{number}",
            "id": f"m{number}",
            "at": timezone.now().isoformat(),
            "text": text,
            "author": author,
        }
        self.said.append(json.dumps(event).encode())

    def ours(self) -> list[str]:
        return list(Post.objects.filter(persona=None).values_list("text", flat=True))

    def fails(self, kind: str) -> None:
        world.fault("ternway", self.words[kind], seconds=0.01)

    def revoked(self) -> str:
        world.fault("ternway", "expired")
        return ""

    def allowed(self, held: str) -> None: ...
