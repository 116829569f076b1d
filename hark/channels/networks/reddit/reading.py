"""Answers of the Reddit API into messages: things in listings however deep, and modmail.

People are known by name, which never changes there; an account's id is not in every answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from hark.channels.base import Author, Connection, Envelope, IncomingMessage, Skipped, Unreadable
from hark.channels.shapes import (
    JSON,
    answered,
    decoded,
    encoded,
    ident,
    inner,
    instant,
    key,
    needed,
    text,
    unix,
)

SAID = ("t1", "t3", "t4")
TAKEN_BACK = ("[deleted]", "[removed]")
POST_IN = re.compile(r"/comments/([a-z0-9]{1,12})/")
DEEPEST = 60  # levels of a listing; threads are cut at ten


def split(body: bytes) -> list[Envelope]:
    """Raises Skipped for an answer in which nobody says anything."""
    found = answered(body)
    envelopes: dict[str, Envelope] = {}
    for item in _items(found, 0):
        event_key = _key(item)
        envelopes.setdefault(event_key, Envelope(event_key, encoded(item)))
    if not envelopes:
        raise Skipped(_what(found))
    return list(envelopes.values())


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    found = decoded(raw)
    if not isinstance(found, dict):
        raise Unreadable("no thing of Reddit's")
    if "modmail" in found:
        return _modmail(found, connection)
    if "gone" in found:
        return [
            IncomingMessage(kind="deleted", external_id=needed(found, "gone"), at=instant(text(found, "at")))
        ]
    if found.get("kind") in SAID:
        return [_thing(str(found["kind"]), inner(found, "data"), connection)]
    return []


def gone(name: str, at: datetime) -> Envelope:
    return Envelope(key(name, "gone"), encoded({"gone": name, "at": at.isoformat()}))


def _items(value: Any, depth: int) -> Iterator[JSON]:
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from _items(one, depth + 1)
    elif isinstance(value, dict):
        yield from _items_in(value, depth)


def _items_in(value: JSON, depth: int) -> Iterator[JSON]:
    kind, data = value.get("kind"), value.get("data")
    if "modmail" in value or "gone" in value:
        yield value
    elif kind in SAID and isinstance(data, dict):
        yield {"kind": kind, "data": {**data, "replies": ""}}
        yield from _items(data.get("replies"), depth + 1)
    elif kind == "Listing" and isinstance(data, dict):
        yield from _items(data.get("children"), depth + 1)
    elif isinstance(value.get("json"), dict):
        told = value["json"].get("data")
        yield from _items(told.get("things") if isinstance(told, dict) else None, depth + 1)
    elif isinstance(value.get("messages"), dict):
        yield from _mails(value)
    elif isinstance(value.get("body"), str) and str(value.get("name")).startswith("t1_"):
        yield {"kind": "t1", "data": {**value, "replies": ""}}


def _mails(value: JSON) -> Iterator[JSON]:
    """Modmail: messages beside their conversations, which name them."""
    many = value.get("conversations")
    talks = [value.get("conversation"), many, *(many.values() if isinstance(many, dict) else ())]
    belongs: dict[str, JSON] = {}
    for talk in talks:
        if isinstance(talk, dict) and isinstance(talk.get("objIds"), list):
            for one in talk["objIds"]:
                if isinstance(one, dict) and one.get("key") == "messages":
                    belongs[str(one.get("id"))] = talk
    for number, message in value["messages"].items():
        if isinstance(message, dict) and (talk := belongs.get(str(number))):
            yield {
                "modmail": talk.get("id"),
                "subject": talk.get("subject"),
                "item": {**message, "id": number},
            }


def _key(item: JSON) -> str:
    if "modmail" in item:
        return key("modmail", needed(inner(item, "item"), "id"))
    if "gone" in item:
        return key(needed(item, "gone"), "gone")
    data = inner(item, "data")
    return key(_name(str(item["kind"]), data), _version(data), "blank" if _is_taken_back(data) else "")


def _name(kind: str, data: JSON) -> str:
    return ident(data, "name") or f"{kind}_{needed(data, 'id')}"


def _version(data: JSON) -> str:
    """When it was last edited, in seconds with zeros in front; "" for never. Old answers say only that it was."""
    edited = data.get("edited")
    if isinstance(edited, bool) or not isinstance(edited, int | float) or not 0 <= edited < 1e12:
        return ""
    return f"{int(edited):012d}"


def _is_taken_back(data: JSON) -> bool:
    said = data.get("body") if "body" in data else data.get("selftext")
    return said in TAKEN_BACK and (said == "[removed]" or data.get("author") in (None, "[deleted]"))


def _what(found: Any) -> str:
    if isinstance(found, list):
        return "a list in which nobody says anything" if found else "an empty list"
    if not isinstance(found, dict):
        raise Unreadable("not what Reddit documents: neither an object nor a list")
    if isinstance(found.get("json"), dict):
        errors = found["json"].get("errors")
        return f"errors: {errors}"[:200] if errors else "an answer that something was done"
    if "explanation" in found or "error" in found or "reason" in found:
        return f"an error: {found.get('explanation') or found.get('message') or found.get('error')}"[:200]
    named = str(found.get("kind") or ", ".join(sorted(map(str, found))[:6]) or "empty")
    return f"nobody says anything in it: {named}"[:200]


def _thing(kind: str, data: JSON, connection: Connection) -> IncomingMessage:
    name, version = _name(kind, data), _version(data)
    made = unix(data.get("created_utc"))
    thread = _thread(kind, name, data)
    if kind != "t4" and _is_taken_back(data):
        return IncomingMessage(
            kind="deleted", external_id=name, at=unix(int(version)) if version else made, thread=thread
        )
    who = _author(data)
    ours = who.external_id.lower() == connection.external_id.lower()
    above = ident(data, "parent_id")
    link = text(data, "permalink") or text(data, "context")
    return IncomingMessage(
        kind="edited" if version else "created",
        external_id=name,
        at=unix(int(version)) if version else made,
        thread=thread,
        visibility="private" if kind == "t4" else "public",
        author=who,
        text=_post(data) if kind == "t3" else text(data, "body"),
        by_brand=ours,
        parent=above,
        url=f"https://www.reddit.com{link}" if link.startswith("/") else "",
        version=version,
        facts={"name": name, "community": text(data, "subreddit")[:80], "locked": data.get("locked") is True},
    )


def _thread(kind: str, name: str, data: JSON) -> str:
    """A discussion is its post; a listing of the inbox names the post in an address only."""
    if kind == "t3":
        return name
    if kind == "t4":
        return ident(data, "first_message_name") or name
    where = POST_IN.search(text(data, "context") or text(data, "permalink"))
    return ident(data, "link_id") or (f"t3_{where[1]}" if where else ident(data, "parent_id") or name)


def _author(data: JSON) -> Author:
    """Whoever wrote it; messages of a community have no author but the community."""
    name = text(data, "author") or f"r/{text(data, 'subreddit')}"
    return Author(name[:255], name[:200], name[:200])


def _post(data: JSON) -> str:
    below = text(data, "selftext").strip() or ("" if data.get("is_self") else text(data, "url"))
    return f"{text(data, 'title').strip()}\n\n{below}".strip()


def _modmail(found: JSON, connection: Connection) -> list[IncomingMessage]:
    """A word in modmail. What moderators say among themselves is no part of the conversation."""
    message, talk = inner(found, "item"), needed(found, "modmail")
    if message.get("isInternal") is True:
        return []
    author = inner(message, "author")
    name = text(author, "name") or "[deleted]"
    return [
        IncomingMessage(
            kind="created",
            external_id=key("modmail", needed(message, "id")),
            at=instant(text(message, "date")),
            thread=key("modmail", talk),
            visibility="private",
            author=Author(name[:255], name[:200], name[:200]),
            text=text(message, "bodyMarkdown") or text(message, "body"),
            by_brand=author.get("isMod") is True or name.lower() == connection.external_id.lower(),
            url=f"https://mod.reddit.com/mail/all/{talk}",
            facts={"modmail": talk, "subject": text(found, "subject")[:300]},
        )
    ]
