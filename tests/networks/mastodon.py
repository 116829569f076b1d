"""A stand-in for a Mastodon server, written from docs.joinmastodon.org as far as Hark and a customer's client need it."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from .consents import Door
from .kit import Call, Say, StandIn

BEGUN = datetime(2026, 8, 1, tzinfo=UTC)


class No(Exception):
    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status, self.body = status, body


def body_of(call: Call) -> dict[str, Any]:
    """JSON or a form, as clients like."""
    return call.json if call.headers.get("content-type", "").startswith("application/json") else call.form


class Server(Door, StandIn):
    """Accounts with tokens, statuses with audiences, notifications with pages, keys that make a repetition harmless."""

    def __init__(self) -> None:
        super().__init__()
        self.accounts: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, str] = {}
        self.statuses: dict[str, dict[str, Any]] = {}
        self.notifications: dict[str, list[dict[str, Any]]] = {}
        self.keys: dict[tuple[str, str], str] = {}
        self.policy = dict.fromkeys(("for_not_following", "for_not_followers", "for_new_accounts"), "accept")
        self.policy["for_private_mentions"] = "filter"
        self.count = 0
        self.streaming = ""

    def person(self, name: str, shown: str = "", host: str = "") -> str:
        """An account; its token. `host`: one of another server."""
        number = str(900 + len(self.accounts))
        where = f"https://{host}" if host else self.url
        self.accounts[number] = {
            "id": number, "username": name, "acct": f"{name}@{host}" if host else name, "display_name": shown or name,
            "url": f"{where}/@{name}", "uri": f"{where}/users/{name}", "bot": False, "locked": False, "note": "",
            "created_at": "2026-01-01T00:00:00.000Z", "avatar": f"{where}/a.png", "avatar_static": f"{where}/a.png",
            "header": "", "header_static": "", "followers_count": 3, "following_count": 0, "statuses_count": 0,
            "emojis": [], "fields": [],
        }  # fmt: skip
        self.tokens[f"token-{name}"] = number
        self.notifications[number] = []
        return f"token-{name}"

    # What people do ----------------------------------------------------------------------------------

    def says(self, token: str, text: str, **body: Any) -> dict[str, Any]:
        with self.lock:
            return self._post(self.tokens[token], {"status": text, **body})

    def edits(self, token: str, status: str, text: str) -> None:
        with self.lock:
            self._edit(self.tokens[token], status, {"status": text})

    def deletes(self, token: str, status: str) -> None:
        with self.lock:
            del self.statuses[status]

    def likes(self, token: str, status: str) -> None:
        with self.lock:
            self._tell(
                self.statuses[status]["account"]["id"], "favourite", self.tokens[token], self.statuses[status]
            )

    # The API -----------------------------------------------------------------------------------------

    limit_headers = staticmethod(
        lambda seconds: {"x-ratelimit-reset": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()}
    )

    def _answer(self, call: Call) -> Say:
        try:
            return self.answer(call)
        except No as no:
            return Say(no.body, no.status)

    def answer(self, asked: Call) -> Say:
        path = asked.path.rstrip("/")
        if path == "/api/v2/instance" or path == "/api/v1/instance":
            return Say(self._instance())
        if path == "/api/v1/apps":
            return Say(self.registers(body_of(asked)))
        if path == "/oauth/token":
            return Say({"access_token": self.redeemed(asked.form), "token_type": "Bearer", "scope": "read"})
        me = self.tokens.get(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if me is None:
            raise No(401, {"error": "The access token is invalid"})
        if path == "/api/v1/accounts/verify_credentials":
            return Say(self.accounts[me])
        if path == "/api/v2/notifications/policy":
            self.policy.update(body_of(asked) if asked.method == "PATCH" else {})
            return Say({**self.policy, "summary": {"pending_requests_count": 0}})
        if path == "/api/v1/notifications/requests":
            return Say([])
        if path == "/api/v1/notifications":
            return self._page(self.notifications[me], asked)
        if path == "/api/v1/conversations":
            return Say([])
        if found := re.fullmatch(r"/api/v1/accounts/(\w+)/statuses", path):
            own = [
                one
                for one in self.statuses.values()
                if one["account"]["id"] == found[1] and self._sees(me, one)
            ]
            return self._page(own, asked)
        if path == "/api/v1/statuses" and asked.method == "POST":
            return Say(self._post(me, body_of(asked), asked.headers.get("idempotency-key", "")))
        if found := re.fullmatch(r"/api/v1/statuses/(\w+)(/context|/favourite)?", path):
            return self._status(me, asked, found[1], found[2] or "")
        raise No(404, {"error": "Record not found"})

    def _status(self, me: str, asked: Call, number: str, what: str) -> Say:
        status = self.statuses.get(number)
        if status is None or not self._sees(me, status):
            raise No(404, {"error": "Record not found"})
        if what == "/context":
            return Say({"ancestors": self._above(status), "descendants": []})
        if what == "/favourite":
            self._tell(status["account"]["id"], "favourite", me, status)
            return Say(status)
        if asked.method == "PUT":
            return Say(self._edit(me, number, body_of(asked)))
        if asked.method == "DELETE":
            if status["account"]["id"] != me:
                raise No(404, {"error": "Record not found"})
            return Say(self.statuses.pop(number))
        return Say(status)

    def _instance(self) -> dict[str, Any]:
        return {
            "domain": "localhost", "uri": "localhost", "title": "Stand-in", "version": "4.6.4",
            "configuration": {
                "urls": {"streaming": self.streaming},
                "statuses": {"max_characters": 500, "max_media_attachments": 4, "characters_reserved_per_url": 23},
            },
            "api_versions": {"mastodon": 10},
        }  # fmt: skip

    def _post(self, me: str, body: dict[str, Any], once: str = "") -> dict[str, Any]:
        if once and (me, once) in self.keys:
            return self.statuses[self.keys[me, once]]
        text = str(body.get("status") or "")
        if len(text) > 500:
            raise No(422, {"error": "Validation failed: Text character limit of 500 exceeded"})
        parent = self.statuses.get(str(body.get("in_reply_to_id") or ""))
        self.count += 1
        number = str((int((BEGUN + timedelta(seconds=self.count)).timestamp() * 1000) << 16) + self.count)
        mentions = self._mentions(text)
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        status = {
            "id": number, "created_at": now, "in_reply_to_id": parent["id"] if parent else None,
            "in_reply_to_account_id": parent["account"]["id"] if parent else None, "sensitive": False,
            "spoiler_text": body.get("spoiler_text") or "", "visibility": body.get("visibility") or "public",
            "language": "en", "uri": f"{self.url}/statuses/{number}", "url": f"{self.url}/@x/{number}",
            "edited_at": None, "content": self._html(text, mentions), "reblog": None, "account": self.accounts[me],
            "media_attachments": [], "mentions": mentions, "tags": [], "emojis": [], "quote": None, "poll": None,
            "card": None, "replies_count": 0, "reblogs_count": 0, "favourites_count": 0,
        }  # fmt: skip
        self.statuses[number] = status
        if once:
            self.keys[me, once] = number
        for one in mentions:
            self._tell(one["id"], "mention", me, status)
        return status

    def _edit(self, me: str, number: str, body: dict[str, Any]) -> dict[str, Any]:
        status, text = self.statuses[number], str(body["status"])
        status.update(content=self._html(text, self._mentions(text)), mentions=self._mentions(text))
        status["edited_at"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return status

    def _mentions(self, text: str) -> list[dict[str, Any]]:
        """Whoever is named; people of this server with its name or without."""
        here = self.url.removeprefix("http://")
        named = {one.removesuffix(f"@{here}") for one in re.findall(r"@([\w.-]+(?:@[\w.:-]+)?)", text)}
        return [
            {name: one[name] for name in ("id", "username", "acct", "url")}
            for one in self.accounts.values()
            if one["acct"] in named
        ]

    def _html(self, text: str, mentions: list[dict[str, Any]]) -> str:
        """As a server writes it: paragraphs, mentions without their domain."""
        said = html.escape(text)
        for one in mentions:
            link = f'<span class="h-card"><a href="{one["url"]}" class="u-url mention">@<span>{one["username"]}</span></a></span>'
            said = re.sub(rf"@{re.escape(one['acct'])}(@[\w.:-]+)?(?![\w@])", link, said, count=1)
        return "".join(f"<p>{part}</p>" for part in said.split("\n\n"))

    def _tell(self, whom: str, kind: str, by: str, status: dict[str, Any]) -> None:
        number = str(1000 + sum(map(len, self.notifications.values())))
        self.notifications[whom].append(
            {
                "id": number,
                "type": kind,
                "created_at": status["created_at"],
                "account": self.accounts[by],
                "status": status,
            }
        )

    def _sees(self, me: str, status: dict[str, Any]) -> bool:
        named = {one["id"] for one in status["mentions"]} | {status["account"]["id"]}
        return status["visibility"] in ("public", "unlisted") or me in named

    def _above(self, status: dict[str, Any]) -> list[dict[str, Any]]:
        parent = self.statuses.get(status["in_reply_to_id"] or "")
        return [*self._above(parent), parent] if parent else []

    def _page(self, items: list[dict[str, Any]], asked: Call) -> Say:
        """Newest first; min_id gives the page right above it, max_id the one right below. Links tell the way."""
        most = int(asked.query.get("limit", "20"))
        newer, older = int(asked.query.get("min_id", "0")), int(asked.query.get("max_id", "0") or 0)
        items = [one for one in items if int(one["id"]) > newer and (not older or int(one["id"]) < older)]
        page = items[:most][::-1] if newer else items[-most:][::-1]
        base = f"{self.url}{asked.path}?limit={most}"
        links = [f'<{base}&min_id={page[0]["id"]}>; rel="prev"'] if page else []
        if page and items and page[-1] is not items[0]:
            links.insert(0, f'<{base}&max_id={page[-1]["id"]}>; rel="next"')
        return Say(page, headers={"link": ", ".join(links)} if links else {})
