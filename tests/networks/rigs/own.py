"""Rigs of places where nothing leaves: the brand's own pages on this machine, what people write down, and feeds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from hark.brands.models import Brand
from hark.channels.models import Account

from .. import feeds
from ..desk import collects, connect
from .rig import Heard, Rig


class Own(Heard):
    """A line as our own page or form stores it. What we say stands in the same database, or is not said here at all."""

    sends = tells_what_was_sent = False
    private = True

    @contextmanager
    def running(self) -> Iterator[Rig]:
        yield self

    def fields(self) -> dict[str, Any]:
        return {"external_id": f"{self.slug}-1", "handle": "ternway.example"}

    def says(self, text: str) -> None:
        number, now = len(self.said), timezone.now().isoformat()
        self.said.append(json.dumps({"at": now, "text": text, **self.line(f"k{number}")}).encode())

    def line(self, key: str) -> dict[str, Any]:
        raise NotImplementedError


class Webchat(Own):
    slug = "webchat"

    def line(self, key: str) -> dict[str, Any]:
        return {"thread": "visitor:1", "key": key, "author": {"id": "visitor:1", "name": "Rita"}}


class SecurePage(Own):
    slug = "secure"

    def line(self, key: str) -> dict[str, Any]:
        return {"page": "page-1", "key": key, "name": "Rita"}


class Phone(Own):
    slug = "phone"

    def line(self, key: str) -> dict[str, Any]:
        return {"id": f"call-{key}", "kind": "call", "who": "+351910000000", "name": "Rita"}


class Feed(Rig):
    slug, asks, sends, tells_what_was_sent = "rss", "GET /feed", False, False

    def stands_in(self) -> feeds.Blog:
        return feeds.Blog()

    def connected(self, brand: Brand) -> Account:
        account = connect(brand, "rss", {"feed": self.network.url}, poll_seconds=0.05)
        collects(account)  # what stands there at first is history
        return account

    def says(self, text: str) -> None:
        self.network.says("Rita", text)
