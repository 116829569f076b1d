"""What a visitor does: begin a visit, say something, end it."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone

from hark.brands import tokens
from hark.brands.models import Brand
from hark.cases.models import Thread
from hark.channels import intake
from hark.channels.models import Account, Delivery
from hark.channels.networks.webchat import lines
from hark.channels.networks.webchat.identity import Identity
from hark.moves import actions as moves
from hark.moves.models import Move

from .models import Visit

LASTS = timedelta(days=30)
RENEW_BELOW = LASTS / 2  # a visit in use goes on

NO_PAGE = lines.Page()


class Taken(Exception):
    """The link of this hand-off, or this key of a line, belongs to something else already."""


class Gone(Exception):
    """No hand-off waits at this link: never did, or no longer."""


def begin(
    account: Account,
    *,
    identity: Identity | None = None,
    name: str = "",
    email: str = "",
    locale: str = "",
    earlier: Visit | None = None,
    seed: str = "",
) -> tuple[Visit, str]:
    """A new visit and its token, which is shown once. A proven identity finds its own conversation again.

    `earlier` is the visit of the same browser until now, which ends. A conversation had before the visitor was
    identified stays in view; that of somebody else who was signed in does not. `seed`, a secret of the browser, makes
    the same visitor again: a form that is sent twice is one conversation.
    """
    token, token_hash = tokens.fresh()
    visitor = hashlib.sha256(f"form {seed}".encode()).hexdigest()[:32] if seed else uuid.uuid4().hex
    author = f"user:{identity.identifier}" if identity else f"visitor:{visitor}"
    known = identity or Identity("", name, email)
    with transaction.atomic():
        before = earlier.thread_name if earlier and identity and not earlier.verified else ""
        move, handoff = (earlier.move, earlier.handoff) if before and earlier else (None, "")
        if earlier:
            end(earlier)
        if earlier and move:
            earlier.move = None  # bound to the new visit from here on
            earlier.save(update_fields=["move"])
        visit = Visit.objects.create(
            brand_id=account.brand_id,
            account=account,
            token_hash=token_hash,
            author_id=author,
            verified=identity is not None,
            name=known.name[:200],
            email=known.email[:254],
            thread_name=_thread_name(author),
            before=before,
            locale=locale[:16],
            move=move,
            handoff=handoff,
            expires_at=timezone.now() + LASTS,
        )
    return visit, token


def _thread_name(author: str) -> str:
    """Identifiers of a site may be long, or hold what an address should not: their digest names the conversation."""
    kind, _colon, rest = author.partition(":")
    return author if kind == "visitor" else f"user:{hashlib.sha256(rest.encode()).hexdigest()}"


def move_behind(brand: Brand | None, token: str) -> Move:
    """The hand-off whose link this is. Raises Gone when there is none, or it is over."""
    waiting = Move.objects.filter(token_hash=moves.hash_of(token), expires_at__gt=timezone.now())
    if brand:
        waiting = waiting.filter(brand=brand)
    move = waiting.select_related("brand", "case").first() if token else None
    if move is None:
        raise Gone
    return move


def follow(visit: Visit, move: Move, token: str) -> None:
    """Bind the hand-off to this visit: the first who opens it has it. Raises Taken for whoever comes second."""
    if visit.move_id == move.pk:
        return
    try:
        with transaction.atomic():
            visit.move, visit.handoff = move, token
            visit.save(update_fields=["move", "handoff"])
    except IntegrityError:
        raise Taken from None


def is_taken(move: Move) -> bool:
    return Visit.objects.filter(move=move).exists()


def say(visit: Visit, key: str, text: str, page: lines.Page = NO_PAGE, *, form: bool = False) -> lines.Line:
    """Store a line; safe when the surrounding transaction commits. The same key again gives the first line back.

    Raises Taken when the key stands for another text.
    """
    with transaction.atomic():
        if (first := _said(visit, key)) is not None:
            if first.text != text:
                raise Taken
            return first
        line = lines.Line(
            thread=visit.thread_name,
            key=key,
            at=timezone.now(),
            text=text,
            author=lines.Writer(visit.author_id, visit.name, visit.email, visit.verified),
            page=page,
            locale=visit.locale,
            handoff=visit.handoff,
            form=form,
        )
        Thread.objects.get_or_create(
            account_id=visit.account_id,
            external_id=visit.thread_name,
            defaults={"brand_id": visit.brand_id, "private": True},
        )
        if not intake.append(visit.account, [line.envelope()]):
            return _said(visit, key) or line  # its twin was quicker
        if visit.expires_at - timezone.now() < RENEW_BELOW:
            visit.expires_at = timezone.now() + LASTS
            visit.save(update_fields=["expires_at"])
    return line


def _said(visit: Visit, key: str) -> lines.Line | None:
    """The line of this key, also from before the visitor was identified."""
    stored = Delivery.objects.filter(
        account=visit.account_id, event_key__in=[lines.identity(name, key) for name in visit.thread_names]
    ).first()
    if stored is None:
        return None
    try:
        return lines.decode(bytes(stored.raw))
    except msgspec.DecodeError:  # blanked since
        return lines.Line(visit.thread_name, key, stored.received_at, "", lines.Writer(visit.author_id))


def end(visit: Visit) -> None:
    """The token opens nothing any more. What was said stays with the brand, and a hand-off stays bound."""
    visit.revoked_at = timezone.now()
    visit.save(update_fields=["revoked_at"])
