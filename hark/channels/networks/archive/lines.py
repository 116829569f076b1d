"""One imported line as it is stored: what Hark understands of it by name, all the rest under `more`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """`is_open`: the case that it makes waits for an answer; otherwise it is history."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    text: str
    author: Annotated[str, msgspec.Meta(max_length=255)] = ""
    author_name: str = ""
    thread: str = ""
    reply_to: str = ""
    private: bool = False
    outbound: bool = False
    lang: str = ""
    url: str = ""
    is_open: bool = False
    more: dict[str, str] = {}


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Line).decode
