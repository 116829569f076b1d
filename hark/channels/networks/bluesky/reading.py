"""One delivery in, its messages out. Pure: the same bytes always read the same.

A delivery is an object of a network answer as it was received: a notification (with the post's view beside it when it
has pictures), a post of the brand's own feed, a post read again, an entry of the chat log, a Jetstream event of either
version; or our own note that a post is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from hark.channels.base import Author, Connection, IncomingMessage, Unreadable

from . import embeds, jetstream, shapes
from .shapes import ChatEvent, Notification, Post, PostView, Profile

MISSING = "org.hark.bluesky#missing"
CHAT = "chat.bsky.convo.defs#"
SAID = {"mention", "reply", "quote"}
REACTED = {"like", "like-via-repost"}


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    """The messages in one delivery, [] for an event that says nothing to us. Raises Unreadable, nothing else."""
    found = shapes.decoded(raw)
    try:
        return _read(found, connection.external_id)
    except msgspec.ValidationError as problem:
        raise Unreadable(str(problem)) from None
    except RecursionError:
        raise Unreadable("nested too deeply") from None


def _read(found: dict[str, Any], brand: str) -> list[IncomingMessage]:
    kind = found.get("$type")
    if kind == MISSING:
        return [gone(shapes.post_uri(str(found.get("uri"))), str(found.get("at") or ""))]
    if jetstream.is_event(found):
        return _streamed(jetstream.event(found), brand)
    if (isinstance(kind, str) and kind.startswith(CHAT)) or {"convoId", "message"} <= found.keys():
        return _chat(found, brand)
    if "notification" in found:
        note, view = found["notification"], found.get("post")
        embed = view.get("embed") if isinstance(view, dict) else None
        return _notified(
            msgspec.convert(note, Notification), embed if isinstance(embed, dict) else None, brand
        )
    if "reason" in found and "post" not in found:
        return _notified(msgspec.convert(found, Notification), None, brand)
    if "post" in found:  # of a feed; with a reason it is somebody's repost
        return [] if found.get("reason") else [_post(msgspec.convert(found["post"], PostView), brand)]
    if {"uri", "cid", "author", "record"} <= found.keys():
        return [_post(msgspec.convert(found, PostView), brand, kind="edited")]
    raise Unreadable("none of the shapes that Bluesky documents")


def _notified(note: Notification, embed: dict[str, Any] | None, brand: str) -> list[IncomingMessage]:
    if note.reason in SAID:
        return [_post(note, brand, embed=embed)]
    if note.reason in REACTED:
        subject = note.reason_subject
        like = msgspec.convert(note.record, dict[str, Any]).get("subject")
        if isinstance(like, dict) and isinstance(like.get("uri"), str):
            subject = like["uri"]
        author = shapes.author(note.author)
        return [_reacted(subject, author, note.indexed_at, "like", {"uri": note.uri[: shapes.MOST_ID]})]
    return []


def _post(
    view: PostView, brand: str, *, embed: dict[str, Any] | None = None, kind: Any = "created"
) -> IncomingMessage:
    record = msgspec.convert(view.record, Post)
    uri, cid = shapes.post_uri(view.uri), shapes.content_id(view.cid)
    did = shapes.uri_parts(uri)[0]
    if did != view.author.did:
        raise Unreadable("a post by somebody else than its author")
    root, parent = _thread(record, uri, cid)
    facts: dict[str, Any] = {"uri": uri, "cid": cid, "root_uri": root.uri, "root_cid": root.cid}
    if links := _links(record):
        facts["links"] = links
    if labels := [str(label["val"])[:128] for label in view.labels if isinstance(label.get("val"), str)]:
        facts["labels"] = labels
    return IncomingMessage(
        kind=kind,
        external_id=uri,
        at=shapes.published(record.created_at, shapes.instant(view.indexed_at)),
        thread=root.uri,
        author=shapes.author(view.author),
        text=record.text,
        by_brand=did == brand,
        parent=parent,
        quote=embeds.quoted(record.embed),
        url=shapes.web_url(uri),
        lang=record.langs[0][:16] if record.langs else "",
        media=embeds.media(embed or view.embed, record.embed, did),
        version=cid,
        facts=facts,
    )


def _thread(record: Post, uri: str, cid: str) -> tuple[shapes.Ref, str]:
    """The root of the discussion and the post answered; a post that answers none is a root itself."""
    if record.reply is None:
        return shapes.Ref(uri, cid), ""
    for ref in (record.reply.root, record.reply.parent):
        shapes.content_id(ref.cid)
        if len(ref.uri) > shapes.MOST_ID:
            raise Unreadable("the address of a parent is too long")
        shapes.uri_parts(ref.uri)
    return record.reply.root, record.reply.parent.uri


def _links(record: Post) -> list[str]:
    """Whole addresses of the links, since the text often shows them cut short."""
    found = []
    for facet in record.facets:
        features = facet.get("features")
        for feature in features if isinstance(features, list) else ():
            uri = feature.get("uri") if isinstance(feature, dict) else None
            if isinstance(uri, str) and uri.startswith(("https://", "http://")):
                found.append(uri[:2000])
    return found[:20]


def _chat(found: dict[str, Any], brand: str) -> list[IncomingMessage]:
    """What somebody wrote or reacted. A deletion here is one's own view only: the other side still sees the message."""
    name = str(found.get("$type") or CHAT + "logCreateMessage").removeprefix(CHAT)
    if name not in ("logCreateMessage", "logAddReaction"):
        return []
    message = found.get("message")
    if isinstance(message, dict) and str(message.get("$type")).endswith("#deletedMessageView"):
        return []
    event = msgspec.convert(found, ChatEvent)
    if event.message is None:
        raise Unreadable("a log entry without its message")
    convo = shapes.opaque_id(event.convo_id, "conversation")
    known = {profile.did: profile for profile in event.related_profiles}
    if name == "logAddReaction":
        if event.reaction is None:
            raise Unreadable("a reaction that is not there")
        who = _known(event.reaction.sender.did, known)
        return [_reacted(event.message.id, who, event.reaction.created_at, event.reaction.value[:64], {})]
    return [_direct(event.message, convo, known, brand)]


