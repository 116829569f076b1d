"""Calls to the Android Publisher API, as a service account: a token of an hour for a signed assertion (RFC 7523)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from typing import Any

import jwt
from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.abilities import Finding
from hark.channels.base import Connection, Failure, NeedsReconnect, Receipt, Refused
from hark.channels.http import Line, SaidNo
from hark.channels.networks.reviews.site import Found, answer_id, items, listed, page, stamp
from hark.channels.shapes import JSON, inner, text

from . import reading

LABEL = "Google Play"
HOME = "https://androidpublisher.googleapis.com"
TOKENS = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EARLY_SECONDS = 300.0

_tokens: dict[tuple[str, str], tuple[str, float]] = {}  # by service account and address: token, when it ends
os.register_at_fork(after_in_child=_tokens.clear)


def access(credentials: Mapping[str, Any], tokens: str = TOKENS) -> str:
    """An access token that still lasts. Raises NeedsReconnect for a key that is no longer good, or none."""
    email, pem = str(credentials.get("client_email") or ""), str(credentials.get("private_key") or "")
    if not email or not pem:
        raise NeedsReconnect(_("This account has no service account stored."))
    token, ends = _tokens.get((email, tokens), ("", 0.0))
    if ends - EARLY_SECONDS > time.time():
        return token
    now = int(time.time())
    claims = {"iss": email, "scope": SCOPE, "aud": tokens, "iat": now, "exp": now + 3600}
    try:
        signed = jwt.encode(claims, pem, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError):
        raise NeedsReconnect(
            _("The key of the service account can’t be used. Connect with a new one.")
        ) from None
    with http.told(LABEL, http.lost_reading(LABEL), _no_token):
        told = http.request("POST", tokens, data={"grant_type": GRANT, "assertion": signed}).body
        token = str(told["access_token"])
        _tokens[email, tokens] = token, time.time() + float(told.get("expires_in") or 0)
    return token


def forget(credentials: Mapping[str, Any]) -> None:
    """A token that was refused is not offered again."""
    for known in [one for one in _tokens if one[0] == str(credentials.get("client_email"))]:
        _tokens.pop(known, None)


def _no_token(problem: SaidNo) -> NeedsReconnect | Refused:
    said = str(problem.body.get("error_description") or problem.body.get("error") or problem.text)[:300]
    return NeedsReconnect(_("Google no longer lets the service account in (%s).") % said)


class App:
    """One app's reviews. The list holds those with words that were written or changed in about the last week.

    200 questions an hour are allowed an app: six rounds of at most 30 pages leave some for answers whose fate is unknown.
    """

    poll_seconds, most_pages, lists_all = 600.0, 30, False

    def __init__(self, connection: Connection) -> None:
        self.credentials = connection.credentials
        server, tokens = connection.settings.get("server"), connection.settings.get("token_server")
        self.home = f"/androidpublisher/v3/applications/{connection.external_id}/reviews"
        token = access(self.credentials, str(tokens or TOKENS))
        self.line = Line(
            LABEL,
            connection,
            str(server or HOME).rstrip("/"),
            {"authorization": f"Bearer {token}"},
            self._final,
        )

    def pages(self, start: str) -> Iterator[tuple[list[Found], str]]:
        while True:
            asked = {"maxResults": "100", **({"token": start} if start else {})}
            with self.line.reading("reviews") as call:
                told = page(call("GET", self.home, params=asked))
                found = listed(items(told, "reviews"), reading.found)
                start = text(inner(told, "tokenPagination"), "nextPageToken")
            yield found, start
            if not start:
                return

    def is_there(self, review: str) -> bool:
        return True  # what is not in the list is older than a week

    def answer(self, review: str, words: str) -> Receipt:
        with self.line.writing("answer") as call:
            told = call("POST", f"{self.home}/{_id(review)}:reply", json={"replyText": words}).body
            at = reading.when(inner(inner(told, "result"), "lastEdited"))
        return Receipt(answer_id(review), review, at=at, version=stamp(at), facts={"review": review})

    def answered(self, review: str) -> tuple[str, Receipt] | None:
        with self.line.reading("review") as call:
            told = call("GET", f"{self.home}/{_id(review)}").body
            found = {"reviewId": review, **told}
        reply: JSON = next(
            (inner(one, "developerComment") for one in items(found, "comments") if "developerComment" in one),
            {},
        )
        if not reply:
            return None
        at = reading.when(reply.get("lastModified"))
        receipt = Receipt(answer_id(review), review, at=at, version=stamp(at), facts={"review": review})
        return text(reply, "text"), receipt

    def withdraw(self, review: str, facts: Mapping[str, Any]) -> None:
        raise Refused(
            "never", _("Google Play has no way to take an answer back. Write another in its place.")
        )

    def findings(self) -> list[Finding]:
        try:
            with self.line.reading("test") as call:
                call("GET", self.home, params={"maxResults": "1"})
        except NeedsReconnect:
            raise
        except Failure as problem:
            return [Finding(False if isinstance(problem, Refused) else None, str(problem))]
        return [
            Finding(True, _("Reviews of the last seven days can be read.")),
            Finding(
                None,
                _("The permission “Reply to reviews” can’t be asked for: it shows with the first answer."),
            ),
        ]

    def _final(self, problem: SaidNo) -> NeedsReconnect | Refused:
        error = problem.body.get("error")
        said = str(error.get("message") or "")[:300] if isinstance(error, dict) else ""
        if problem.status == 401:
            forget(self.credentials)
            return NeedsReconnect(_("Google Play no longer lets us in (%s).") % (said or "401"))
        if problem.status == 403:
            return Refused(
                "never",
                _("The service account may not do this: give it “Reply to reviews” in the Play Console. (%s)")
                % said,
            )
        if problem.status in (404, 410):
            return Refused("gone", _("The review is gone, or Google Play no longer lists it."))
        return Refused("never", said or _("Google Play refused it (%d).") % problem.status)


def _id(review: str) -> str:
    if (
        not review
        or len(review) > 300
        or not review.replace("-", "").replace("_", "").replace(":", "").isalnum()
    ):
        raise Refused("gone", _("That is no review of this app."))
    return review
