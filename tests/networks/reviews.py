"""Stand-ins for three review sites, written from their documentation. One answer to a review; a second takes its place.

Google Business Profile v4, Android Publisher v3 ("Reply to Reviews"), App Store Connect v1. The tokens that Hark signs are
checked by PyJWT with the public half of its key, as the sites would. Google Play, and the accounts and places of Business
Profile, are read back by Google's own client (test_google_client.py); the reviews of Business Profile are in no public contract.
For the App Store there is asconnect (Microsoft), read by hand in version 7.1: it holds cryptography below what the product needs.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from .kit import Call, Say, StandIn, route

PLACE = "accounts/111/locations/222"
PACKAGE, APP = "com.ternway.app", "1234567890"


@cache
def key_of(kind: str) -> Any:
    return (
        ec.generate_private_key(ec.SECP256R1()) if kind == "ES256" else rsa.generate_private_key(65537, 2048)
    )


def pem_of(kind: str) -> str:
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key_of(kind).private_bytes(serialization.Encoding.PEM, *form).decode()


class ReviewSite(StandIn):
    """Reviews by id, newest change first in lists. `locked`: whoever calls is let in no more."""

    slug: ClassVar[str]
    answering: ClassVar[str]  # what an answer's call looks like
    listing: ClassVar[str]
    per_page: ClassVar[int]

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, dict[str, Any]] = {}
        self.token, self.count, self.hidden, self.locked = "token-1", 0, False, False

    def says(self, name: str, stars: int, words: str, title: str = "") -> str:
        self.count += 1
        own = f"rev{self.count}"
        self.rows[own] = {
            "name": name,
            "stars": stars,
            "words": words,
            "title": title,
            "made": now(),
            "changed": now(),
        }
        return own

    def changes(self, own: str, stars: int, words: str) -> None:
        self.rows[own] |= {"stars": stars, "words": words, "changed": now()}

    def removes(self, own: str) -> None:
        del self.rows[own]

    def answer(self, own: str) -> str | None:
        """What stands below a review for everybody to read."""
        found = self.rows[own].get("answer")
        return found["words"] if found else None

    def put(self, own: str, words: str, state: str) -> dict[str, Any]:
        self.rows[own]["answer"] = {"words": words, "at": now(), "state": state}
        return self.rows[own]["answer"]

    def newest(self) -> list[str]:
        if self.hidden:
            return []
        return sorted(self.rows, key=lambda own: self.rows[own]["changed"], reverse=True)

    def page(self, start: str, asked: str) -> tuple[list[str], str]:
        begin, size = int(start or 0), min(int(asked), self.per_page)
        found = self.newest()
        return found[begin : begin + size], str(begin + size) if begin + size < len(found) else ""


def now() -> datetime:
    time.sleep(0.001)  # no two changes at one moment
    return datetime.now(UTC)


def iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


class Maps(ReviewSite):
    """Google Business Profile: what an answer's moderation says is up to the test (`verdict`)."""

    slug, answering, listing, per_page = "google_business", "PUT /v4/", f"GET /v4/{PLACE}/reviews", 50
    STARS: ClassVar = ["STAR_RATING_UNSPECIFIED", "ONE", "TWO", "THREE", "FOUR", "FIVE"]
    verdict = "APPROVED"

    def refuses(self, call: Call) -> Say | None:
        good = call.bearer == self.token and not self.locked
        return None if good else no_google(401, "UNAUTHENTICATED", "invalid credentials")

    def shown(self, own: str) -> dict[str, Any]:
        row = self.rows[own]
        found: dict[str, Any] = {
            "name": f"{PLACE}/reviews/{own}", "reviewId": own, "reviewer": {"displayName": row["name"], "isAnonymous": False},
            "starRating": self.STARS[row["stars"]], "createTime": iso(row["made"]), "updateTime": iso(row["changed"]),
        }  # fmt: skip
        if row["words"]:
            found["comment"] = row["words"]
        if "answer" in row:
            found["reviewReply"] = self.reply(row["answer"])
        return found

    def reply(self, answer: dict[str, Any]) -> dict[str, Any]:
        why = {"policyViolation": answer["why"]} if "why" in answer else {}
        return {
            "comment": answer["words"],
            "updateTime": iso(answer["at"]),
            "reviewReplyState": answer["state"],
            **why,
        }

    @route("GET", r"/v1/accounts")
    def accounts(self, call: Call) -> Say:
        return Say({"accounts": [{"name": "accounts/111", "accountName": "Ternway"}]})

    @route("GET", r"/v1/accounts/111/locations")
    def locations(self, call: Call) -> Say:
        assert call.query["readMask"]
        rossio = {
            "name": "locations/222",
            "title": "Ternway Rossio",
            "storefrontAddress": {"addressLines": ["Rossio 1"]},
        }
        return Say({"locations": [rossio, {"name": "locations/333", "title": "Ternway Porto"}]})

    @route("GET", rf"/v4/{PLACE}/reviews")
    def reviews(self, call: Call) -> Say:
        assert call.query.get("orderBy", "updateTime desc") == "updateTime desc"
        found, following = self.page(call.query.get("pageToken", ""), call.query["pageSize"])
        more = {"nextPageToken": following} if following else {}
        return Say(
            {"reviews": [self.shown(own) for own in found], "totalReviewCount": len(self.rows), **more}
        )

    @route("GET", rf"/v4/{PLACE}/reviews/(?P<own>\w+)")
    def review(self, call: Call) -> Say:
        own = call.named["own"]
        return Say(self.shown(own)) if own in self.rows else no_google(404, "NOT_FOUND", "gone")

    @route("PUT", rf"/v4/{PLACE}/reviews/(?P<own>\w+)/reply")
    def update_reply(self, call: Call) -> Say:
        own, words = call.named["own"], call.json["comment"]
        if own not in self.rows:
            return no_google(404, "NOT_FOUND", "gone")
        if len(words.encode()) > 4096:
            return no_google(400, "INVALID_ARGUMENT", "too long")
        return Say(self.reply(self.put(own, words, self.verdict)))

    @route("DELETE", rf"/v4/{PLACE}/reviews/(?P<own>\w+)/reply")
    def delete_reply(self, call: Call) -> Say:
        self.rows[call.named["own"]].pop("answer", None)
        return Say({})


