"""Events into messages. Whether something is public is decided by its family: posts are, messages are not.

An edit makes a new post: all versions go by the first id, and the newest id is what is answered. X escapes three
signs in texts. A repost says nothing of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import Author, Connection, IncomingMedia, IncomingMessage, Unreadable

from . import shapes
from .shapes import an_id, instant, plain, record, records, text, the_id

KINDS: dict[str, Any] = {"photo": "image", "animated_gif": "video", "video": "video"}


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    """The messages in one envelope; [] for what says nothing to us. Raises Unreadable."""
    body = shapes.decode(raw)
    try:
        return _read(body, connection.external_id)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as problem:
        raise Unreadable(f"a payload of another shape: {type(problem).__name__}: {problem}") from problem


def _read(body: Any, us: str) -> list[IncomingMessage]:
    match body:
        case {"data": {"event_type": str() as kind}}:
            return _activity(kind, body["data"], record(body.get("includes")), us)
        case {"data": list() as items}:
            includes = record(body.get("includes"))
            found = [
                _dm(item, includes, us) if "event_type" in item else post(item, includes, us)
                for item in records(items)
            ]
            return [message for message in found if message]
        case {"tweet_create_events": list() as items}:
            return [message for item in records(items) if (message := status(item, us))]
        case {"tweet_delete_events": list() as items}:
            return [
                _gone(the_id(record(i.get("status"))), instant(i.get("timestamp_ms"))) for i in records(items)
            ]
        case {"direct_message_events": list() as items}:
            return [
                _created(item, record(body.get("users")), us)
                for item in records(items)
                if "message_create" in item
            ]
        case {"event": dict() as item} if "message_create" in item:
            return [_created(item, {}, us)]
        case {"user": dict()}:
            return [message] if (message := status(body, us)) else []
        case {"sender": dict()}:
            return [_old_dm(body, us)]
        case dict():
            return []
        case _:
            raise Unreadable("neither an object nor an event")


def _activity(kind: str, data: dict[str, Any], includes: dict[str, Any], us: str) -> list[IncomingMessage]:
    payload = record(data.get("payload"))
    match kind:
        case "post.create" | "post.mention.create" | "post.reply.create" | "post.quote.create":
            message = post(payload, includes, us)
            return [message] if message else []
        case "post.delete":
            return [_gone(the_id(payload), instant(data.get("created_at"), the_id(payload)))]
        case "dm.received" | "dm.sent":
            people = {
                key: record(record(one).get("data")) for key, one in record(payload.get("users")).items()
            }
            return [
                _created(item, people, us)
                for item in records(payload.get("direct_message_events"))
                if item.get("type") == "message_create"
            ]
        case "chat.received":
            return _closed(payload, includes, us)
        case _:
            return []


def post(item: dict[str, Any], includes: dict[str, Any], us: str) -> IncomingMessage | None:
    """A post of API v2; None for a repost."""
    refs = {text(ref.get("type")): an_id(ref.get("id")) for ref in records(item.get("referenced_tweets"))}
    if "retweeted" in refs:
        return None
    latest, author = the_id(item), the_id(item, "author_id")
    history = item.get("edit_history_tweet_ids")
    versions = [an_id(one) for one in history] if isinstance(history, list) and history else [latest]
    said = text(record(item.get("note_tweet")).get("text")) or text(item.get("text"))
    parent = refs.get("replied_to") or an_id(item.get("in_reply_to_tweet_id"))
    who = _author(author, _people(includes))
    return IncomingMessage(
        kind="edited" if len(versions) > 1 else "created",
        external_id=versions[0] or latest,
        at=instant(item.get("created_at"), latest),
        thread=an_id(item.get("conversation_id")) or parent or latest,
        author=who,
        text=plain(said),
        by_brand=author == us,
        parent=parent,
        quote=refs.get("quoted", ""),
        url=_url(who.handle, latest),
        lang=_lang(item),
        media=_media(item, includes),
        version=latest.zfill(25),
        facts={"id": latest, "summoned": _summons(item, includes, refs, us)},
    )


def _summons(item: dict[str, Any], includes: dict[str, Any], refs: dict[str, str], us: str) -> bool:
    """Whether this post lets a self-serve app answer: it mentions us, answers us, or quotes us."""
    mentioned = {text(one.get("id")) for one in records(record(item.get("entities")).get("mentions"))}
    quoted = {
        text(o.get("author_id")) for o in records(includes.get("tweets")) if o.get("id") == refs.get("quoted")
    }
    return us in mentioned | quoted | {text(item.get("in_reply_to_user_id"))}


def status(item: dict[str, Any], us: str) -> IncomingMessage | None:
    """A post of API v1.1 or the Account Activity API; None for a repost. These name no conversation."""
    if isinstance(item.get("retweeted_status"), dict):
        return None
    found = the_id(item)
    person = record(item.get("user"))
    long = record(item.get("extended_tweet"))
    entities = record(long.get("entities") or item.get("entities"))
    parent = an_id(item.get("in_reply_to_status_id_str")) or an_id(item.get("in_reply_to_status_id"))
    who = _person(person)
    mentioned = {text(one.get("id_str")) for one in records(entities.get("user_mentions"))}
    answered = an_id(item.get("in_reply_to_user_id_str")) or an_id(item.get("in_reply_to_user_id"))
    extended = record(long.get("extended_entities") or item.get("extended_entities"))
    return IncomingMessage(
        kind="created",
        external_id=found,
        at=instant(item.get("created_at") or item.get("timestamp_ms"), found),
        thread=parent or found,
        author=who,
        text=plain(long.get("full_text") or item.get("full_text") or item.get("text")),
        by_brand=who.external_id == us,
        parent=parent,
        quote=an_id(item.get("quoted_status_id_str")) or an_id(item.get("quoted_status_id")),
        url=_url(who.handle, found),
        lang=_lang(item),
        media=_old_media(extended.get("media") or entities.get("media")),
        version=found.zfill(25),
        facts={"id": found, "summoned": us in mentioned | {answered}},
    )


def _dm(item: dict[str, Any], includes: dict[str, Any], us: str) -> IncomingMessage | None:
    """A message of API v2's dm_events; None for people who join or leave."""
    if item.get("event_type") != "MessageCreate":
        return None
    found, sender = the_id(item), the_id(item, "sender_id")
    thread = shapes.conversation(item.get("dm_conversation_id"))
    return IncomingMessage(
        kind="created",
        external_id=found,
        at=instant(item.get("created_at"), found),
        thread=thread or sender,
        visibility="private",
        author=_author(sender, _people(includes)),
        text=plain(item.get("text")),
        by_brand=sender == us,
        media=_media(item, includes),
        facts={"convo": thread},
    )