def _direct(
    message: shapes.DirectMessage, convo: str, known: Mapping[str, Profile], brand: str
) -> IncomingMessage:
    quote = embeds.quoted(message.embed)
    answered = (message.reply_to or {}).get("id")
    return IncomingMessage(
        kind="created",
        external_id=shapes.opaque_id(message.id, "message id"),
        at=shapes.instant(message.sent_at),
        thread=convo,
        visibility="private",
        author=_known(message.sender.did, known),
        text=message.text,
        by_brand=message.sender.did == brand,
        parent=answered if isinstance(answered, str) and len(answered) <= shapes.MOST_ID else "",
        quote=quote,
        url="https://bsky.app/messages",
        version=message.rev[:128],
        facts={"convo": convo},
    )


def _known(did: str, known: Mapping[str, Profile]) -> Author:
    return shapes.author(known.get(did) or Profile(did))


def _reacted(to: str, who: Author, at: str, reaction: str, facts: dict[str, Any]) -> IncomingMessage:
    return IncomingMessage(
        kind="reacted",
        external_id=shapes.opaque_id(to, "subject"),
        at=shapes.instant(at),
        visibility="private" if not to.startswith("at://") else "public",
        author=who,
        reaction=reaction,
        facts=facts,
    )


def gone(uri: str, at: str) -> IncomingMessage:
    return IncomingMessage(kind="deleted", external_id=uri, at=shapes.instant(at), facts={"uri": uri})


def _streamed(event: jetstream.Event, brand: str) -> list[IncomingMessage]:
    """A post of the brand or to the brand, a like of its posts, a deletion; nothing else of the stream concerns us."""
    if event.operation == "delete" and event.collection == shapes.POST:
        return [gone(shapes.post_uri(event.uri), event.at)]
    if event.record is None or event.operation not in ("create", "update"):
        return []
    if event.collection == shapes.LIKE:
        subject = msgspec.convert(event.record.get("subject"), shapes.Ref).uri
        mine = subject.startswith(f"at://{brand}/")
        return [_reacted(subject, Author(event.did), event.at, "like", {"uri": event.uri})] if mine else []
    if event.collection != shapes.POST or not jetstream.concerns(event, brand):
        return []
    view = PostView(event.uri, event.cid, Profile(event.did), event.record, event.at)
    return [_post(view, brand, kind="created" if event.operation == "create" else "edited")]