class Play(ReviewSite):
    """Android Publisher: tokens for a signed assertion; titles stand before a tab; nothing can be taken back."""

    slug, answering, listing, per_page = (
        "google_play",
        ":reply",
        f"GET /androidpublisher/v3/applications/{PACKAGE}/reviews",
        100,
    )
    HOME = rf"/androidpublisher/v3/applications/{PACKAGE}/reviews"

    def refuses(self, call: Call) -> Say | None:
        if call.path == "/token":
            return Say({"error": "invalid_grant"}, 400) if self.locked else None
        if call.bearer == self.token and not self.locked:
            return None
        return no_google(401, "UNAUTHENTICATED", "invalid credentials")

    @route("POST", r"/token")
    def tokens(self, call: Call) -> Say:
        assert call.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        told = jwt.decode(
            call.form["assertion"],
            key_of("RS256").public_key(),
            ["RS256"],
            audience=f"{self.url}/token",
        )
        assert told["scope"].endswith("androidpublisher")
        return Say({"access_token": self.token, "expires_in": 3600, "token_type": "Bearer"})

    def shown(self, own: str) -> dict[str, Any]:
        row = self.rows[own]
        words = f"{row['title']}\t{row['words']}" if row["title"] else row["words"]
        said = {
            "text": words,
            "lastModified": unix(row["changed"]),
            "starRating": row["stars"],
            "reviewerLanguage": "en",
        }
        comments: list[dict[str, Any]] = [{"userComment": said}]
        if answer := row.get("answer"):
            comments.append(
                {"developerComment": {"text": answer["words"], "lastModified": unix(answer["at"])}}
            )
        return {"reviewId": own, "authorName": row["name"], "comments": comments}

    @route("GET", HOME)
    def reviews(self, call: Call) -> Say:
        found, following = self.page(call.query.get("token", ""), call.query["maxResults"])
        more = {"tokenPagination": {"nextPageToken": following}} if following else {}
        return Say({"reviews": [self.shown(own) for own in found], **more} if found else {})

    @route("GET", HOME + r"/(?P<own>\w+)")
    def review(self, call: Call) -> Say:
        own = call.named["own"]
        return Say(self.shown(own)) if own in self.rows else no_google(404, "NOT_FOUND", "gone")

    @route("POST", HOME + r"/(?P<own>\w+):reply")
    def reply(self, call: Call) -> Say:
        own, words = call.named["own"], call.json["replyText"]
        if own not in self.rows:
            return no_google(404, "NOT_FOUND", "gone")
        if len(words) > 350:
            return no_google(400, "INVALID_ARGUMENT", "the reply is too long")
        answer = self.put(own, words, "")
        return Say({"result": {"replyText": words, "lastEdited": unix(answer["at"])}})


