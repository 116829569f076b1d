"""Every network on the same rig: somebody says something there, it comes in, we answer, and all of it can be made to fail.

A rig knows its stand-in and nothing of the tests. `asks` and `posts` name the calls that are made to fail; a rig without
`asks` only hears webhooks. A network that can't be rigged here names its own tests of faults (ELSEWHERE).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from hark.brands.models import Brand
from hark.channels import actions, intake
from hark.channels.models import Account
from hark.channels.networks.bluesky import envelopes
from hark.channels.networks.practice import world
from hark.channels.networks.practice.models import Post
from tests.torture.test_senders import mention

from . import kit, mastodon, meta, reddit, telegram, twilio, x, youtube
from .desk import collects, hears, takes_in

KINDS = tuple(kind for kind in kit.FAULTS if kind != "slow")
ELSEWHERE = {
    **dict.fromkeys(("google_business", "google_play", "app_store"), "tests/networks/test_reviews.py"),
    "email": "hark/channels/networks/email/tests/test_mail.py",  # on real mail servers
    "webchat": "hark/visits/tests/test_talking.py",  # nothing leaves this machine
    "secure": "hark/secure/tests/test_page.py",  # nothing leaves this machine
    "phone": "tests/stories/test_notes.py",  # nothing leaves, nothing is asked
    "rss": "tests/networks/test_rss.py",  # nothing leaves
    "linkedin": "tests/networks/test_linkedin.py",
    "tiktok": "tests/networks/test_tiktok.py",
    "archive": "hark/channels/tests/test_importing.py",  # read from files
}


class Rig:
    slug = ""
    posts = asks = ""
    private = False
    tells_what_was_sent = True  # whether the network can be asked after a lost answer
    kinds: tuple[str, ...] = KINDS
    network: Any = None

    def __init__(self, monkeypatch: Any) -> None:
        self.monkeypatch = monkeypatch

    @contextmanager
    def running(self) -> Iterator[Rig]:
        with self.stands_in() as self.network:
            yield self

    def stands_in(self) -> Any:
        raise NotImplementedError

    def connected(self, brand: Brand) -> Account:
        return actions.connect(brand, self.slug, self.fields())

    def fields(self) -> dict[str, Any]:
        raise NotImplementedError

    def says(self, text: str) -> None:
        raise NotImplementedError

    def ours(self) -> list[str]:
        raise NotImplementedError

    def gives(self, account: Account, *, twice: bool = False) -> None:
        """What was said comes in, as this network brings it. Raises the failures of asking."""
        collects(account, twice=twice)

    def fails(self, kind: str) -> None:
        self.network.fails(kind, on=self.posts)

    def revoked(self) -> str:
        """The permission is gone; what brings it back."""
        held, self.network.token = self.network.token, "another"
        return str(held)

    def allowed(self, held: str) -> None:
        self.network.token = held


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
        from .desk import connect

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


class Telegram(Rig):
    slug, posts, asks, private, tells_what_was_sent = "telegram", "sendMessage", "getUpdates", True, False

    def stands_in(self) -> telegram.BotApi:
        return telegram.BotApi()

    def connected(self, brand: Brand) -> Account:
        from .desk import connect

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


class Meta(Rig):
    """Webhooks, and the reading again of what they did not bring."""

    token, posts, asks = "page-token", "/comments", "conversations"
    external_id = meta.PAGE

    def stands_in(self) -> meta.Meta:
        found = meta.Meta()
        found.subscribed = ["77"]
        self.monkeypatch.setenv("HARK_META_GRAPH", found.url)
        return found

    def fields(self) -> dict[str, Any]:
        held = {"token": self.token, "app_key": meta.SECRET, "verify_token": meta.WORD}
        return {"external_id": self.external_id, "handle": "ternway", "credentials": held}

    def ours(self) -> list[str]:
        return [text for _where, text in self.network.ledger]

    def revoked(self) -> str:
        return str(self.network.tokens.pop(self.token))

    def allowed(self, held: str) -> None:
        self.network.tokens[self.token] = held


class Facebook(Meta):
    slug = "facebook"

    def says(self, text: str) -> None:
        self.network.comments("6600042", "Nadia", text)


class Instagram(Meta):
    slug, token, posts, external_id = "instagram", "insta-token", "/replies", meta.ACCOUNT

    def says(self, text: str) -> None:
        self.network.comments_on_instagram("6600043", "nadia.r", text)


class WhatsApp(Meta):
    slug, token, posts, asks, external_id = "whatsapp", "cloud-token", "/messages", "", meta.NUMBER
    private, tells_what_was_sent = True, False

    def __init__(self, monkeypatch: Any) -> None:
        super().__init__(monkeypatch)
        self.waiting: list[bytes] = []

    def says(self, text: str) -> None:
        self.waiting.append(json.dumps(self.network.texts("351910000000", "77001", "Lu", text)).encode())

    def gives(self, account: Account, *, twice: bool = False) -> None:
        for body in [*self.waiting, *reversed(self.waiting)] if twice else self.waiting:
            hears(account, body)


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

    def __init__(self, monkeypatch: Any) -> None:
        super().__init__(monkeypatch)
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


class Practice(Rig):
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
        self.said: list[bytes] = []
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

    def gives(self, account: Account, *, twice: bool = False) -> None:
        for body in [*self.said, *reversed(self.said)] if twice else self.said:
            hears(account, body)

    def ours(self) -> list[str]:
        return list(Post.objects.filter(persona=None).values_list("text", flat=True))

    def fails(self, kind: str) -> None:
        world.fault("ternway", self.words[kind], seconds=0.01)

    def revoked(self) -> str:
        world.fault("ternway", "expired")
        return ""

    def allowed(self, held: str) -> None: ...


RIGS = {rig.slug: rig for rig in (
    X, YouTube, Reddit, Mastodon, Telegram, Sms, Facebook, Instagram, WhatsApp, Bluesky, Practice,
)}  # fmt: skip
