"""A body of up to 1,000 updates becomes one envelope an update, byte for byte, each in an envelope like the one it came in.

The key is what kind of update it is and a digest of its own bytes: a redelivery in another batch, at another `time` of the
entry, is the same event. Times and texts are inside, so each edit has a key of its own.
"""

from __future__ import annotations

import hashlib
import re

import msgspec

from hark.channels.base import Envelope, Unreadable

from .shapes import MOST_ID

KINDS = ("changes", "messaging", "standby")
ID = re.compile(r"(t_)?[0-9]+(_[0-9]+)?")
WHATSAPP = ("messages", "message_echoes", "statuses")


class Entry(msgspec.Struct):
    id: msgspec.Raw = msgspec.Raw(b'""')
    time: msgspec.Raw = msgspec.Raw(b"0")
    changes: list[msgspec.Raw] = []
    messaging: list[msgspec.Raw] = []
    standby: list[msgspec.Raw] = []


class Body(msgspec.Struct):
    object: str
    entry: list[msgspec.Raw]


class Change(msgspec.Struct):
    field: str
    value: dict[str, msgspec.Raw]


class Metadata(msgspec.Struct):
    phone_number_id: str = ""


class Value(msgspec.Struct):
    metadata: Metadata = msgspec.field(default_factory=Metadata)


class About(msgspec.Struct):
    value: Value


_about = msgspec.json.Decoder(About)
_body = msgspec.json.Decoder(Body)
_entry = msgspec.json.Decoder(Entry)
_change = msgspec.json.Decoder(Change)


def split(body: bytes) -> list[Envelope]:
    """One envelope an update. What is no webhook (an answer of the Graph API) is split into its objects.

    Raises Unreadable.
    """
    try:
        try:
            found = _events(_body.decode(body))
        except msgspec.ValidationError:
            found = _objects(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        raise Unreadable(f"not JSON: {problem}") from None
    return list({envelope.event_key: envelope for envelope in found}.values())


def _events(body: Body) -> list[Envelope]:
    is_whatsapp = body.object == "whatsapp_business_account"
    head = b'{"object":' + msgspec.json.encode(body.object) + b',"entry":['
    found = []
    for whole in body.entry:
        entry = _entry.decode(whole)
        about = bytes(entry.id)
        begin = head + b'{"id":' + about + b',"time":' + bytes(entry.time) + b',"'
        updates = [(kind, bytes(raw)) for kind in KINDS for raw in getattr(entry, kind)]
        for kind, update in updates:
            for piece in _pieces(update) if is_whatsapp else (update,):
                raw = begin + kind.encode() + b'":[' + piece + b"]}]}"
                to = _number(piece) if is_whatsapp else about.strip(b'"').decode()
                found.append(Envelope(f"{kind} {_digest(about + piece)}", raw, to[:MOST_ID]))
        if not updates:
            raw = head + bytes(whole) + b"]}"
            found.append(Envelope(f"entry {_digest(bytes(whole))}", raw))
    return found


def _pieces(raw: bytes) -> list[bytes]:
    """A WhatsApp change holds many messages: one change each, with the contacts and the number beside it."""
    try:
        change = _change.decode(raw)
        names = [name for name in WHATSAPP if name in change.value]
        items = msgspec.json.decode(change.value[names[0]], type=list[msgspec.Raw]) if len(names) == 1 else []
    except msgspec.ValidationError:
        return [raw]
    beside = {name: value for name, value in change.value.items() if name != names[0]} if items else {}
    field = msgspec.json.encode(change.field)
    return [
        b'{"field":' + field + b',"value":' + msgspec.json.encode({**beside, names[0]: [item]}) + b"}"
        for item in items
    ] or [raw]


def _number(change: bytes) -> str:
    """The number that a change of WhatsApp is about: the entry's id is the business, which may have many."""
    try:
        return _about.decode(change).value.metadata.phone_number_id
    except msgspec.ValidationError:
        return ""


def _objects(body: bytes) -> list[Envelope]:
    """The objects in an answer of the Graph API: one, a page of them, or several by their ids."""
    raws = [msgspec.Raw(body)]
    if body.lstrip()[:1] == b"[":
        raws = msgspec.json.decode(body, type=list[msgspec.Raw]) or raws
    try:
        found = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        if bytes(found.get("data", b""))[:1] == b"[":
            raws = msgspec.json.decode(found["data"], type=list[msgspec.Raw]) or raws
        elif found and all(ID.fullmatch(name) for name in found):
            raws = list(found.values())
    except msgspec.ValidationError:
        pass  # a list, a number: read() says what it thinks of it
    return [Envelope(f"object {_digest(bytes(raw))}", bytes(raw)) for raw in raws]


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=18).hexdigest()