class Connect(ReviewSite):
    """App Store Connect: a token is checked with each call; an answer is pending until the test says otherwise."""

    slug, answering, listing, per_page = (
        "app_store",
        "POST /v1/customerReviewResponses",
        f"GET /v1/apps/{APP}/customerReviews",
        200,
    )

    def refuses(self, call: Call) -> Say | None:
        try:
            told = jwt.decode(
                call.bearer, key_of("ES256").public_key(), ["ES256"], audience="appstoreconnect-v1"
            )
            head = jwt.get_unverified_header(call.bearer)
            good = told["iss"] == "issuer" and head["kid"] == "KEY1" and told["exp"] - time.time() <= 1200
        except jwt.PyJWTError:
            good = False
        return (
            None
            if good and not self.locked
            else no_apple(401, "NOT_AUTHORIZED", "Provide a properly configured token")
        )

    def newest(self) -> list[str]:
        """By creation: an edited review stays where it was."""
        return [] if self.hidden else sorted(self.rows, key=lambda own: self.rows[own]["made"], reverse=True)

    def shown(self, own: str) -> dict[str, Any]:
        row = self.rows[own]
        said = {
            "rating": row["stars"], "title": row["title"], "body": row["words"], "reviewerNickname": row["name"],
            "createdDate": iso(row["made"]), "territory": "PRT",
        }  # fmt: skip
        url = f"{self.url}/v1/customerReviews/{own}"
        related: dict[str, Any] = {
            "links": {"self": f"{url}/relationships/response", "related": f"{url}/response"}
        }
        if "answer" in row:
            related["data"] = {"type": "customerReviewResponses", "id": f"resp-{own}"}
        return {
            "type": "customerReviews",
            "id": own,
            "attributes": said,
            "relationships": {"response": related},
            "links": {"self": url},
        }

    def response(self, own: str) -> dict[str, Any]:
        answer = self.rows[own]["answer"]
        told = {
            "responseBody": answer["words"],
            "lastModifiedDate": iso(answer["at"]),
            "state": answer["state"],
        }
        return {"type": "customerReviewResponses", "id": f"resp-{own}", "attributes": told}

    @route("GET", rf"/v1/apps/{APP}")
    def app(self, call: Call) -> Say:
        return Say(
            {"data": {"type": "apps", "id": APP, "attributes": {"name": "Ternway", "bundleId": PACKAGE}}}
        )

    @route("GET", rf"/v1/apps/{APP}/customerReviews")
    def reviews(self, call: Call) -> Say:
        assert call.query.get("sort", "-createdDate") == "-createdDate"
        limit = call.query.get("limit", "50")
        found, following = self.page(call.query.get("cursor", ""), limit)
        url = f"{self.url}/v1/apps/{APP}/customerReviews?limit={limit}&include=response&sort=-createdDate"
        links = {"self": url, **({"next": f"{url}&cursor={following}"} if following else {})}
        included = [self.response(own) for own in found if "answer" in self.rows[own]]
        return Say({"data": [self.shown(own) for own in found], "included": included, "links": links})

    @route("GET", r"/v1/customerReviews/(?P<own>\w+)")
    def review(self, call: Call) -> Say:
        own = call.named["own"]
        if own not in self.rows:
            return no_apple(404, "NOT_FOUND", "There is no resource of type customerReviews with this id")
        return Say(
            {"data": self.shown(own), "included": [self.response(own)] if "answer" in self.rows[own] else []}
        )

    @route("POST", r"/v1/customerReviewResponses")
    def respond(self, call: Call) -> Say:
        data = call.json["data"]
        own, words = data["relationships"]["review"]["data"]["id"], data["attributes"]["responseBody"]
        if own not in self.rows:
            return no_apple(404, "NOT_FOUND", "gone")
        self.put(own, words, "PENDING_PUBLISH")
        return Say({"data": self.response(own)}, 201)

    @route("DELETE", r"/v1/customerReviewResponses/resp-(?P<own>\w+)")
    def delete(self, call: Call) -> Say:
        self.rows[call.named["own"]].pop("answer", None)
        return Say(status=204)


def unix(at: datetime) -> dict[str, Any]:
    return {"seconds": str(int(at.timestamp())), "nanos": at.microsecond * 1000}


def no_google(status: int, name: str, text: str) -> Say:
    return Say({"error": {"code": status, "status": name, "message": text}}, status)


def no_apple(status: int, code: str, text: str) -> Say:
    return Say({"errors": [{"status": str(status), "code": code, "title": code, "detail": text}]}, status)


SITES = (Maps, Play, Connect)