def _created(item: dict[str, Any], people: dict[str, Any], us: str) -> IncomingMessage:
    """A message as both activity APIs give it."""
    found, created = the_id(item), record(item.get("message_create"))
    sender = the_id(created, "sender_id")
    other = the_id(record(created.get("target")), "recipient_id")
    told = record(created.get("message_data"))
    media = record(record(told.get("attachment")).get("media"))
    thread = shapes.pair(sender, other)
    return IncomingMessage(
        kind="created",
        external_id=found,
        at=instant(item.get("created_timestamp"), found),
        thread=thread,
        visibility="private",
        author=_person({**record(people.get(sender)), "id": sender, "id_str": sender}),
        text=plain(told.get("text")),
        by_brand=sender == us,
        media=_old_media([media]),
        facts={"convo": thread},
    )


def _old_dm(item: dict[str, Any], us: str) -> IncomingMessage:
    found, who = the_id(item), _person(record(item.get("sender")))
    thread = shapes.pair(who.external_id, the_id(item, "recipient_id"))
    return IncomingMessage(
        kind="created",
        external_id=found,
        at=instant(item.get("created_at"), found),
        thread=thread,
        visibility="private",
        author=who,
        text=plain(item.get("text")),
        by_brand=who.external_id == us,
        facts={"convo": thread},
    )


def _closed(payload: dict[str, Any], includes: dict[str, Any], us: str) -> list[IncomingMessage]:
    """An encrypted conversation: nobody but X's own apps can read it, but somebody should know that it is there.

    The sheets name no fields for it, so what is not there leaves it out.
    """
    found, sender = text(payload.get("id")), text(payload.get("sender_id"))
    if not (shapes.ID.fullmatch(found) and shapes.ID.fullmatch(sender)) or sender == us or not us:
        return []
    return [
        IncomingMessage(
            kind="created",
            external_id=found,
            at=instant(payload.get("created_at"), found),
            thread=shapes.pair(sender, us) if shapes.ID.fullmatch(us) else sender,
            visibility="private",
            author=_author(sender, _people(includes)),
            text=_("An encrypted message: open X to read it."),
            url="https://x.com/messages",
        )
    ]


def _gone(found: str, at: datetime) -> IncomingMessage:
    return IncomingMessage(kind="deleted", external_id=found, at=at)


def _people(includes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {text(one.get("id")): one for one in records(includes.get("users"))}


def _author(found: str, people: dict[str, dict[str, Any]]) -> Author:
    return _person({**people.get(found, {}), "id": found, "id_str": found})


def _person(person: dict[str, Any]) -> Author:
    """Somebody, in the fields of either API."""
    count = record(person.get("public_metrics")).get("followers_count", person.get("followers_count"))
    avatar = text(person.get("profile_image_url_https")) or text(person.get("profile_image_url"))
    return Author(
        external_id=the_id(person),
        handle=text(person.get("username")) or text(person.get("screen_name")),
        name=text(person.get("name")),
        avatar_url=avatar if avatar.startswith("https://") else "",
        followers=count
        if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 2**31
        else None,
    )


def _url(handle: str, found: str) -> str:
    return f"https://x.com/{handle if handle.isascii() and handle.replace('_', '').isalnum() else 'i/web'}/status/{found}"


def _lang(item: dict[str, Any]) -> str:
    lang = text(item.get("lang"))
    return "" if lang in ("und", "zxx", "qme", "qht") or len(lang) > 12 else lang


def _media(item: dict[str, Any], includes: dict[str, Any]) -> tuple[IncomingMedia, ...]:
    found = []
    for one in records(includes.get("media")):
        url = text(one.get("url")) or text(one.get("preview_image_url"))
        if url.startswith("https://"):
            is_preview = not text(one.get("url"))
            kind: Any = "image" if is_preview else KINDS.get(text(one.get("type")), "file")
            found.append(IncomingMedia(kind, url, text(one.get("alt_text"))))
    return tuple(found)


def _old_media(given: object) -> tuple[IncomingMedia, ...]:
    """Pictures; of a video, its first picture, since the forms of videos are many."""
    return tuple(
        IncomingMedia("image", url, text(one.get("ext_alt_text")))
        for one in records(given)
        if (url := text(one.get("media_url_https"))).startswith("https://")
    )
