"""Rigs of networks where people speak in public."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hark.brands.models import Brand
from hark.channels import intake
from hark.channels.models import Account
from hark.channels.networks.bluesky import envelopes
from tests.torture.test_senders import mention

from .. import kit, linkedin, mastodon, reddit, tiktok, x, youtube
from ..desk import connect, takes_in
from .rig import Rig


class X(Rig):
    slug, posts, asks = "x", "POST /2/tweets", "GET /2/users/"

    def stands_in(self) -> x.X:
        found = x.X()
        self.monkeypatch.setenv("HARK_X_API", found.url)
        self.monkeypatch.setattr("hark.channels.networks.x.posting.SETTLE_SECONDS", 0.01)
        return found

    def fields(self) -> dict[str, Any]:
        held = {"access": self.network.token, "hook_secret": self.network.secret}
        return {"external_id": x.BRAND, "handle": "@HarkAir", "credentials": held}

    def says(self, text: str) -> None:
        self.network.says(x.MO, f"@HarkAir {text}")

    def ours(self) -> list[str]:
        return [post["text"] for post in self.network.posts.values() if post["author_id"] == x.BRAND]


class YouTube(Rig):
    slug, posts, asks = "youtube", "POST /comments", "GET /commentThreads"

    def stands_in(self) -> youtube.DataApi:
        return youtube.DataApi()

    def fields(self) -> dict[str, Any]:
        settings = {"server": self.network.url, "recheck_seconds": 3600}
        held = {"access": self.network.token}
        return {"external_id": "UCbrand", "handle": "@ternway", "credentials": held, "settings": settings}

    def says(self, text: str) -> None:
        self.network.says("rita", text)

    def ours(self) -> list[str]:
        found = [one["snippet"] for one in self.network.comments.values()]
        return [one["textOriginal"] for one in found if one["authorChannelId"]["value"] == "UCbrand"]


class Reddit(Rig):
    slug, posts, asks = "reddit", "POST /api/comment", "GET /r/ternway/comments"

    def stands_in(self) -> reddit.RedditApi:
        return reddit.RedditApi()

    def fields(self) -> dict[str, Any]:
        settings = {"server": self.network.url, "recheck_seconds": 3600, "moderates": ["ternway"]}
        held = {"access": self.network.token}
        return {
            "external_id": "TernwayCare",
            "handle": "u/TernwayCare",
            "credentials": held,
            "settings": settings,
        }

    def says(self, text: str) -> None:
        self.network.says("flyer_77", text)

    def ours(self) -> list[str]:
        return [one["body"] for one in self.network.things.values() if one["author"] == "TernwayCare"]


class Mastodon(Rig):
    slug, posts, asks = "mastodon", "POST /api/v1/statuses", "GET /api/v1/notifications"

    def stands_in(self) -> mastodon.Server:
        found = mastodon.Server()
        found.person("ternway", "Ternway")
        found.person("maya", "Maya Lindqvist")
        return found

    def connected(self, brand: Brand) -> Account:
        told = {"server": self.network.url, "token": "token-ternway", "accept_strangers": True}
        return connect(brand, "mastodon", told, poll_seconds=0.05)

    def says(self, text: str) -> None:
        self.network.says("token-maya", f"@ternway {text}")

    def ours(self) -> list[str]:
        return [
            one["content"] for one in self.network.statuses.values() if one["account"]["acct"] == "ternway"
        ]

    def revoked(self) -> str:
        return str(self.network.tokens.pop("token-ternway"))

    def allowed(self, held: str) -> None:
        self.network.tokens["token-ternway"] = held


class LinkedIn(Rig):
    slug, posts, asks = "linkedin", "POST /rest/socialActions", "GET /rest/organizationalEntityNotifications"

    def stands_in(self) -> linkedin.LinkedIn:
        found = linkedin.LinkedIn()
        self.monkeypatch.setenv("HARK_LINKEDIN_API", found.url)
        return found

    def fields(self) -> dict[str, Any]:
        return {"external_id": "55", "handle": "ternway", "credentials": {"access": self.network.token}}

    def says(self, text: str) -> None:
        self.network.says(linkedin.RITA, text)

    def ours(self) -> list[str]:
        found = self.network.comments.values()
        return [one["message"]["text"] for one in found if one["actor"] == linkedin.PAGE]


class TikTok(Rig):
    slug, posts, asks = "tiktok", "POST /business/comment/reply/create/", "GET /business/comment/list/"

    def stands_in(self) -> tiktok.TikTok:
        found = tiktok.TikTok()
        self.monkeypatch.setenv("HARK_TIKTOK_API", found.url)
        return found

    def fields(self) -> dict[str, Any]:
        held = {"access": self.network.token}
        return {"external_id": tiktok.US, "handle": "@ternway", "credentials": held}

    def says(self, text: str) -> None:
        self.network.says("rita", text)

    def ours(self) -> list[str]:
        return [one["text"] for one in self.network.comments.values() if one["user_id"] == tiktok.US]


class Pds(kit.StandIn):
    """As much of a personal data server as a reply needs; it posts again under a key that it knows, and its books tell."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[str, str]] = []
        self.token = "did:plc:ternway"

    def refuses(self, call: kit.Call) -> kit.Say | None:
        wrong = {"error": "InvalidToken", "message": "Token has been revoked"}
        return None if call.bearer == self.token else kit.Say(wrong, 401)

    @kit.route("POST", "/xrpc/com.atproto.server.(refresh|create)Session")
    def session(self, call: kit.Call) -> kit.Say:
        return kit.Say({"error": "ExpiredToken", "message": "Token has been revoked"}, 401)

    @kit.route("POST", "/xrpc/com.atproto.repo.createRecord")
    def create(self, call: kit.Call) -> kit.Say:
        key = call.json["rkey"]
        self.records.append((key, call.json["record"]["text"]))
        return self._shown(key)

    @kit.route("GET", "/xrpc/com.atproto.repo.getRecord")
    def record(self, call: kit.Call) -> kit.Say:
        key = call.query["rkey"]
        return self._shown(key) if key in dict(self.records) else kit.Say({"error": "RecordNotFound"}, 400)

    @kit.route("GET", "/xrpc/app.bsky.feed.getPosts")
    def posts(self, call: kit.Call) -> kit.Say:
        return kit.Say({"posts": [{"viewer": {}}]})

    def _shown(self, key: str) -> kit.Say:
        return kit.Say(
            {"uri": f"at://did:plc:ternway/app.bsky.feed.post/{key}", "cid": f"bafy{key}", "value": {}}
        )


class Bluesky(Rig):
    """Sending; reading is put to the test on the real software (networks/bluesky/tests/test_failures.py)."""

    slug, posts = "bluesky", "createRecord"

    def __init__(self, request: pytest.FixtureRequest) -> None:
        super().__init__(request)
        self.waiting: list[bytes] = []

    def stands_in(self) -> Pds:
        self.monkeypatch.setattr("hark.channels.networks.bluesky.sessions._tokens", {})
        return Pds()

    def fields(self) -> dict[str, Any]:
        did = "did:plc:ternway"
        held = {"pds": self.network.url, "password": "p", "access": did, "refresh": did}
        return {"external_id": did, "handle": "ternway.example", "credentials": held}

    def says(self, text: str) -> None:
        body = json.loads(mention(f"maya{len(self.waiting)}"))
        body["record"]["text"] = text
        self.waiting.append(json.dumps(body).encode())

    def gives(self, account: Account, *, twice: bool = False) -> None:
        found = [envelopes.notification(body) for body in self.waiting]
        for one in [*found, *reversed(found)] if twice else found:
            intake.append(account, [one])
        takes_in()

    def ours(self) -> list[str]:
        return [text for _key, text in self.network.records]
