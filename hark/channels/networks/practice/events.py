"""The practice network's events as JSON: what its feed gives out and what may be posted to a hook.

    {"key": "p1a2.1", "type": "post", "id": "p1a2", "at": "2026-01-05T10:00:00Z", "thread": "p1a2", "text": "…",
     "author": {"id": "maya", "handle": "maya.on.rails", "name": "Maya Lindqvist", "followers": 1204}}

A body is one event or {"events": [up to 1,000 of them]}. `key` names the event, version included.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Writer(msgspec.Struct, frozen=True, omit_defaults=True):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    handle: str = ""
    name: str = ""
    followers: int | None = None
    avatar: str = ""


class Picture(msgspec.Struct, frozen=True, omit_defaults=True):
    url: str
    alt: str = ""


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened. For "like", `id` names the post that was liked."""

    key: Key
    id: Key
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    type: Literal["post", "edit", "delete", "like"] = "post"
    thread: str = ""
    parent: str = ""
    quote: str = ""
    private: bool = False
    text: str = ""
    lang: str = ""
    url: str = ""
    rating: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    version: int = 1
    author: Writer | None = None
    pictures: tuple[Picture, ...] = ()
    ref: str = ""  # the token of the link by which the writer came


class Named(msgspec.Struct, frozen=True):
    """Of an event only what it is called: enough to store it."""

    key: Key


class Body(msgspec.Struct, frozen=True):
    events: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=1000)]


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Event).decode
decode_name = msgspec.json.Decoder(Named).decode
decode_body = msgspec.json.Decoder(Body).decode
