"""A stand-in for X: API v2 as far as Hark calls it, and the webhooks of the X Activity API.

Written from docs.x.com as of August 2026 (OpenAPI document 2.167): paths, fields, status codes, rate limit headers,
`errors`, shortened links, mentions put before answers, refusal of a text posted twice, refusal of an answer to a post that
did not summon the account, ids beyond 53 bits, tokens that end after two hours and refresh tokens that turn over. It is not
X: what those pages leave open is not known here either. Read back by tweepy in tests/networks/test_x.py.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import re
import secrets
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .kit import Call, Say, StandIn, route

BRAND, MO, ANA = "900000000000000001", "800000000000000002", "9223372036854775807"
TOKEN_SECONDS = 7200
LINK = re.compile(r"https?://\S+")


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class X(StandIn):
    """People by id; `posts` and `messages` in order. `token` is the access token that is good."""

    limit_headers = staticmethod(  # a reset in Unix seconds, as X tells it
        lambda seconds: {
            "x-rate-limit-limit": "100",
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(int(time.time() + seconds)),
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self.people = {
            BRAND: {"id": BRAND, "username": "HarkAir", "name": "Hark Air"},
            MO: {"id": MO, "username": "mo_travels", "name": "Mo"},
            ANA: {"id": ANA, "username": "ana", "name": "Ana"},
        }
        self.posts: dict[str, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []
        self.likes: list[str] = []
        self.closed_to: set[str] = set()  # people who take no messages from us
        self.ids = itertools.count(2_101_000_000_000_000_555, 7)
        self.token, self.refresh = "access-1", "refresh-1"
        self.codes: dict[str, str] = {}
        self.hook, self.secret = "", "consumer-secret"
        self.page_size = 100

    # People who speak ---------------------------------------------------------------------------------

    def says(self, who: str, text: str, *, answers: str = "", pushed: bool = True) -> dict[str, Any]:
        """Somebody posts; the brand's mention reaches its webhook, where there is one."""
        with self.lock:
            post = self._post(who, text, answers)
        if self.hook and pushed and who != BRAND and self._mentions_brand(post):
            self.push_event("post.mention.create", post, {"users": [self.people[who]]})
        return post

    def writes(self, who: str, text: str, *, pushed: bool = True) -> dict[str, Any]:
        with self.lock:
            message = self._message(who, BRAND, text)
        if self.hook and pushed:
            created = {"target": {"recipient_id": BRAND}, "sender_id": who, "message_data": {"text": text}}
            event = {
                "type": "message_create",
                "id": message["id"],
                "created_timestamp": str(int(time.time() * 1000)),
                "message_create": created,
            }
            people = {who: {"data": self.people[who]}}
            self.push_event("dm.received", {"direct_message_events": [event], "users": people})
        return message

    def deletes(self, post: str) -> None:
        with self.lock:
            author = self.posts.pop(post)["author_id"]
        if self.hook:
            self.push_event("post.delete", {"id": post, "author_id": author})

    def edits(self, post: str, text: str) -> dict[str, Any]:
        """A new post under a new id, with the history of both."""
        with self.lock:
            before = self.posts[post]
            after = {**before, "id": str(next(self.ids)), "text": text}
            after["edit_history_tweet_ids"] = [*before["edit_history_tweet_ids"], after["id"]]
            self.posts[after["id"]] = after
        if self.hook:
            self.push_event("post.mention.create", after, {"users": [self.people[before["author_id"]]]})
        return after

    def push_event(self, kind: str, payload: dict[str, Any], includes: dict[str, Any] | None = None) -> int:
        data = {"event_uuid": str(-secrets.randbits(63)), "event_type": kind, "filter": {"user_id": BRAND}}
        event = {"data": {**data, "payload": payload}, **({"includes": includes} if includes else {})}
        body = json.dumps(event).encode()
        return self.push(self.hook, body, {"x-twitter-webhooks-signature": self.signed(body)})

    def signed(self, body: bytes) -> str:
        return "sha256=" + base64.b64encode(hmac.digest(self.secret.encode(), body, "sha256")).decode()

    def _post(self, who: str, text: str, answers: str = "") -> dict[str, Any]:
        found = str(next(self.ids))
        above = self.posts.get(answers)
        urls = []
        for number, link in enumerate(LINK.findall(text)):
            short = f"https://t.co/{found}{number}"
            text = text.replace(link, short)
            urls.append({"url": short, "expanded_url": link})
        if above and not text.startswith("@"):
            text = f"@{self.people[above['author_id']]['username']} {text}"
        names = {one["username"].lower(): one["id"] for one in self.people.values()}
        mentions = [
            {"username": name, "id": names[name.lower()]}
            for name in re.findall(r"@(\w+)", text)
            if name.lower() in names
        ]
        post: dict[str, Any] = {
            "id": found,
            "author_id": who,
            "text": text.replace("&", "&amp;"),
            "created_at": now(),
            "conversation_id": above["conversation_id"] if above else found,
            "edit_history_tweet_ids": [found],
            "entities": {"mentions": mentions, "urls": urls},
        }
        if above:
            post["referenced_tweets"] = [{"type": "replied_to", "id": answers}]
            post["in_reply_to_user_id"] = above["author_id"]
        self.posts[found] = post
        return post

    def _mentions_brand(self, post: dict[str, Any]) -> bool:
        return any(one["id"] == BRAND for one in post["entities"]["mentions"])

    def _message(self, sender: str, to: str, text: str) -> dict[str, Any]:
        message = {
            "id": str(next(self.ids)),
            "event_type": "MessageCreate",
            "text": text,
            "sender_id": sender,
            "dm_conversation_id": "-".join(sorted((sender, to), key=int)),
            "created_at": now(),
        }
        self.messages.append(message)
        return message

    # The API ------------------------------------------------------------------------------------------

    def refuses(self, call: Call) -> Say | None:
        if call.path.startswith("/2/oauth2/") or call.bearer == self.token:
            return None
        return Say({"title": "Unauthorized", "status": 401, "detail": "Unauthorized"}, 401)

    def allows(self, consent: str) -> str:
        """Somebody agrees on the consent page: the address that their browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(consent).query).items()}
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked["code_challenge"]
        return f"{asked['redirect_uri']}?state={asked['state']}&code={code}"

    @route("POST", "/2/oauth2/token")
    def new_token(self, call: Call) -> Say:
        asked = call.form
        if asked["grant_type"] == "authorization_code":
            digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
            good = self.codes.pop(asked["code"], "") == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        else:
            good = asked["refresh_token"] == self.refresh
        if not good:
            return Say(
                {"error": "invalid_request", "error_description": "Value passed for the token was invalid."},
                400,
            )
        self.token, self.refresh = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
        return Say(
            {
                "token_type": "bearer", "expires_in": TOKEN_SECONDS, "access_token": self.token,
                "refresh_token": self.refresh, "scope": "tweet.read tweet.write users.read dm.read dm.write offline.access",
            }
        )  # fmt: skip

    @route("GET", "/2/users/me")
    def me(self, call: Call) -> Say:
        return Say({"data": self.people[BRAND]})

    @route("GET", r"/2/users/(?P<user>\d+)/mentions")
    def mentions(self, call: Call) -> Say:
        found = [
            post for post in self.posts.values() if self._mentions_brand(post) and post["author_id"] != BRAND
        ]
        return self._page(call, found)

    @route("GET", r"/2/users/(?P<user>\d+)/tweets")
    def of_user(self, call: Call) -> Say:
        return self._page(
            call, [post for post in self.posts.values() if post["author_id"] == call.named["user"]]
        )

    @route("GET", "/2/dm_events")
    def dm_events(self, call: Call) -> Say:
        return self._page(call, self.messages)

    @route("GET", r"/2/dm_conversations/with/(?P<user>\d+)/dm_events")
    def conversation(self, call: Call) -> Say:
        return self._page(
            call, [one for one in self.messages if call.named["user"] in one["dm_conversation_id"]]
        )

    def _page(self, call: Call, items: list[dict[str, Any]]) -> Say:
        """The newest first, cut into pages; `next_token` is where the next begins."""
        size = min(int(call.query.get("max_results", 10)), self.page_size)
        since = int(call.query.get("since_id", 0))
        found = sorted((one for one in items if int(one["id"]) > since), key=lambda one: -int(one["id"]))
        start = int(call.query.get("pagination_token", "0").removeprefix("page") or 0)
        page = found[start : start + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if not page:
            return Say({"meta": meta})
        meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if start + size < len(found):
            meta["next_token"] = f"page{start + size}"
        people = {one.get("author_id") or one["sender_id"] for one in page}
        return Say({"data": page, "includes": {"users": [self.people[one] for one in people]}, "meta": meta})

    @route("POST", "/2/tweets")
    def create(self, call: Call) -> Say:
        asked = call.json
        parent = asked.get("reply", {}).get("in_reply_to_tweet_id", "")
        above = self.posts.get(parent)
        if parent and above is None:
            return self._no("You attempted to reply to a Tweet that is deleted or not visible to you.")
        if above and above["author_id"] != BRAND and not self._summons(above):
            return self._no("Reply to this conversation is not allowed because you have not been mentioned.")
        shown = self._post(BRAND, asked["text"], parent)
        same = [
            one for one in self.posts.values() if one["author_id"] == BRAND and one["text"] == shown["text"]
        ]
        if len(same) > 1 and not shown["entities"]["urls"]:
            del self.posts[shown["id"]]
            return self._no("You are not allowed to create a Tweet with duplicate content.")
        if asked.get("direct_message_deep_link"):
            shown["deep_link"] = asked["direct_message_deep_link"]
        return Say(
            {"data": {"id": shown["id"], "text": shown["text"], "edit_history_tweet_ids": [shown["id"]]}}, 201
        )

    def _summons(self, post: dict[str, Any]) -> bool:
        return self._mentions_brand(post) or post.get("in_reply_to_user_id") == BRAND

    @route("DELETE", r"/2/tweets/(?P<post>\d+)")
    def delete(self, call: Call) -> Say:
        found = self.posts.get(call.named["post"])
        if found and found["author_id"] != BRAND:
            return self._no("You are not authorized to delete this Tweet.")
        self.posts.pop(call.named["post"], None)
        return Say({"data": {"deleted": True}})

    @route("POST", r"/2/users/(?P<user>\d+)/likes")
    def like(self, call: Call) -> Say:
        self.likes.append(call.json["tweet_id"])
        return Say({"data": {"liked": True}})

    @route("POST", r"/2/dm_conversations/with/(?P<user>\d+)/messages")
    def send(self, call: Call) -> Say:
        if call.named["user"] in self.closed_to:
            return self._no("You do not have permission to DM one or more participants.")
        message = self._message(BRAND, call.named["user"], call.json["text"])
        data = {"dm_conversation_id": message["dm_conversation_id"], "dm_event_id": message["id"]}
        return Say({"data": data}, 201)

    def _no(self, detail: str) -> Say:
        kind = "https://api.x.com/2/problems/not-authorized-for-resource"
        return Say({"title": "Forbidden", "status": 403, "detail": detail, "type": kind}, 403)
