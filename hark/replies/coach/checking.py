"""Drafts as lines of JSON, and what the coach says about each, as lines of JSON."""

from __future__ import annotations

import msgspec

from . import Context, look

ENCODER = msgspec.json.Encoder()


class Line(msgspec.Struct):
    draft: str
    id: str | int | None = None
    customer: str | None = ""
    customer_name: str | None = None
    network: str | None = ""
    public: bool | None = True
    crisis: bool | str | None = False  # true, or what it is
    blocks: list[str] | None = None  # approved texts, which in a crisis may not leave as they are


DECODER = msgspec.json.Decoder(Line)


def answer(line: bytes, number: int) -> tuple[str, bool]:
    """The line to print, and whether the line could be read."""
    try:
        asked = DECODER.decode(line.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        return _json({"id": None, "line": number, "error": f"Line {number} is no draft: {problem}"}), False
    context = Context(
        customer=asked.customer or "",
        customer_name=asked.customer_name,
        network=asked.network or "",
        public=asked.public is not False,
        crisis="crisis" if asked.crisis is True else asked.crisis or "",
        blocks=asked.blocks or (),
    )
    findings = [
        {"check": one.check, "value": one.value, "level": one.level, "span": one.span, "reason": one.reason}
        for one in look(asked.draft, context)
    ]
    return _json({"id": asked.id, "findings": findings}), True


def _json(value: object) -> str:
    return ENCODER.encode(value).decode()
