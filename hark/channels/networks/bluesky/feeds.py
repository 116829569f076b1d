"""Reading what is public: notifications, the brand's own posts, and posts that were read before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from hark.channels.base import Envelope

from . import api, envelopes, shapes
from .progress import Progress, now
from .sessions import Session

REASONS = ("mention", "reply", "quote", "like")
PAGE = 100
MOST_PAGES = 100  # the network itself keeps no more notifications than this
POSTS_A_CALL = 25


class Page(msgspec.Struct):
    """The items of an answer as the bytes they came in."""

    notifications: list[msgspec.Raw] = []
    feed: list[msgspec.Raw] = []
    posts: list[msgspec.Raw] = []
    cursor: str = ""


class Post(shapes.Shape):
    uri: str
    cid: str = ""
    indexed_at: str = ""
    reason: Any = None
    record: dict[str, Any] = {}


class FeedItem(msgspec.Struct):
    post: Post
    reason: Any = None


def notifications(
    session: Session, progress: Progress, since: datetime | None
) -> tuple[list[Envelope], float]:
    """What is new, oldest first, and how many seconds the server asks to rest.

    Pages go back until one holds nothing new: a post that was indexed late stands below newer ones. `since` is how far
    a first reading goes back.
    """
    found: list[Envelope] = []
    cursor, pause = "", 0.0
    for _ in range(MOST_PAGES):
        answer = session.query(
            "app.bsky.notification.listNotifications", reasons=REASONS, limit=PAGE, cursor=cursor
        )
        page = msgspec.json.decode(answer.raw, type=Page)
        pause = max(pause, answer.pause_seconds)
        items = [(raw, msgspec.json.decode(raw, type=Post)) for raw in page.notifications]
        new = [
            (raw, item) for raw, item in items if not progress.knows(envelopes.notification(raw).event_key)
        ]
        wanted = [
            (raw, item) for raw, item in new if since is None or shapes.instant(item.indexed_at) >= since
        ]
        progress.remember(envelopes.notification(raw).event_key for raw, _ in new)
        views = _views(session, [item.uri for _, item in wanted if item.record.get("embed")])
        for raw, item in wanted:
            found.append(envelopes.notification(raw, views.get(item.uri)))
            if item.reason in ("mention", "reply", "quote"):
                progress.watch(item.uri, item.cid, item.indexed_at)
        cursor = page.cursor
        if not new or not cursor or (since is not None and len(wanted) < len(new)):
            break
    found.reverse()
    return found, pause


def own_posts(session: Session, progress: Progress, since: datetime | None) -> list[Envelope]:
    """Posts that the brand published, here or elsewhere, oldest first; a first reading goes back to `since`."""
    found: list[Envelope] = []
    cursor = ""
    for _ in range(MOST_PAGES):
        answer = session.query(
            "app.bsky.feed.getAuthorFeed",
            actor=session.did,
            filter="posts_with_replies",
            limit=30,
            cursor=cursor,
        )
        page = msgspec.json.decode(answer.raw, type=Page)
        items = [(envelopes.own_post(raw), msgspec.json.decode(raw, type=FeedItem)) for raw in page.feed]
        new = [(e, item.post) for e, item in items if not item.reason and not progress.knows(e.event_key)]
        wanted = [(e, post) for e, post in new if since is None or shapes.instant(post.indexed_at) >= since]
        progress.remember(envelope.event_key for envelope, _ in new)
        for envelope, post in wanted:
            found.append(envelope)
            progress.watch(post.uri, post.cid, post.indexed_at)
        cursor = page.cursor
        if not new or not cursor or len(wanted) < len(new):
            break
    found.reverse()
    return found


def recheck(session: Session, progress: Progress) -> list[Envelope]:
    """Watched posts that were changed or deleted since they were read.

    The AppView leaves out posts of those who block us as well as deleted ones, so the record itself is asked for
    before a post counts as gone.
    """
    found = []
    for uris in _chunks(list(progress.watched)):
        views = _views(session, uris, calm=False)
        for uri in uris:
            if uri in views:
                cid = msgspec.json.decode(views[uri], type=Post).cid
                known, at = progress.watched.get(uri, (cid, ""))
                if cid != known:
                    found.append(envelopes.changed_post(views[uri]))
                    progress.watched[uri] = (cid, at)
            elif _is_gone(session, uri):
                found.append(envelopes.missing_post(uri, now().isoformat()))
                progress.watched.pop(uri, None)
    return found


def _views(session: Session, uris: list[str], *, calm: bool = True) -> dict[str, msgspec.Raw]:
    """Posts as the AppView shows them, by address. With `calm`, none when it can't say: the notification is enough."""
    found = {}
    for some in _chunks(uris):
        try:
            answer = session.query("app.bsky.feed.getPosts", uris=some)
        except (api.XrpcError, api.AnswerLost):
            if calm:
                continue
            raise
        for raw in msgspec.json.decode(answer.raw, type=Page).posts:
            found[msgspec.json.decode(raw, type=Post).uri] = raw.copy()
    return found


def _is_gone(session: Session, uri: str) -> bool:
    did, collection, rkey = shapes.uri_parts(uri)
    try:
        session.query("com.atproto.repo.getRecord", repo=did, collection=collection, rkey=rkey)
    except api.XrpcError as problem:
        return problem.name == "RecordNotFound"
    return False


def _chunks(uris: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(uris), POSTS_A_CALL):
        yield uris[start : start + POSTS_A_CALL]
