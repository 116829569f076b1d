"""The chat's interface: sessions, messages, events. Every request but the first carries the session's token."""

from __future__ import annotations

import re
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_http_methods

from hark.brands import tokens
from hark.channels.models import Account
from hark.channels.networks.webchat import connect, identity, lines, settings
from hark.web.access import public

from .. import actions, history, limits, live
from ..models import Visit
from ..places import account_of, own_origin, stored_file
from ..problems import Problem, answers_with_problems

BODY_LIMIT = 160 * 1024  # bytes; 10,000 characters, each escaped as two surrogates, are 120,000
KEY = re.compile(r"[0-9A-Za-z-]{8,64}")
T = TypeVar("T")


class Claim(msgspec.Struct):
    """Who the site says the visitor is. `hash` or `token` proves it."""

    id: str = ""
    hash: str = ""
    token: str = ""
    name: str = ""
    email: str = ""


class SessionAsked(msgspec.Struct):
    key: str
    locale: str = ""
    identity: Claim | None = None
    handoff: str = ""


class MessageAsked(msgspec.Struct):
    client_id: str
    text: str
    page: lines.Page = lines.Page()


@require_http_methods(["POST", "DELETE"])
@public
@answers_with_problems
def sessions(request: HttpRequest) -> HttpResponse:
    """POST begins a visit or goes on with the one of the token; DELETE ends it."""
    if request.method == "DELETE":
        actions.end(_visit(request))
        return HttpResponse(status=204)
    limits.check(limits.NEW_SESSIONS, limits.address_of(request))
    asked = _body(request, SessionAsked)
    account = account_of(asked.key)
    if account is None:
        raise Problem(404, "There is no such chat.")
    _check_origin(request, account)
    given = _token(request)
    earlier = (
        Visit.objects.alive().filter(token_hash=tokens.hashed(given), account=account).first()
        if given
        else None
    )
    proven = _prove(account, asked.identity)
    if earlier and (asked.identity is None or (proven and earlier.author_id == f"user:{proven.identifier}")):
        visit, token = earlier, given
    else:
        claim = asked.identity or Claim()
        visit, token = actions.begin(
            account, identity=proven, name=claim.name, email=claim.email, locale=asked.locale, earlier=earlier
        )
    if asked.handoff:
        _follow(visit, asked.handoff)
    return JsonResponse(
        {
            "token": token,
            "live": live.ticket(visit),
            "expires_at": visit.expires_at.isoformat(),
            "verified": visit.verified,
            "quote": history.quote_of(visit),
            **history.events_after(visit),
        }
    )


@require_http_methods(["POST"])
@public
@answers_with_problems
def messages(request: HttpRequest) -> HttpResponse:
    """Store what the visitor says; answered after it is durable. `client_id` is the idempotency key."""
    visit = _visit(request)
    limits.check(limits.MESSAGES_OF_SESSION, str(visit.pk))
    limits.check(limits.MESSAGES_OF_ADDRESS, limits.address_of(request))
    asked = _body(request, MessageAsked)
    if not KEY.fullmatch(asked.client_id):
        raise Problem(422, "client_id must have 8 to 64 letters, digits or hyphens.")
    text = asked.text.strip()
    if not text:
        raise Problem(422, "There is nothing in this message.")
    if len(text) > lines.TEXT_LIMIT:
        raise Problem(413, f"A message may have {lines.TEXT_LIMIT} characters; this one has {len(text)}.")
    try:
        line = actions.say(visit, asked.client_id, text, _page(asked.page))
    except actions.Taken:
        raise Problem(409, "This client_id was used for another message.") from None
    return JsonResponse({"id": line.id, "client_id": line.key, "created_at": line.at.isoformat()})


@require_GET
@public
@answers_with_problems
def events(request: HttpRequest) -> HttpResponse:
    """Messages that are new or changed since `after`; without it, the conversation."""
    visit = _visit(request)
    limits.check(limits.READS_OF_SESSION, str(visit.pk))
    try:
        return JsonResponse(history.events_after(visit, request.GET.get("after", "")))
    except (ValueError, OverflowError):
        raise Problem(422, "after must be a cursor as this address gave it.") from None


@require_GET
@public
def file(request: HttpRequest, ticket: str) -> HttpResponse:
    """A picture of the conversation, by an address that runs out."""
    medium = history.file_behind(ticket)
    path = stored_file(medium.stored) if medium else None
    if medium is None or path is None:
        raise Http404
    answer = FileResponse(path.open("rb"), content_type=medium.content_type)
    answer["Cache-Control"] = "private, max-age=3600"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer  # type: ignore[return-value]


def _body(request: HttpRequest, kind: type[T]) -> T:
    raw = request.read(BODY_LIMIT + 1)
    if len(raw) > BODY_LIMIT:
        raise Problem(413, f"At most {BODY_LIMIT} bytes.")
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Problem(422, str(problem)) from None


def _token(request: HttpRequest) -> str:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def _visit(request: HttpRequest) -> Visit:
    given = _token(request)
    visit = (
        Visit.objects.alive().filter(token_hash=tokens.hashed(given)).select_related("account").first()
        if given
        else None
    )
    if visit is None:
        limits.check(limits.UNKNOWN_TOKENS, limits.address_of(request))
        raise Problem(401, "This session has ended. Begin a new one.")
    _check_origin(request, visit.account)
    return visit


def _check_origin(request: HttpRequest, account: Account) -> None:
    """The window is our own page; a site that calls by itself must be one of the account's."""
    origin = request.headers.get("Origin")
    if origin and origin not in own_origin(request) and not settings.read(account.settings).allows(origin):
        raise Problem(403, "This site may not show this chat.")


def _prove(account: Account, claim: Claim | None) -> identity.Identity | None:
    """The proven identity; None for a visitor who is not identified, or without proof where the brand allows that."""
    if claim is None:
        return None
    told = settings.read(account.settings)
    secrets = connect.active_secrets(account.credentials)
    try:
        if claim.token:
            return identity.by_token(secrets, claim.token, key=account.hook_key, audience=told.audience)
        if claim.hash:
            return identity.by_hash(secrets, claim.id, claim.hash, name=claim.name, email=claim.email)
    except identity.BadIdentity as problem:
        raise Problem(403, f"The identity is not proven: {problem}.") from None
    if told.identity_required:
        raise Problem(
            403, "This chat takes an identity only with a proof: identifier_hash or a signed token."
        )
    return None


def _follow(visit: Visit, token: str) -> None:
    try:
        actions.follow(visit, actions.move_behind(visit.brand, token), token)
    except actions.Gone:
        raise Problem(410, "This link has run out.") from None
    except actions.Taken:
        raise Problem(409, "This link was opened in another browser already.") from None


def _page(page: lines.Page) -> lines.Page:
    """Without query and fragment, which may hold what is nobody's business."""
    try:
        parts = urlsplit(page.url[:2000])
        address = parts._replace(query="", fragment="", netloc=parts.netloc.rpartition("@")[2]).geturl()
    except ValueError:
        address = ""
    return lines.Page(address if address.startswith(("https://", "http://")) else "", page.title[:200])
