"""A stand-in for a blog and the hub it names, written from RFC 9110 (conditional requests), RSS 2.0, RFC 4685 and W3C WebSub."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import parse_qsl

import httpx

from .kit import Call, Say, StandIn, route

FRAME = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"><title>Getting There</title>
<id>tag:blog</id>{entries}</feed>"""
ENTRY = """<entry><id>{id}</id><title>{title}</title><link rel="alternate" href="{link}"/><published>{at}</published>
<updated>{changed}</updated><author><name>{who}</name></author>{reply}<content type="html">{text}</content></entry>"""


class Blog(StandIn):
    """One blog with its comments in one feed. The hub verifies a subscription as it should, before it pushes anything."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[dict[str, str]] = []
        self.hub: dict[str, str] = {}
        self.moved = self.gone = self.closed = False
        self.with_hub, self.sends_tags = True, True
        self.count = 0

    def says(self, who: str, text: str, below: str = "", **more: str) -> str:
        self.count += 1
        own, now = f"tag:blog,2026:{self.count}", datetime.now(UTC).isoformat()
        post = f"{self.url}/a/1"
        reply = f'<thr:in-reply-to ref="{below}" href="{post}"/>' if below else ""
        link = f"{post}#comment-{self.count}" if below else f"{self.url}/a/{self.count}"
        self.entries.insert(0, {
            "id": own, "title": f"By: {who}", "link": link, "at": now, "changed": now, "who": who, "reply": reply,
            "text": text, **more,
        })  # fmt: skip
        return own

    def edits(self, own: str, text: str) -> None:
        for entry in self.entries:
            if entry["id"] == own:
                entry["text"], entry["changed"] = text, datetime.now(UTC).isoformat()

    def body(self, newest: int = 50) -> bytes:
        said = "".join(
            ENTRY.format(
                **{**entry, "text": escape(f"<p>{entry['text']}</p>"), "title": escape(entry["title"])}
            )
            for entry in self.entries[:newest]
        )
        return FRAME.format(entries=said).encode()

    @route("GET", r"/")
    def page(self, call: Call) -> Say:
        named = b'<html><head><link rel="alternate" type="application/atom+xml" href="/feed"></head><p>Hello</p></html>'
        return Say(named, headers={"content-type": "text/html"})

    @route("GET", r"/(?P<name>feed|new-feed)")
    def feed(self, call: Call) -> Say:
        if self.gone:
            return Say(b"gone", 410)
        if self.closed:
            return Say(b"who are you?", 401)
        if self.moved and call.named["name"] == "feed":
            return Say(b"", 301, {"location": "/new-feed"})
        body = self.body()
        tag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        if self.sends_tags and call.headers.get("if-none-match") == tag:
            return Say(b"", 304)
        named = f'<{self.url}/hub>; rel="hub", <{self.url}/feed>; rel="self"'
        more = {"link": named} if self.with_hub else {}
        return Say(body, headers={"content-type": "application/atom+xml", "etag": tag, **more})

    @route("POST", r"/hub")
    def subscribe(self, call: Call) -> Say:
        self.hub = dict(parse_qsl(call.raw.decode()))
        return Say(b"", 202)

    def verifies(self, topic: str = "") -> Any:
        """The hub asks the callback whether it meant this topic."""
        asked = {
            "hub.mode": "subscribe", "hub.topic": topic or self.hub["hub.topic"], "hub.challenge": "challenge-1",
            "hub.lease_seconds": "864000",
        }  # fmt: skip
        return httpx.get(self.hub["hub.callback"], params=asked, timeout=10)

    def pushes(self, method: str = "sha256", secret: str = "") -> int:
        body = self.body()
        signed = hmac.new((secret or self.hub["hub.secret"]).encode(), body, method).hexdigest()
        kind = {"x-hub-signature": f"{method}={signed}", "content-type": "application/atom+xml"}
        return self.push(self.hub["hub.callback"], body, kind)
