"""A STAND-IN for Twilio's REST API, written by us from its documentation: it is not Twilio, and agrees with us by birth.

It knows one account and one number, keeps what is sent and what came in, and calls webhooks signed as Twilio signs them.
`next`: (status, body) of the next answers instead of the right ones, for refusals that have a code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from email.utils import formatdate
from typing import Any
from urllib.parse import urlencode

from .kit import Call, Say, StandIn, route

HOME = r"/2010-04-01/Accounts/AC01"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


class Twilio(StandIn):
    sid, token, number = "AC01", "the auth token", "+351210000000"

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, str]] = []
        self.heard: list[dict[str, Any]] = []
        self.next: list[tuple[Any, ...]] = []
        self.page_size = 100

    def writes(
        self, who: str, text: str, *, media: tuple[str, ...] = (), before: float = 0
    ) -> dict[str, Any]:
        """A customer's message; `before` seconds ago. It is in the list, and pushed only by `pushes`."""
        sid = f"SMin{len(self.heard):028x}"
        at = formatdate(time.time() - before)
        self.heard.append(
            {"sid": sid, "from": who, "to": self.number, "body": text, "direction": "inbound", "date_created": at,
             "num_media": str(len(media)), "media": [{"sid": f"ME{n}", "content_type": t} for n, t in enumerate(media)]}
        )  # fmt: skip
        return self.heard[-1]

    def pushes(self, message: dict[str, Any], hook: str) -> tuple[bytes, dict[str, str]]:
        """The webhook's body and headers: X-Twilio-Signature over the address and the sorted fields."""
        fields = {
            "MessageSid": message["sid"], "From": message["from"], "To": message["to"], "Body": message["body"],
            "NumMedia": message["num_media"],
        }  # fmt: skip
        signed = hook + "".join(name + value for name, value in sorted(fields.items()))
        proof = base64.b64encode(
            hmac.new(self.token.encode(), signed.encode(), hashlib.sha1).digest()
        ).decode()
        kind = "application/x-www-form-urlencoded"
        return urlencode(fields).encode(), {"x-twilio-signature": proof, "content-type": kind}

    @route("GET", r"/store/\w+")
    def store(self, call: Call) -> Say:
        return Say(PICTURE, headers={"content-type": "image/png"})

    def refuses(self, call: Call) -> Say | None:
        if call.path.startswith("/store/"):
            assert "authorization" not in call.headers, "the sign-in went to the store"
            return None
        if self.next:
            status, body, *headers = self.next.pop(0)
            return Say(body, status, headers[0] if headers else {})
        given = base64.b64decode(call.headers.get("authorization", "").removeprefix("Basic ")).decode()
        wrong = {"code": 20003, "message": "Authenticate", "status": 401}
        return None if given == f"{self.sid}:{self.token}" else Say(wrong, 401)

    @route("POST", HOME + r"/Messages\.json")
    def send(self, call: Call) -> Say:
        sid = f"SM{len(self.sent) + 1:032x}"
        self.sent.append({**call.form, "sid": sid, "date_created": formatdate()})
        return Say({"sid": sid, "status": "queued"}, 201)

    @route("GET", HOME + r"/Messages\.json")
    def listed(self, call: Call) -> Say:
        to, begin = call.query.get("To"), int(call.query.get("Page", 0))
        sent = [
            {**one, "body": one["Body"], "direction": "outbound-api"} for one in self.sent if one["To"] == to
        ]
        found = [one for one in reversed(self.heard) if one["to"] == to] + sent[::-1]
        page = found[begin * self.page_size : (begin + 1) * self.page_size]
        more = (begin + 1) * self.page_size < len(found)
        following = "/2010-04-01/Accounts/AC01/Messages.json?" + urlencode({"To": to, "Page": begin + 1})
        return Say({"messages": page, "next_page_uri": following if more else None})

    @route("GET", HOME + r"/Messages/(?P<sid>\w+)/Media\.json")
    def media(self, call: Call) -> Say:
        return Say(
            {"media_list": next(one["media"] for one in self.heard if one["sid"] == call.named["sid"])}
        )

    @route("GET", HOME + r"/Messages/(?P<sid>\w+)/Media/(?P<medium>\w+)")
    def medium(self, call: Call) -> Say:
        """The provider's store, which is behind another address and asks for no sign-in."""
        return Say(status=307, headers={"location": f"{self.url}/store/{call.named['medium']}"})

    @route("GET", HOME + r"/IncomingPhoneNumbers\.json")
    def numbers(self, call: Call) -> Say:
        found = [{"phone_number": self.number}] if call.query.get("PhoneNumber") == self.number else []
        return Say({"incoming_phone_numbers": found})
