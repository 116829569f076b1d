"""Calls to the Business Profile APIs: reviews are still v4, accounts and places are v1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.abilities import Finding
from hark.channels.base import Capabilities, Connection, Failure, NeedsReconnect, Receipt, Refused
from hark.channels.http import Line, SaidNo
from hark.channels.networks.reviews.site import Found, answer_id, items, listed, page, stamp
from hark.channels.shapes import JSON, inner, instant, text

from . import reading

LABEL = "Google Business"
REVIEWS = "https://mybusiness.googleapis.com/v4"
ACCOUNTS = "https://mybusinessaccountmanagement.googleapis.com/v1"
PLACES = "https://mybusinessbusinessinformation.googleapis.com/v1"


def line(connection: Connection) -> Line:
    token = str(connection.credentials.get("access") or "")
    if not token:
        raise NeedsReconnect(_("This account has no access token stored."))
    home = str(connection.settings.get("server") or REVIEWS).rstrip("/")
    return Line(LABEL, connection, home, {"authorization": f"Bearer {token}"}, final)


def final(problem: SaidNo) -> NeedsReconnect | Refused:
    """{error: {code, status, message}}: https://cloud.google.com/apis/design/errors."""
    error = problem.body.get("error")
    said = str(error.get("message") or "")[:300] if isinstance(error, dict) else ""
    if problem.status == 401:
        return NeedsReconnect(_("Google no longer lets us in (%s).") % (said or "401"))
    if problem.status in (404, 410):
        return Refused("gone", _("The review is no longer there on Google."))
    return Refused("never", said or _("Google refused it (%d).") % problem.status)


class Place:
    """One place's reviews. `accounts/a/locations/l` is its name here."""

    poll_seconds, most_pages, lists_all = 900.0, 20, True

    def __init__(self, connection: Connection) -> None:
        self.name, self.line = connection.external_id, line(connection)

    def pages(self, start: str) -> Iterator[tuple[list[Found], str]]:
        while True:
            asked = {
                "pageSize": "50",
                "orderBy": "updateTime desc",
                **({"pageToken": start} if start else {}),
            }
            with self.line.reading("reviews") as call:
                told = page(call("GET", f"/{self.name}/reviews", params=asked))
                found = listed(items(told, "reviews"), reading.found)
                start = text(told, "nextPageToken")
            yield found, start
            if not start:
                return

    def is_there(self, review: str) -> bool:
        return self._review(review) is not None

    def answer(self, review: str, words: str) -> Receipt:
        with self.line.writing("answer") as call:
            told = call("PUT", f"/{self._own(review)}/reply", json={"comment": words}).body
            return _receipt(review, told)

    def answered(self, review: str) -> tuple[str, Receipt] | None:
        found = self._review(review)
        reply = inner(found or {}, "reviewReply")
        return (text(reply, "comment"), _receipt(review, reply)) if reply else None

    def withdraw(self, review: str, facts: Mapping[str, Any]) -> None:
        with self.line.writing("withdraw") as call:
            call("DELETE", f"/{self._own(review)}/reply")

    def findings(self) -> list[Finding]:
        try:
            with self.line.reading("test") as call:
                told = call("GET", f"/{self.name}/reviews", params={"pageSize": "1"}).body
        except NeedsReconnect:
            raise
        except Failure as problem:
            return [Finding(False if isinstance(problem, Refused) else None, str(problem))]
        first = Finding(True, _("Reviews can be read."))
        if not items(told, "reviews"):
            first = Finding(None, _("Google lists no review: there is none yet, or the place is suspended."))
        return [
            first,
            Finding(
                None,
                _("Google takes answers for verified places only, and looks at each before it shows it."),
            ),
        ]

    def _review(self, review: str) -> JSON | None:
        try:
            with self.line.reading("review") as call:
                return call("GET", f"/{self._own(review)}").body
        except Refused as problem:
            if problem.code == "gone":
                return None
            raise

    def _own(self, review: str) -> str:
        """Only reviews of this very place are ever asked for."""
        if not reading.NAME.fullmatch(review) or not review.startswith(f"{self.name}/reviews/"):
            raise Refused("gone", _("That is no review of this place."))
        return review


def _receipt(review: str, reply: JSON) -> Receipt:
    state = str(reply.get("reviewReplyState") or "")[:40]
    at = instant(text(reply, "updateTime"))
    return Receipt(
        answer_id(review), review, at=at, version=f"{stamp(at)} 0", facts=reading.facts(review, state)
    )


def places(token: str) -> list[tuple[str, str, str]]:
    """(name in v4, title, address) of every place that this sign-in manages. Raises the failures of a call."""
    nobody = Connection(0, "connecting", "", {}, {}, Capabilities(LABEL, "n-google"))
    asking = Line(LABEL, nobody, "", {"authorization": f"Bearer {token}"}, final)
    found = []
    for account in _all(asking, f"{ACCOUNTS}/accounts", "accounts", {}):
        name = text(account, "name")
        mask = {"readMask": "name,title,storefrontAddress,metadata", "pageSize": "100"}
        for place in _all(asking, f"{PLACES}/{name}/locations", "locations", mask):
            lines = inner(place, "storefrontAddress").get("addressLines")
            street = ", ".join(map(str, lines)) if isinstance(lines, list) else ""
            found.append((f"{name}/{text(place, 'name')}", text(place, "title"), street))
    return found


def _all(asking: Line, url: str, kind: str, params: dict[str, str]) -> Iterator[JSON]:
    start = ""
    for _page in range(100):
        with asking.reading("connect") as call:
            told = call("GET", url, params={**params, **({"pageToken": start} if start else {})}).body
        yield from items(told, kind)
        start = text(told, "nextPageToken")
        if not start:
            return
