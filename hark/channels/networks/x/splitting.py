"""Bodies into events. X has four families; each event stands alone in its envelope, with the people it speaks of.

* X Activity API: `{"data": {"event_type", "event_uuid", "payload"}, "includes"}`, one event a body.
* API v2 answers: `{"data": [post or dm event], "includes"}`; also how polls are kept.
* Account Activity API: `{"for_user_id", "tweet_create_events": […], …}`.
* API v1.1: a status, `{"statuses": […]}`, `{"results": […]}`, a list of them, `{"event": {direct message}}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hark.channels.base import Envelope, Skipped, Unreadable

from .shapes import an_id, decode, encode, record, records, text, the_id

ACTIVITIES = {
    "tweet_create_events": "post",
    "tweet_delete_events": "gone",
    "direct_message_events": "dm",
}
LEFT_OUT = {
    "direct_message_mark_read_events": "a read receipt",
    "direct_message_indicate_typing_events": "somebody types",
    "favorite_events": "a like",
    "follow_events": "a follow",
    "block_events": "a block",
    "mute_events": "a mute",
}
LISTS = ("statuses", "results")


def split(body: bytes) -> list[Envelope]:
    """One envelope an event. Raises Skipped with what the body is when it carries no message, Unreadable."""
    if not body.strip():
        raise Skipped("an empty answer")
    found = list(_events(decode(body)))
    return list({envelope.event_key: envelope for envelope in found}.values())


def _events(body: Any) -> Iterator[Envelope]:
    match body:
        case {"data": {"event_type": str()}}:
            yield _activity(body)
        case {"for_user_id": _}:
            yield from _account_activities(body)
        case {"user_event": {"revoke": dict() as revoke}}:
            yield Envelope(f"revoke {text(revoke.get('date_time'))[:100]}", encode(body))
        case {"data": dict() | list()}:
            yield from _answer(body)
        case {"event": {"message_create": _}}:
            yield Envelope(f"dm {the_id(body['event'])}", encode(body))
        case dict() | list():
            yield from _older(body)
        case _:
            raise Unreadable("neither an object nor a list")


def _activity(body: dict[str, Any]) -> Envelope:
    """The uuid is a string, perhaps of a negative number; nothing else identifies a delivery."""
    data = body["data"]
    uuid = text(data.get("event_uuid"))
    if not uuid or len(uuid) > 200 or "\0" in uuid:
        raise Unreadable("an event without an event_uuid")
    return Envelope(f"activity {uuid}", encode(body))


def _account_activities(body: dict[str, Any]) -> Iterator[Envelope]:
    for name, kind in ACTIVITIES.items():
        for event in records(body.get(name)):
            key = the_id(record(event.get("status")) if kind == "gone" else event)
            kept: dict[str, Any] = {"for_user_id": an_id(body["for_user_id"]), name: [event]}
            if kind == "dm":
                kept["users"] = record(body.get("users"))
            yield Envelope(f"{kind} {key}", encode(kept))
    if not any(name in body for name in ACTIVITIES):
        raise Skipped(
            next((what for name, what in LEFT_OUT.items() if name in body), "an event of no interest")
        )


def _answer(body: dict[str, Any]) -> Iterator[Envelope]:
    """Posts and messages of an answer of API v2, each with those whom it speaks of."""
    data = body["data"]
    items = records(data if isinstance(data, list) else [data])
    wanted = [(item, kind) for item in items if (kind := _kind(item))]
    if not wanted:
        raise Skipped(_what(items))
    for item, kind in wanted:
        kept: dict[str, Any] = {"data": [item]}
        if includes := _includes(item, record(body.get("includes"))):
            kept["includes"] = includes
        yield Envelope(f"{kind} {the_id(item)}", encode(kept))


def _kind(item: dict[str, Any]) -> str:
    if item.get("event_type") == "MessageCreate" and item.get("sender_id"):
        return "dm"
    return "post" if "text" in item and item.get("author_id") else ""


def _what(items: list[dict[str, Any]]) -> str:
    first = items[0] if items else {}
    known: list[tuple[Callable[[dict[str, Any]], bool], str]] = [
        (lambda item: not item, "an empty answer"),
        (
            lambda item: "event_type" in item,
            "a message event without its sender: the field was not asked for",
        ),
        (lambda item: "text" in item, "a post without its author: the field was not asked for"),
        (lambda item: "username" in item, "people"),
        (lambda item: "tweet_count" in item, "counts"),
        (lambda item: "dm_event_id" in item, "the receipt of a message"),
        (lambda item: "name" in item, "lists"),
    ]
    return next((what for fits, what in known if fits(first)), "what a call did")


def _includes(item: dict[str, Any], includes: dict[str, Any]) -> dict[str, Any]:
    people = {text(item.get(name)) for name in ("author_id", "sender_id", "in_reply_to_user_id")}
    media = record(item.get("attachments")).get("media_keys")
    keys = set(map(str, media)) if isinstance(media, list) else set()
    quoted = {str(ref.get("id")) for ref in records(item.get("referenced_tweets"))}
    found = {
        "users": [one for one in records(includes.get("users")) if text(one.get("id")) in people],
        "media": [one for one in records(includes.get("media")) if text(one.get("media_key")) in keys],
        "tweets": [one for one in records(includes.get("tweets")) if text(one.get("id")) in quoted],
    }
    return {name: some for name, some in found.items() if some}


def _older(body: Any) -> Iterator[Envelope]:
    """Version 1.1: statuses and old direct messages, alone, in a list or named."""
    items = records(body) if isinstance(body, list) else [body]
    for name in LISTS:
        if isinstance(body, dict) and name in body:
            items = records(body[name])
    found = 0
    for item in items:
        if _is_status(item):
            yield Envelope(f"post {the_id(item)}", encode(item))
        elif isinstance(item.get("sender"), dict) and "text" in item:
            yield Envelope(f"dm {the_id(item)}", encode(item))
        else:
            continue
        found += 1
    if not found:
        raise Skipped(_what_older(body, items))


def _is_status(item: dict[str, Any]) -> bool:
    said = "text" in item or "full_text" in item
    return said and isinstance(item.get("user"), dict) and ("id" in item or "id_str" in item)


def _what_older(body: Any, items: list[dict[str, Any]]) -> str:
    if not items or not items[0]:
        return "an empty answer"
    if isinstance(body, dict) and body.get("errors"):
        return "an error"
    first = items[0]
    for names, what in (
        (("screen_name",), "a person"),
        (("users",), "people"),
        (("ids",), "ids of people"),
        (("trends",), "trends"),
        (("welcome_message",), "a welcome message"),
        (("welcome_messages",), "welcome messages"),
        (("media_id",), "an upload"),
        (("query",), "a saved search"),
        (("html",), "a post to embed"),
        (("meta",), "an empty answer"),
        (("lists",), "lists"),
        (("member_count",), "lists"),
    ):
        if all(name in first for name in names):
            return what
    return "no message: " + ", ".join(sorted(str(name)[:30] for name in first)[:4])
