"""A stand-in for the Graph API: Pages, Messenger, Instagram and the Cloud API of WhatsApp, on a port of this machine.

It is written from the documentation that the adapters were written from, so it proves that Hark keeps to what Hark believes; it is
not Meta. It keeps a ledger of what was published, the windows, the one private reply, Meta's error codes and echoes, and does
wrong what a test asks it to (`fails`, `goes_wrong`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import timedelta
from email.parser import BytesParser
from typing import Any
from urllib.parse import unquote

from .consents import Door
from .kit import Call, Fault, Say, StandIn
from .meta_world import ACCOUNT, NUMBER, PAGE, SECRET, World

TOKENS = {"page-token": PAGE, "insta-token": ACCOUNT, "cloud-token": NUMBER}
VERSION = "/v26.0/"
WIRE = {
    "429": "429 bare",
    "lost": "500 after",
    "cut": "truncated",
    "garbled": "malformed",
    "broken": "reset after",
}
DAY, WEEK = timedelta(hours=24), timedelta(days=7)


class Said(Exception):
    """An error as the API tells it."""

    def __init__(
        self, code: int, text: str, *, subcode: int = 0, status: int = 400, minutes: int = 0
    ) -> None:
        self.status = status
        self.body = {
            "error": {
                "message": f"(#{code}) {text}",
                "type": "OAuthException",
                "code": code,
                "error_subcode": subcode,
            }
        }
        self.headers = (
            {
                "X-Business-Use-Case-Usage": json.dumps(
                    {PAGE: [{"type": "pages", "estimated_time_to_regain_access": minutes}]}
                )
            }
            if minutes
            else {}
        )


class Meta(World, Door, StandIn):
    """The API over that world: who may do what, and what goes wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger: list[tuple[str, str]] = []  # what the brand published: where, words
        self.sent: list[dict[str, Any]] = []  # bodies of messages as they came
        self.replied: set[str] = set()  # comments that have had their private reply
        self.known_as: dict[str, str] = {}  # commenter: the same person in private
        self.hidden: set[str] = set()
        self.liked: list[str] = []
        self.subscribed: list[str] = []
        self.fields: list[str] = []
        self.echoes: list[dict[str, Any]] = []  # webhooks that are on their way
        self.wrongs: list[tuple[re.Pattern[str], str]] = []
        self.how = ""  # what is wrong with the call that is being answered
        self.tokens = dict(TOKENS)
        self.people: dict[str, list[str]] = {}  # tokens of persons: the Pages they may act for
        self.by_itself = False  # codes are Instagram's own

    def goes_wrong(self, call: str, how: str, times: int = 1) -> None:
        """The next calls that match go wrong: Graph's own throttled, busy (nothing done) and revoked; 429, lost (done, then
        500), cut, garbled and broken are faults of the wire (kit.py)."""
        self.wrongs += [(re.compile(call), how)] * times

    @property
    def called(self) -> list[str]:
        return [f"{call.method} {call.path.removeprefix(VERSION)}" for call in self.calls]

    def answer(
        self, method: str, path: str, query: dict[str, str], body: dict[str, Any], token: str
    ) -> dict[str, Any]:
        """What the API answers; raises Said."""
        if token not in self.tokens:
            raise Said(190, "Error validating access token: the session has been invalidated")
        proof = hmac.new(SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if query.get("appsecret_proof") != proof:
            raise Said(100, "Invalid appsecret_proof provided in the API argument")
        if path == "me/accounts":
            return {
                "data": [{"id": PAGE, "name": "Ternway", "access_token": page} for page in self.people[token]]
            }
        me, ids = self.tokens[token], [unquote(part) for part in path.split("/")]
        edge = ids[1] if len(ids) > 1 else ""
        if edge == "messages":
            return self._send(me, body)
        if method == "GET":
            return self._read(me, ids[0], edge, query)
        if edge == "subscribed_apps":
            self.subscribed.append(ids[0])
            self.fields = str(body.get("subscribed_fields", "")).split(",")
            return {"success": True}
        if edge in ("photos", "media"):
            return {"id": f"upload{self._next()}"}
        if edge in ("comments", "replies", "mentions"):
            return self._publish(me, ids[0], body)
        if edge == "likes":
            self.liked.append(body.get("comment_id") or self._there(ids[0])["id"])
            return {"success": True}
        one = self._there(ids[0])
        if method == "DELETE":
            del self.said[ids[0]]
            return {"success": True}
        if "message" in body:
            if one["who"] != me:
                raise Said(200, "Permissions error: only one's own comments can be edited", status=403)
            one["text"] = body["message"]
        hide = body.get("is_hidden", body.get("hide"))
        if hide is not None:
            (self.hidden.add if hide else self.hidden.discard)(ids[0])
        return {"success": True}

    def _token(self, path: str, asked: dict[str, str]) -> Say:
        """A code becomes a token that lasts an hour, that one a token that lasts, and Instagram's is renewed."""
        if asked.get("client_secret") != SECRET:
            raise Said(101, "Error validating client secret.")
        if "code" in asked:
            self.redeemed(asked)
            short = f"short-{self._next()}"
            self.people[short] = ["page-token"]
            answer = {"access_token": short, "expires_in": 3600}
            return Say({"data": [answer]} if self.by_itself else answer)
        if asked["grant_type"] not in ("fb_exchange_token", "ig_exchange_token", "ig_refresh_token"):
            raise Said(100, "Unknown grant_type")
        before = asked.get("fb_exchange_token") or asked.get("access_token") or ""
        pages = self.people.pop(before, None)
        if pages is None:
            raise Said(190, "Error validating access token")
        long = f"long-{self._next()}"
        self.people[long] = pages
        self.tokens[long] = ACCOUNT
        return Say({"access_token": long, "expires_in": 5_184_000})

    def _there(self, here: str) -> dict[str, Any]:
        if here not in self.said:
            raise Said(100, f"Object with ID '{here}' does not exist", subcode=33)
        return self.said[here]

    def _publish(self, me: str, below: str, body: dict[str, Any]) -> dict[str, Any]:
        above = self.said.get(below)
        if above is None and below != me and not below.startswith((f"{PAGE}_", "179")):
            raise Said(100, f"Object with ID '{below}' does not exist", subcode=33)
        post = above["post"] if above else below
        here = f"{post.rpartition('_')[2]}_{self._next()}" if me == PAGE else f"180000{self._next()}"
        name = "Ternway" if me == PAGE else "ternway"
        self._keep(here, me, name, body["message"], post, below if above else "")
        self.ledger.append((below, body["message"]))
        change = (
            self._page_change("feed", self._comment(here, "add"))
            if me == PAGE
            else self._instagram_comment(here)
        )
        self.echoes.append(change)
        return {"id": here}

    def _send(self, me: str, body: dict[str, Any]) -> dict[str, Any]:
        self.sent.append(body)
        if me == NUMBER:
            return self._send_cloud(body)
        if body.get("sender_action"):
            return {"recipient_id": body["recipient"]["id"]}
        to = body["recipient"]
        if comment := to.get("comment_id") or to.get("post_id"):
            one = self._there(comment)
            if comment in self.replied:
                raise Said(10900, "Activity already replied to")
            if self.now - one["at"] > WEEK:
                raise Said(10, "This message is sent outside of allowed window.", subcode=2018278)
            self.replied.add(comment)
            person = self.known_as.get(one["who"], one["who"])
        else:
            person = to["id"]
            tagged = body.get("tag") == "HUMAN_AGENT"
            last = self.heard_at.get(person)
            if last is None or self.now - last > (WEEK if tagged else DAY):
                raise Said(10, "This message is sent outside of allowed window.", subcode=2018278)
        words = body["message"].get("text", "")
        mid = f"m_{self._next()}"
        self.messages.append({"id": mid, "person": person, "from": me, "text": words, "at": self.now})
        self.ledger.append((person, words))
        echo = {
            "mid": mid,
            "text": words,
            "is_echo": True,
            "app_id": 77,
            "metadata": body["message"].get("metadata", ""),
        }
        self.echoes.append(
            self._messaging({"sender": {"id": me}, "recipient": {"id": person}, "message": echo}, me)
        )
        return {"recipient_id": person, "message_id": mid}

    def _send_cloud(self, body: dict[str, Any]) -> dict[str, Any]:
        to = body.get("to") or body["recipient"]
        last = self.heard_at.get(to)
        if body["type"] != "template" and (last is None or self.now - last > DAY):
            raise Said(131047, "Re-engagement message")
        words = body.get("text", {}).get("body") or body.get("image", {}).get("caption") or ""
        if body["type"] == "template":
            words = body["template"]["components"][0]["parameters"][0]["text"]
        here = f"wamid.{self._next()}"
        if body["type"] != "reaction":
            self.ledger.append((to, words))
        status = {
            "id": here,
            "status": "sent",
            "timestamp": str(int(self.now.timestamp())),
            "recipient_id": to,
        }
        self.echoes.append(self._cloud({"statuses": [status]}))
        return {"messaging_product": "whatsapp", "contacts": [{"input": to}], "messages": [{"id": here}]}

    def _read(self, me: str, about: str, edge: str, query: dict[str, str]) -> dict[str, Any]:
        if edge in ("comments", "replies"):
            below = [one for one in self.said.values() if about in (one["below"], one["post"])]
            return {"data": [self._shown(one, me) for one in below]}
        if edge in ("feed", "media"):
            posts = dict.fromkeys(
                one["post"] for one in self.said.values() if one["post"].startswith(PAGE) == (me == PAGE)
            )
            return {
                "data": [{"id": post, "comments": self._read(me, post, "comments", {})} for post in posts]
            }
        if edge == "subscribed_apps":
            told = {"subscribed_fields": self.fields} if me != NUMBER else {}
            return {"data": [{"id": "77", **told}] if self.subscribed else []}
        if edge == "conversations":
            people = dict.fromkeys(message["person"] for message in self.messages)
            wanted = [person for person in people if query.get("user_id", person) == person]
            return {"data": [self._conversation(person) for person in wanted]}
        if "instagram_business_account" in query.get("fields", ""):
            return {
                "instagram_business_account": {"id": ACCOUNT, "username": "ternway", "name": "Ternway"},
                "id": PAGE,
            }
        if me == NUMBER:
            return {"id": about, "display_phone_number": "+351 21 000 0000", "verified_name": "Ternway"}
        if me == ACCOUNT:
            return {"user_id": ACCOUNT, "username": "ternway", "name": "Ternway"}
        return {"id": PAGE, "name": "Ternway", "username": "ternway", "category": "Airline"}

    def _shown(self, one: dict[str, Any], me: str) -> dict[str, Any]:
        at = one["at"].strftime("%Y-%m-%dT%H:%M:%S+0000")
        who, below = {"id": one["who"]}, one["below"]
        if me == ACCOUNT:
            shown = {
                "id": one["id"],
                "text": one["text"],
                "timestamp": at,
                "username": one["name"],
                "from": who,
            }
            return shown | ({"parent_id": below} if below else {})
        shown = {
            "id": one["id"],
            "message": one["text"],
            "created_time": at,
            "from": {**who, "name": one["name"]},
        }
        return shown | {"is_hidden": one["id"] in self.hidden} | ({"parent": {"id": below}} if below else {})

    def _conversation(self, person: str) -> dict[str, Any]:
        mine = [message for message in self.messages if message["person"] == person][::-1]
        shown = [
            {
                "id": one["id"], "message": one["text"], "from": {"id": one["from"]}, "to": {"data": [{"id": person}]},
                "created_time": one["at"].strftime("%Y-%m-%dT%H:%M:%S+0000"),
            }
            for one in mine[:20]
        ]  # fmt: skip
        return {"id": f"t_{person}", "updated_time": shown[0]["created_time"], "messages": {"data": shown}}

    def _fault(self, call: Call) -> Fault | None:
        self.how = ""
        for index, (pattern, how) in enumerate(self.wrongs):
            if pattern.search(f"{call.method} {call.path.removeprefix(VERSION)}"):
                del self.wrongs[index]
                if how in WIRE:
                    return Fault(WIRE[how], "", 0, 0)
                self.how = how
                return None
        return super()._fault(call)

    def _answer(self, call: Call) -> Say:
        try:
            if self.how == "throttled":
                raise Said(613, "Calls to this api have exceeded the rate limit.", minutes=7)
            if self.how == "busy":
                raise Said(2, "Service temporarily unavailable")
            if self.how == "revoked":
                raise Said(190, "Error validating access token: the session has been invalidated")
            if found := re.fullmatch(
                r"(?:/v26.0)?/(oauth/access_token|access_token|refresh_access_token)", call.path
            ):
                return self._token(found[1], {**call.query, **(call.form if call.raw else {})})
            told = body_of(call.raw, call.headers.get("content-type", ""))
            return Say(
                self.answer(call.method, call.path.removeprefix(VERSION), dict(call.query), told, call.bearer)
            )
        except Said as error:
            return Say(error.body, error.status, error.headers)


def body_of(raw: bytes, content_type: str) -> dict[str, Any]:
    """The fields of a request, JSON or a form with files; a field of a form that holds an object is JSON."""
    if not raw:
        return {}
    if content_type.startswith("application/json"):
        found: dict[str, Any] = json.loads(raw)
        return found
    whole = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
    fields: dict[str, Any] = {}
    for part in whole.get_payload():
        name = str(part.get_param("name", header="content-disposition"))  # type: ignore[union-attr]
        content = part.get_payload(decode=True)  # type: ignore[union-attr]
        if part.get_filename() is None:  # type: ignore[union-attr]
            text = content.decode()  # type: ignore[union-attr]
            fields[name] = json.loads(text) if text.startswith("{") else text
    return fields
