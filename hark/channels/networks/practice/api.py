"""The door of the practice network: what its client may ask, and how it refuses.

It fails as real networks do, on demand (`world.fault`): the four shapes of channels/base.py and nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qs, urlsplit

import regex
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, transaction
from django.db.models import Count

from hark.channels.base import Failure, NeedsReconnect, OutgoingReply, Receipt, Refused, TryLater, Unsure

from . import events, feed, hearing, world
from .models import Change, Persona, Post, World

GRAPHEMES = {False: 500, True: 2000}  # public, private
GRAPHEME = regex.compile(r"\X")

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Page:
    """Part of the feed, oldest first; `after` is where the next one starts."""

    events: tuple[tuple[str, bytes], ...]
    after: int
    more: bool
    since: datetime | None


def door(on_outage: Callable[[], Failure]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Turns an outage of this network into the failure that its client knows."""

    def decorate(call: Callable[P, R]) -> Callable[P, R]:
        @wraps(call)
        def inner(*args: P.args, **kwargs: P.kwargs) -> R:
            if not connection.in_atomic_block:
                close_old_connections()  # a server that was restarted is met with a new connection
            try:
                return call(*args, **kwargs)
            except world.NoWorld as gone:
                raise NeedsReconnect(f"The practice network has no account {gone}.") from None
            except (DatabaseError, InterfaceError) as problem:
                raise on_outage() from problem

        return inner

    return decorate


def unsure() -> Failure:
    return Unsure("The practice network did not answer.")


def later() -> Failure:
    return TryLater(5, "The practice network can't be reached.")


@door(unsure)
def publish(account: str, reply: OutgoingReply) -> Receipt:
    """Post once for each key (unless the world is told to be a lesser network)."""
    with transaction.atomic():
        here = world.locked(account)
        fault = _take_fault(here, blind=False)
        here.save(update_fields=["faults"])
        post = None
        if fault is None or fault["kind"] == "lost_answer":
            post = (_known(here, reply.key) if here.idempotent else None) or _post(here, reply)
    if fault:
        raise _failure(fault)
    assert post is not None
    return _receipt(post)


@door(unsure)
def find(account: str, key: str) -> Receipt | None:
    with transaction.atomic():
        here = world.locked(account)
        fault = _take_fault(here, blind=True)
        here.save(update_fields=["faults"])
        post = _known(here, key)
    if fault:
        raise Unsure("The practice network can't tell at the moment.")
    return _receipt(post) if post else None


@door(later)
def changes(account: str, after: int, most: int) -> Page:
    """The feed after a cursor. Reading it is what makes a live world live."""
    world.live(account)
    rows = list(
        Change.objects.filter(world__external_id=account, id__gt=after)
        .order_by("id")
        .values_list("id", "key", "raw", "at")[: most + 1]
    )
    more, rows = len(rows) > most, rows[:most]
    return Page(
        tuple((key, bytes(raw)) for _, key, raw, _ in rows),
        rows[-1][0] if rows else after,
        more,
        rows[0][3] if rows else None,
    )


@door(later)
def count(account: str, threads: Sequence[str]) -> dict[str, int]:
    """Posts that still stand, by thread."""
    world.live(account)
    standing = Post.objects.filter(world__external_id=account, thread__in=threads, deleted_at=None)
    return dict(standing.values_list("thread").annotate(count=Count("pk")))


@door(later)
def posts_of(account: str, thread: str) -> list[tuple[str, bytes]]:
    """Every post of a thread as its feed told it last."""
    posts = Post.objects.filter(world__external_id=account, thread=thread).select_related("world", "persona")
    told = [feed.event_of(post.world, post) for post in posts.filter(deleted_at=None).order_by("pk")]
    return [(event.key, events.encode(event)) for event in told]


@door(later)
def accepts_messages(account: str, person: str) -> bool:
    closed = Persona.objects.filter(world__external_id=account, external_id=person, open_dm=False)
    return not closed.exists() or Post.objects.filter(persona__in=closed, private=True).exists()


def private_thread(person: str) -> str:
    return f"dm-{person}"


