"""A stand-in for the Reddit API, written from reddit.com/dev/api as far as Hark and PRAW need it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from .kit import Call, Say, StandIn, route


class RedditApi(StandIn):
    """One community, r/ternway, moderated by TernwayCare; its comments, its modmail."""

    def __init__(self) -> None:
        super().__init__()
        self.things: dict[str, dict[str, Any]] = {}
        self.talks: dict[str, dict[str, Any]] = {}
        self.mails: dict[str, dict[str, Any]] = {}
        self.token, self.count, self.errors = "token-1", 0, []  # type: ignore[var-annotated]

    def refuses(self, call: Call) -> Say | None:
        if (
            call.path != "/api/v1/access_token"
            and call.headers.get("authorization", "").lower() != f"bearer {self.token}"
        ):
            return Say({"message": "Unauthorized", "error": 401}, 401)
        return (
            Say({"message": "Too Many Requests"}, 429) if "hark" not in call.headers["user-agent"] else None
        )

    def says(self, who: str, text: str, parent: str = "t3_xyz9") -> str:
        self.count += 1
        own = f"c{self.count}"
        self.things[f"t1_{own}"] = {
            "id": own, "name": f"t1_{own}", "link_id": "t3_xyz9", "parent_id": parent, "subreddit": "ternway",
            "author": who, "body": text, "created_utc": time.time(), "edited": False, "replies": "",
            "permalink": f"/r/ternway/comments/xyz9/_/{own}/",
        }  # fmt: skip
        return f"t1_{own}"

    def mails_us(self, who: str, text: str, talk: str = "") -> str:
        self.count += 1
        talk, own, now = talk or f"ik{self.count}", f"m{self.count}", datetime.now(UTC).isoformat()
        found = self.talks.setdefault(talk, {"id": talk, "subject": "Help", "objIds": []})
        found["objIds"].append({"id": own, "key": "messages"})
        found["lastUpdated"] = now
        author = {"name": who, "isMod": who == "TernwayCare"}
        self.mails[own] = {
            "id": own,
            "author": author,
            "bodyMarkdown": text,
            "date": now,
            "isInternal": False,
        }
        return talk

    def _listing(self, things: list[dict[str, Any]], call: Call) -> Say:
        things = things[::-1]
        names = [one["name"] for one in things]
        begin = names.index(call.query["after"]) + 1 if call.query.get("after") in names else 0
        page = things[begin : begin + int(call.query.get("limit", "25"))]
        after = page[-1]["name"] if begin + len(page) < len(things) else None
        return Say(
            {
                "kind": "Listing",
                "data": {"children": [{"kind": "t1", "data": one} for one in page], "after": after},
            }
        )

    def _talk(self, talk: str) -> Say:
        found = self.talks[talk]
        inside = {one["id"]: self.mails[one["id"]] for one in found["objIds"]}
        return Say({"conversation": found, "messages": inside})

    @route("POST", r"/api/v1/access_token")
    def access_token(self, call: Call) -> Say:
        return Say({"access_token": self.token, "token_type": "bearer", "expires_in": 3600, "scope": "*"})

    @route("GET", r"/r/ternway/comments/?")
    def comments(self, call: Call) -> Say:
        return self._listing(list(self.things.values()), call)

    @route("GET", r"/(message/\w+|r/ternway/new)")
    def nothing(self, call: Call) -> Say:
        return self._listing([], call)

    @route("GET", r"/user/TernwayCare/comments")
    def own(self, call: Call) -> Say:
        return self._listing([one for one in self.things.values() if one["author"] == "TernwayCare"], call)

    @route("GET", r"/api/info/?")
    def info(self, call: Call) -> Say:
        return self._listing(
            [one for name, one in self.things.items() if name in call.query["id"].split(",")], call
        )

    @route("POST", r"/api/comment")
    def comment(self, call: Call) -> Say:
        if self.errors:
            return Say({"json": {"errors": [self.errors.pop()]}})
        own = self.says("TernwayCare", call.form["text"], call.form["thing_id"])
        return Say({"json": {"errors": [], "data": {"things": [{"kind": "t1", "data": self.things[own]}]}}})

    @route("POST", r"/api/editusertext")
    def edit(self, call: Call) -> Say:
        thing = self.things[call.form["thing_id"]]
        thing.update(body=call.form["text"], edited=time.time())
        return Say({"json": {"errors": [], "data": {"things": [{"kind": "t1", "data": thing}]}}})

    @route("POST", r"/api/del")
    def delete(self, call: Call) -> Say:
        self.things[call.form["id"]].update(author="[deleted]", body="[deleted]")
        return Say({})

    @route("GET", r"/api/mod/conversations")
    def conversations(self, call: Call) -> Say:
        return Say({"conversations": self.talks, "messages": {}})

    @route("GET", r"/api/mod/conversations/(?P<talk>\w+)")
    def conversation(self, call: Call) -> Say:
        return self._talk(call.named["talk"])

    @route("POST", r"/api/mod/conversations/(?P<talk>\w+)")
    def answer(self, call: Call) -> Say:
        return self._talk(self.mails_us("TernwayCare", call.form["body"], call.named["talk"]))
