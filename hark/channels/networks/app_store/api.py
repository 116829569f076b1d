"""Calls to the App Store Connect API. Each is signed for itself: a JWT with ES256 that lasts minutes, no consent, no renewal."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import jwt
from django.utils.translation import gettext as _

from hark.channels import polling
from hark.channels.abilities import Finding
from hark.channels.base import Connection, Failure, NeedsReconnect, Receipt, Refused
from hark.channels.http import Line, SaidNo
from hark.channels.networks.reviews.site import Found, answer_id, items, page
from hark.channels.shapes import JSON, inner, needed, text

from . import reading

LABEL = "App Store"
HOME = "https://api.appstoreconnect.apple.com"
LASTS_SECONDS = 600  # Apple takes up to 20 minutes; a clock may be a little off


def token(credentials: Mapping[str, Any]) -> str:
    """A token for the next calls. Raises NeedsReconnect without a usable key."""
    issuer, name, pem = (str(credentials.get(one) or "") for one in ("issuer_id", "key_id", "private_key"))
    if not issuer or not name or not pem:
        raise NeedsReconnect(_("This account has no App Store Connect key stored."))
    now = int(time.time())
    claims = {"iss": issuer, "iat": now - 30, "exp": now + LASTS_SECONDS, "aud": "appstoreconnect-v1"}
    try:
        return jwt.encode(claims, pem, algorithm="ES256", headers={"kid": name, "typ": "JWT"})
    except (jwt.PyJWTError, ValueError, TypeError):
        raise NeedsReconnect(_("The App Store Connect key can’t be used. Connect with a new one.")) from None


def line(connection: Connection) -> Line:
    home = str(connection.settings.get("server") or HOME).rstrip("/")
    return Line(LABEL, connection, home, {"authorization": f"Bearer {token(connection.credentials)}"}, final)


def final(problem: SaidNo) -> NeedsReconnect | Refused:
    """{errors: [{status, code, title, detail}]}."""
    told = next(iter(items(problem.body, "errors")), {})
    said = str(told.get("detail") or told.get("title") or "")[:300]
    if problem.status == 401:
        return NeedsReconnect(
            _("Apple no longer lets us in (%s). If the key is good, check the clock of this machine.")
            % (said or "401")
        )
    if problem.status == 403:
        return Refused(
            "never", _("The key’s role may not answer reviews: it takes Customer Support. (%s)") % said
        )
    if problem.status in (404, 410):
        return Refused("gone", _("The review is no longer there in the App Store."))
    return Refused("never", said or _("The App Store refused it (%d).") % problem.status)


class Store:
    """One app's reviews in all countries."""

    poll_seconds, most_pages, lists_all = 1800.0, 20, True

    def __init__(self, connection: Connection) -> None:
        self.app, self.line = connection.external_id, line(connection)

    def pages(self, start: str) -> Iterator[tuple[list[Found], str]]:
        asked = {"sort": "-createdDate", "limit": "200", "include": "response"}
        url = start or f"/v1/apps/{self.app}/customerReviews"
        while url:
            with self.line.reading("reviews") as call:
                told = page(call("GET", url, **({} if "?" in url else {"params": asked})))
                found = reading.found(told, polling.now().isoformat(timespec="seconds"))
                url = self._following(told)
            yield found, url

    def is_there(self, review: str) -> bool:
        return self._review(review) is not None

    def answer(self, review: str, words: str) -> Receipt:
        body = {
            "data": {
                "type": reading.ANSWERS,
                "attributes": {"responseBody": words},
                "relationships": {"review": {"data": {"type": reading.REVIEWS, "id": _id(review)}}},
            }
        }
        with self.line.writing("answer") as call:
            return _receipt(
                review, inner(call("POST", "/v1/customerReviewResponses", json=body).body, "data")
            )

    def answered(self, review: str) -> tuple[str, Receipt] | None:
        told = self._review(review)
        found = next((one for one in items(told, "included") if one.get("type") == reading.ANSWERS), None)
        return (text(inner(found, "attributes"), "responseBody"), _receipt(review, found)) if found else None

    def withdraw(self, review: str, facts: Mapping[str, Any]) -> None:
        response = facts.get("response")
        if not isinstance(response, str) or not response:
            raise Refused("never", _("It is not known by which name Apple keeps this answer."))
        with self.line.writing("withdraw") as call:
            call("DELETE", f"/v1/customerReviewResponses/{_id(response)}")

    def findings(self) -> list[Finding]:
        try:
            with self.line.reading("test") as call:
                call("GET", f"/v1/apps/{self.app}/customerReviews", params={"limit": "1"})
        except NeedsReconnect:
            raise
        except Failure as problem:
            return [Finding(False if isinstance(problem, Refused) else None, str(problem))]
        return [
            Finding(True, _("Reviews can be read.")),
            Finding(
                None, _("An answer takes Apple up to a day to publish; until then it is shown as pending.")
            ),
        ]

    def _following(self, told: JSON) -> str:
        """`links.next`, on this server alone: the key goes nowhere else."""
        url = text(inner(told, "links"), "next")
        return url.removeprefix(self.line.base) if url.startswith(f"{self.line.base}/") else ""

    def _review(self, review: str) -> JSON | None:
        try:
            with self.line.reading("review") as call:
                return call("GET", f"/v1/customerReviews/{_id(review)}", params={"include": "response"}).body
        except Refused as problem:
            if problem.code == "gone":
                return None
            raise


def _receipt(review: str, answer: JSON) -> Receipt:
    needed(answer, "id")
    return Receipt(
        answer_id(review), review, at=reading.answered_at(answer), version=reading.version(answer),
        facts=reading.facts(review, answer),
    )  # fmt: skip


def _id(name: str) -> str:
    if not name or len(name) > 100 or not name.replace("-", "").isalnum():
        raise Refused("gone", _("That is no review of this app."))
    return name


def app_name(connection: Connection) -> str:
    """What the app is called, which proves the key. Raises as a call does."""
    with line(connection).reading("connect") as call:
        told = inner(inner(call("GET", f"/v1/apps/{connection.external_id}").body, "data"), "attributes")
    return text(told, "name") or text(told, "bundleId")