@door(unsure)
@transaction.atomic
def edit(account: str, post_id: str, text: str) -> Receipt:
    here = world.locked(account)
    post = _own(here, post_id)
    _check_length(text, post.private)
    feed.edit(here, post, text, world.now_in(here))
    return _receipt(post)


@door(unsure)
@transaction.atomic
def withdraw(account: str, post_id: str) -> None:
    """Take a post back. One that is gone already stays gone."""
    here = world.locked(account)
    if Post.objects.filter(world=here, external_id=post_id, persona=None, deleted_at__isnull=False).exists():
        return
    feed.delete(here, _own(here, post_id), world.now_in(here))


@door(unsure)
@transaction.atomic
def like(account: str, post_id: str) -> Receipt:
    here = world.locked(account)
    post = Post.objects.filter(world=here, external_id=post_id).select_related("play", "persona").first()
    if post is None:
        return Receipt(post_id)  # came by a webhook: not in these books
    if post.deleted_at:
        raise Refused("gone", "The post is no longer there.")
    post.likes += 1
    post.save()
    hearing.like(here, post, world.now_in(here))
    return Receipt(post_id, thread=post.thread)


def _post(here: World, reply: OutgoingReply) -> Post:
    private = reply.visibility == "private"
    _check_length(reply.text, private)
    parent = reply.parent if not private else ""
    answered = Post.objects.filter(world=here, external_id=parent).first() if parent else None
    if answered and answered.deleted_at:
        raise Refused("gone", "The post that this answers is no longer there.")
    persona = (
        Persona.objects.filter(world=here, external_id=reply.to.external_id).first() if reply.to else None
    )
    if private and persona and not persona.open_dm and not persona.posts.filter(private=True).exists():
        raise Refused("recipient_unreachable", f"{persona.name} takes messages only from those they follow.")
    thread = reply.thread or (private_thread(reply.to.external_id) if private and reply.to else "")
    post = Post(
        world=here,
        external_id=secrets.token_hex(8),
        play=hearing.play_of(here, persona, parent, "" if private else thread),
        to=persona,
        key=reply.key,
        thread=thread,
        parent=parent,
        private=private,
        ref=_token(reply.handoff_url)[:200],
        text=reply.text,
        pictures=[{"name": file.name, "alt": file.alt, "bytes": len(file.content)} for file in reply.files],
        at=world.now_in(here),
    )
    post.thread = post.thread or post.external_id
    post.save()
    feed.posted(here, post)
    hearing.hear(here, post, invited=bool(reply.handoff))
    return post


def _token(url: str) -> str:
    """What whoever follows the link brings along: its `ref`, else the last part of its path."""
    parts = urlsplit(url)
    return next(iter(parse_qs(parts.query).get("ref", [])), parts.path.rpartition("/")[2])


def _known(here: World, key: str) -> Post | None:
    return Post.objects.filter(world=here, key=key).order_by("id").first() if key else None


def _own(here: World, post_id: str) -> Post:
    post = Post.objects.filter(world=here, external_id=post_id, persona=None, deleted_at=None).first()
    if post is None:
        raise Refused("gone", "The post is no longer there.")
    return post


def _receipt(post: Post) -> Receipt:
    return Receipt(post.external_id, thread=post.thread, at=post.at)


def _check_length(text: str, private: bool) -> None:
    if len(GRAPHEME.findall(text)) > GRAPHEMES[private]:
        raise Refused("too_long", f"More than {GRAPHEMES[private]} characters.")


def _take_fault(here: World, *, blind: bool) -> dict[str, Any] | None:
    for position, fault in enumerate(here.faults):
        if (fault["kind"] == "blind") == blind:
            here.faults = here.faults[:position] + here.faults[position + 1 :]
            return dict(fault)
    return None


def _failure(fault: dict[str, Any]) -> Failure:
    failures: dict[str, Callable[[], Failure]] = {
        "rate_limit": lambda: TryLater(fault["seconds"], "429 Too Many Requests"),
        "server_error": lambda: Unsure("500 Internal Server Error"),
        "lost_answer": lambda: Unsure("The connection was lost before the answer came."),
        "refused": lambda: Refused("never", "This person does not accept replies from you."),
        "expired": lambda: NeedsReconnect("The permission has ended."),
    }
    return failures[fault["kind"]]()
