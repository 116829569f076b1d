"""A stand-in for LinkedIn's Community Management API, written from its fact sheet: comments of a page and its notifications.

It is not LinkedIn, and where its documents could not be read (how a comment nests in a notification, how long tokens last) it
plays both ways: `decorated` False sends notifications without words. No second party reads it: LinkedIn's own client for Python
(linkedin-api-client) knows none of its shapes, and was last touched in 2023.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from typing import Any
from urllib.parse import unquote

import httpx

from .consents import Door
from .kit import Call, Say, StandIn, route

PAGE, RITA = "urn:li:organization:55", "urn:li:person:ab"
POST = "urn:li:activity:710"
OWN = re.compile(r"urn:li:comment:\(([^,]+),(\d+)\)")


class LinkedIn(Door, StandIn):
    """One page, one post, two levels of comments. The same words twice below one place are refused (409)."""

    def __init__(self) -> None:
        super().__init__()
        self.comments: dict[str, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []
        self.likes: list[str] = []
        self.token, self.version, self.secret, self.count = (
            "token-1",
            "202610",
            "app-secret",
            9_223_372_036_854_775_900,
        )
        self.decorated, self.role, self.hook = True, True, ""

    def refuses(self, call: Call) -> Say | None:
        if call.path.startswith("/oauth"):
            return None
        if call.bearer != self.token:
            return Say({"status": 401, "message": "Invalid access token"}, 401)
        if call.path.startswith("/rest/") and call.headers.get("linkedin-version") != self.version:
            return Say({"status": 426, "message": "Requested version is not active"}, 426)
        if call.headers.get("x-restli-protocol-version") != "2.0.0":
            return Say({"status": 400, "message": "protocol version"}, 400)
        return None

    # What people do ------------------------------------------------------------------------------------

    def says(self, who: str, text: str, parent: str = "", action: str = "COMMENT") -> str:
        self.count += 1
        own, now = f"urn:li:comment:({POST},{self.count})", int(time.time() * 1000)
        self.comments[own] = {
            "id": str(self.count), "commentUrn": own, "object": POST, "actor": who, "message": {"text": text, "attributes": []},
            "created": {"actor": who, "time": now}, "lastModified": {"actor": who, "time": now},
            **({"parentComment": parent} if parent else {}),
        }  # fmt: skip
        self.tells(action, own)
        return own

    def edits(self, own: str, text: str) -> None:
        self.comments[own]["message"]["text"] = text
        self.comments[own]["lastModified"]["time"] = int(time.time() * 1000)
        self.tells("COMMENT_EDIT", own)

    def tells(self, action: str, own: str) -> None:
        comment = self.comments.get(own, {})
        words = {"text": comment["message"]["text"], "owner": comment["actor"]} if comment else {}
        words |= {"parentComment": comment["parentComment"]} if "parentComment" in comment else {}
        self.told.append({
            "notificationId": 90_000 + len(self.told), "organizationalEntity": PAGE, "action": action,
            "sourcePost": "urn:li:share:700", "generatedActivity": own, "lastModifiedAt": int(time.time() * 1000),
            **({"decoratedGeneratedActivity": {"comment": words}} if words and self.decorated else {}),
        })  # fmt: skip

    # Webhooks ------------------------------------------------------------------------------------------

    def signed(self, body: bytes) -> str:
        return hmac.new(self.secret.encode(), b"hmacsha256=" + body, hashlib.sha256).hexdigest()

    def validates(self) -> bool:
        answer = httpx.get(self.hook, params={"challengeCode": "890e4665-4dfe"}, timeout=3).json()
        wanted = hmac.new(self.secret.encode(), b"890e4665-4dfe", hashlib.sha256).hexdigest()
        return answer == {"challengeCode": "890e4665-4dfe", "challengeResponse": wanted}

    def pushes(self, secret: str = "") -> int:
        """All that was ever told, in batches of at most ten, the last first."""
        for start in range(0, len(self.told), 10):
            batch = {
                "type": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS",
                "notifications": self.told[start : start + 10][::-1],
            }
            body = json.dumps(batch).encode()
            signed = (
                self.signed(body)
                if not secret
                else hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            )
            status = self.push(self.hook, body, {"x-li-signature": signed})
        return status

    # The API -------------------------------------------------------------------------------------------

    @route("POST", r"/oauth/v2/accessToken")
    def access_token(self, call: Call) -> Say:
        if call.form.get("client_secret") != self.secret:
            return Say({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        self.redeemed(call.form)
        return Say(
            {
                "access_token": self.token,
                "expires_in": 5_184_000,
                "scope": "r_organization_social,w_organization_social",
            }
        )

    @route("GET", r"/rest/organizations/55")
    def page(self, call: Call) -> Say:
        return Say({"id": 55, "localizedName": "Ternway", "vanityName": "ternway"})

    @route("GET", r"/rest/organizationalEntityNotifications")
    def notifications(self, call: Call) -> Say:
        if not self.role:
            return Say({"status": 403, "message": "Not enough permissions"}, 403)
        since = int(re.findall(r"start:(\d+)", call.query["timeRange"])[0])
        actions = re.findall(r"[A-Z_]+", call.query["actions"].removeprefix("List"))
        found = [one for one in self.told if one["lastModifiedAt"] >= since and one["action"] in actions]
        begin = int(call.query["start"])
        return Say({"elements": found[begin : begin + int(call.query["count"])], "paging": {"start": begin}})

    @route("PUT", r"/rest/eventSubscriptions/.+")
    def subscribe(self, call: Call) -> Say:
        self.hook = call.json["webhook"]
        return Say({})

    @route("GET", r"/rest/socialActions/(?P<place>[^/]+)/comments")
    def listed(self, call: Call) -> Say:
        place = unquote(call.named["place"])
        found = [one for one in self.comments.values() if one.get("parentComment", one["object"]) == place]
        begin = int(call.query["start"])
        return Say({"elements": found[begin : begin + int(call.query["count"])]})

    @route("GET", r"/rest/socialActions/(?P<place>[^/]+)/comments/(?P<own>\d+)")
    def one(self, call: Call) -> Say:
        found = self.comments.get(f"urn:li:comment:({unquote(call.named['place'])},{call.named['own']})")
        return Say(found) if found else Say({"status": 404, "message": "not found"}, 404)

    @route("POST", r"/rest/socialActions/(?P<place>[^/]+)/comments")
    def comment(self, call: Call) -> Say:
        place, said = unquote(call.named["place"]), call.json
        if place != POST and place not in self.comments:
            return Say({"status": 404, "message": "not found"}, 404)
        beside = [one for one in self.comments.values() if one.get("parentComment", one["object"]) == place]
        if any(
            one["message"]["text"] == said["message"]["text"] and one["actor"] == said["actor"]
            for one in beside
        ):
            return Say({"status": 409, "message": "Duplicate comment"}, 409)
        own = self.says(
            said["actor"], said["message"]["text"], said.get("parentComment", ""), "ADMIN_COMMENT"
        )
        return Say(self.comments[own], 201, {"x-restli-id": self.comments[own]["id"]})

    @route("POST", r"/rest/socialActions/(?P<place>[^/]+)/comments/(?P<own>\d+)")
    def patch(self, call: Call) -> Say:
        assert call.headers["x-restli-method"] == "PARTIAL_UPDATE"
        own = f"urn:li:comment:({unquote(call.named['place'])},{call.named['own']})"
        self.edits(own, call.json["patch"]["message"]["$set"]["text"])
        return Say(b"", 204)

    @route("DELETE", r"/rest/socialActions/(?P<place>[^/]+)/comments/(?P<own>\d+)")
    def delete(self, call: Call) -> Say:
        own = f"urn:li:comment:({unquote(call.named['place'])},{call.named['own']})"
        if not self.comments.pop(own, None):
            return Say({"status": 404, "message": "not found"}, 404)
        self.tells("COMMENT_DELETE", own)
        return Say(b"", 204)

    @route("POST", r"/rest/reactions")
    def like(self, call: Call) -> Say:
        self.likes.append(call.json["root"])
        return Say({}, 201)
