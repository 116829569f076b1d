"""A stand-in for the YouTube Data API v3 (comments), written from developers.google.com/youtube/v3/docs.

Read back by Google's own client, and held to the contract that it carries (test_google_client.py).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .kit import Call, Say, StandIn, route

BASE = r"(/youtube/v3)?"  # where Google's own client looks for it


class DataApi(StandIn):
    """One brand's channel UCbrand and the threads below its videos. Deleting is silent, as there."""

    def __init__(self) -> None:
        super().__init__()
        self.comments: dict[str, dict[str, Any]] = {}
        self.status: dict[str, str] = {}
        self.token, self.quota, self.count = "token-1", 10_000, 0

    def refuses(self, call: Call) -> Say | None:
        if call.bearer != self.token:
            return no(401, "authError", "Invalid Credentials")
        self.quota -= 1 if call.method == "GET" else 50
        return no(403, "quotaExceeded", "The request cannot be completed") if self.quota < 0 else None

    def says(self, channel: str, text: str, parent: str = "", status: str = "published") -> str:
        self.count += 1
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        own = f"{parent}.r{self.count}" if parent else f"UgxTOP{self.count}"
        snippet = {
            "videoId": "vid1", "textDisplay": text, "textOriginal": text, "authorDisplayName": f"@{channel}",
            "authorChannelId": {"value": f"UC{channel}"}, "publishedAt": now, "updatedAt": now,
        }  # fmt: skip
        self.comments[own] = {
            "kind": "youtube#comment",
            "id": own,
            "snippet": snippet | ({"parentId": parent} if parent else {}),
        }
        self.status[own] = status
        return own

    def below(self, root: str) -> list[dict[str, Any]]:
        return [one for one in self.comments.values() if one["snippet"].get("parentId") == root]

    @route("GET", BASE + r"/commentThreads")
    def threads(self, call: Call) -> Say:
        wanted, status = call.query.get("id", ""), call.query.get("moderationStatus", "published")
        tops = [one for one in self.comments.values() if "parentId" not in one["snippet"]]
        tops = [
            t for t in tops if (t["id"] in wanted.split(",") if wanted else self.status[t["id"]] == status)
        ][::-1]
        begin = int(call.query.get("pageToken", "0"))
        page = tops[begin : begin + int(call.query.get("maxResults", "20"))]
        items = [
            {
                "kind": "youtube#commentThread", "id": one["id"],
                "snippet": {"videoId": "vid1", "topLevelComment": one, "totalReplyCount": len(self.below(one["id"]))},
                "replies": {"comments": self.below(one["id"])[:1]},
            }
            for one in page
        ]  # fmt: skip
        more = {"nextPageToken": str(begin + len(page))} if begin + len(page) < len(tops) else {}
        return Say({"kind": "youtube#commentThreadListResponse", "items": items, **more})

    @route("GET", BASE + r"/comments")
    def replies(self, call: Call) -> Say:
        return Say({"kind": "youtube#commentListResponse", "items": self.below(call.query["parentId"])})

    @route("POST", BASE + r"/comments")
    def reply(self, call: Call) -> Say:
        snippet = call.json["snippet"]
        if snippet["parentId"] not in self.comments:
            return no(404, "commentNotFound", "gone")
        return Say(self.comments[self.says("brand", snippet["textOriginal"], snippet["parentId"])])

    @route("PUT", BASE + r"/comments")
    def edit(self, call: Call) -> Say:
        self.comments[call.json["id"]]["snippet"]["textOriginal"] = call.json["snippet"]["textOriginal"]
        return Say(self.comments[call.json["id"]])

    @route("DELETE", BASE + r"/comments")
    def delete(self, call: Call) -> Say:
        return (
            Say(status=204)
            if self.comments.pop(call.query["id"], None)
            else no(404, "commentNotFound", "gone")
        )

    @route("POST", BASE + r"/comments/setModerationStatus")
    def moderate(self, call: Call) -> Say:
        self.status[call.query["id"]] = call.query["moderationStatus"]
        return Say(status=204)


def no(status: int, reason: str, text: str) -> Say:
    return Say(
        {"error": {"code": status, "message": text, "errors": [{"reason": reason, "domain": "youtube"}]}},
        status,
    )
