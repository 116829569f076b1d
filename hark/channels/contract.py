"""What every network must keep to: called by `tests/test_contract.py` for each entry of the registry.

Payloads of a network lie in its folder `payloads/`: `*.ndjson` holds a body a line, `*.json` and `*.bin` one body each,
as its hook, poll or stream would be given; `account.json` names the account they were sent to. docs/channels.md.
"""

from __future__ import annotations

import inspect
import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from .abilities import Collects, Connects, Corrects, Hides, Likes, Polls
from .base import (
    Author,
    Capabilities,
    Connection,
    Envelope,
    IncomingMessage,
    NeedsReconnect,
    Network,
    OutgoingReply,
    Refused,
    Skipped,
    TryLater,
    Unreadable,
    Unsure,
)
from .reading import clean
from .signatures import SCHEMES

INBOUND = {"mention", "comment", "dm", "review"}
STYLES = {"webhook", "stream", "poll", "push"}
HANDOFFS = {"private_reply", "dm_link", "direct_visibility", "deep_link", "direct_dm", "link", "address"}
NEEDS = {"approval", "premium", "enterprise", "moderator", "region"}
UNITS = {"weighted", "graphemes", "chars", "bytes", "utf16", "segments"}
CODES = {"never", "window_closed", "recipient_unreachable", "too_long", "gone"}
FOUR = (TryLater, Refused, NeedsReconnect, Unsure)
MOST_ID = 512


def folder(network: Network) -> Path:
    return Path(inspect.getfile(type(network))).parent


def account(network: Network, **credentials: str) -> Connection:
    """The account that the recorded payloads were sent to."""
    named = folder(network) / "payloads" / "account.json"
    who = json.loads(named.read_text()) if named.exists() else {}
    return Connection(
        0,
        who.get("external_id", "brand"),
        who.get("handle", "brand"),
        credentials,
        who.get("settings", {}),
        network.can,
    )


def bodies(network: Network) -> Iterator[tuple[str, bytes]]:
    """Recorded bodies with the name of where they stand."""
    for path in sorted((folder(network) / "payloads").glob("*")):
        if path.suffix == ".ndjson":
            for number, line in enumerate(path.read_bytes().splitlines(), 1):
                if line.strip():
                    yield f"{path.name}:{number}", line
        elif path.suffix in (".json", ".bin") and path.name != "account.json":
            yield path.name, path.read_bytes()


def messages(
    network: Network, body: bytes, connection: Connection
) -> Iterator[tuple[Envelope, IncomingMessage]]:
    for envelope in network.split(body):
        for message in network.read(envelope.raw, connection):
            yield envelope, message


def identity(message: IncomingMessage) -> tuple[object, ...]:
    """What makes it the same message, said by the same."""
    who = message.author.external_id if message.author else ""
    return (
        message.kind,
        message.external_id,
        message.version,
        message.thread,
        message.parent,
        message.by_brand,
        who,
    )


def is_let_in(network: Network) -> bool:
    """Whether it holds what somebody else gave and can take away."""
    can = network.can
    return any(
        not name.removesuffix("_before").endswith("_secret") or name in can.given_secrets
        for name in can.credential_fields
    )


BIG = "9223372036854775001"  # an id that a double can't hold


def id_of(message: IncomingMessage, which: str) -> str:
    """Its external_id, thread or parent, or the id of its "author"."""
    if which == "author":
        return message.author.external_id if message.author else ""
    return str(getattr(message, which))


def check_capabilities(network: Network) -> None:
    """What is declared is known, hangs together, and is what the adapter has verbs for."""
    can: Capabilities = network.can
    assert can.label
    assert can.icon.startswith("n-"), can.icon
    assert can.inbound <= INBOUND, can.inbound - INBOUND
    assert can.inbound_style <= STYLES, can.inbound_style - STYLES
    assert set(can.handoff) <= HANDOFFS, set(can.handoff) - HANDOFFS
    assert set(can.needs) <= NEEDS, set(can.needs) - NEEDS
    for limit in (can.public_text, can.private_text):
        assert limit is None or (limit.unit in UNITS and limit.value > 0), limit
    for files in (can.public_files, can.private_files):
        assert bool(files.types) == (files.max_count > 0) == (files.max_bytes > 0), files
    assert can.window is None or (can.window.total_seconds() > 0 and (can.dm_send or can.reply_public))
    assert can.given_secrets <= set(can.credential_fields), "a secret that is given and has no field"
    if "client_secret" in can.credential_fields:
        assert "client_secret" in can.given_secrets, (
            "a page would offer to make a new one, and end the permission"
        )
    if can.signature:
        assert can.signature.scheme in SCHEMES, can.signature.scheme
        assert can.signature.header == can.signature.header.lower(), "header names are lower case"
    assert can.reply_public or not (can.public_files.types or can.threads_long_text)
    assert can.dm_send or not can.private_files.types
    assert "direct_dm" not in can.handoff or can.dm_send
    assert "private_reply" not in can.handoff or can.reply_private_once
    assert isinstance(network, Corrects) or not (can.edit_own or can.delete_own)
    assert can.hide == isinstance(network, Hides), "hide is declared and not there, or the other way round"
    assert can.like == isinstance(network, Likes), "like is declared and not there, or the other way round"
    if can.inbound_style & {"poll", "stream"}:
        assert isinstance(network, Collects | Polls), (
            "declared to be collected, and has no collect() or poll()"
        )
    if can.signature:
        assert set(can.signature.credentials[:1]) <= {"hook_secret", *can.credential_fields}, (
            "signed with what?"
        )
    if can.credential_fields:
        assert isinstance(network, Connects), "has credentials, and no form to enter them"


def check_envelopes(envelopes: list[Envelope]) -> None:
    """Keys identify: each is there once, is not empty, and fits its column."""
    keys = [envelope.event_key for envelope in envelopes]
    assert len(set(keys)) == len(keys), "two events of one body share a key"
    for envelope in envelopes:
        assert isinstance(envelope.raw, bytes)
        assert envelope.event_key.strip(), "an event without a key"
        assert len(envelope.event_key) <= MOST_ID, "the column would cut this key short"
        assert "\0" not in envelope.event_key


def check_message(message: IncomingMessage) -> None:
    """A message that can be kept, threaded and answered."""
    assert message.kind in ("created", "edited", "deleted", "reacted", "undelivered"), message.kind
    assert message.visibility in ("public", "private"), message.visibility
    assert message.external_id, "no id"
    assert message.at.tzinfo is not None, "a time without a zone"
    message.at.astimezone(UTC)
    for name in ("external_id", "thread", "parent", "quote"):
        assert len(getattr(message, name)) <= MOST_ID, f"{name} is too long to be kept"
    for field in fields(message):
        assert _can_be_stored(getattr(message, field.name)), f"{field.name} holds what PostgreSQL can't store"
    if message.kind in ("created", "edited"):
        assert message.thread, "no thread"
        assert message.author is not None, "nobody said it"
        assert message.author.external_id
    if message.kind == "reacted":
        assert message.reaction, "a reaction without one"
    if message.kind == "deleted":
        assert not message.text, "a deletion carries no text"
    for item in message.media:
        assert item.url.startswith(("https://", "http://", "part:", "held:")), item.url
    json.dumps(dict(message.facts), allow_nan=False)


def check_identity(message: IncomingMessage, raw: bytes, connection: Connection) -> None:
    """Ids are texts that lost no digit on their way, and what the account itself said is known as the brand's own."""
    author = message.author.external_id if message.author else ""
    for value in (message.external_id, message.thread, message.parent, message.quote, author):
        assert isinstance(value, str), f"an id that is no text: {value!r}"
        if value.isdigit() and len(value) > 15:  # beyond 53 bits a number is no longer what it was
            assert value.encode() in raw, f"{value} is not what the network wrote"
    if author and message.kind == "created":
        assert message.by_brand or author != connection.external_id, "an echo that is not known as one"


def _can_be_stored(value: object) -> bool:
    if isinstance(value, str):
        return "\0" not in value and _is_utf8(value)
    if isinstance(value, dict):
        return all(_can_be_stored(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple):
        return all(_can_be_stored(part) for part in value)
    return True


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_calmly(network: Network, raw: bytes, connection: Connection) -> list[IncomingMessage]:
    """Messages or nothing, whatever the bytes are: any failure but Unreadable comes through and fails the test."""
    try:
        messages = network.read(raw, connection)
        kept = [clean(message) for message in messages]
    except Unreadable:
        return []
    for message in kept:
        check_message(message)
    return kept


def outcome(verb: Callable[..., object], *arguments: object) -> object:
    """The receipt, or the failure when it is one of the four; any other exception comes through."""
    try:
        return verb(*arguments)
    except FOUR as failure:
        return failure


def check_outcome(found: object) -> None:
    """A receipt with an id, nothing, or a failure that says something and, when it is final, why."""
    if isinstance(found, Refused):
        assert found.code in CODES, found.code
    if isinstance(found, Exception):
        assert str(found), "a failure that says nothing"
    else:
        assert found is None or getattr(found, "external_id", None), "a receipt without an id"


def split_calmly(network: Network, body: bytes) -> list[Envelope]:
    try:
        envelopes = network.split(body)
    except (Skipped, Unreadable):
        return []
    for envelope in envelopes:
        assert isinstance(envelope.raw, bytes)
    return envelopes


HOSTILE = (
    b"", b"\0", b"null", b"true", b"0", b"[]", b"{}", b'""', b"[[]]", b"{", b"}{", b"\xff\xfe", b"\xef\xbb\xbf{}",
    b'{"a":', b"NaN", b'{"at": NaN}', b'{"id": 1e400}', b"-" * 10_000, b"[" * 200_000, b'{"a":' * 100_000,
    b'{"\\ud800": "\\udfff"}', b'{"text": "\\u0000"}', b'{"id": 123456789012345678901234567890}',
    b'{"id": "' + b"9" * 100_000 + b'"}', b"<xml/>", b"a=b&c=d", b"\x1f\x8b\x08\x00" + b"\0" * 50,
)  # fmt: skip


def mutations(body: bytes, number: int, seed: int) -> Iterator[bytes]:
    """Bodies that were like this one: cut, flipped, and with values of another kind in place of theirs."""
    dice = random.Random(seed)
    for _ in range(number):
        yield dice.choice((_cut, _flipped, _swapped, _swapped, _swapped))(body, dice)


ODD: tuple[object, ...] = (
    None, True, 0, -1, 1.5, 10**30, "", "\0", "\ud800", "x" * 5000, [], {}, [[]], [None], {"": ""}, "at://",
    "did:plc:" + "a" * 600, "9999-12-31T23:59:59.999-14:00", "0001-01-01T00:00:00+14:00", "2026-13-45", "javascript:alert(1)",
    float("nan"), float("inf"),
)  # fmt: skip


def _cut(body: bytes, dice: random.Random) -> bytes:
    return body[: dice.randrange(len(body) + 1)]


def _flipped(body: bytes, dice: random.Random) -> bytes:
    changed = bytearray(body)
    for _ in range(dice.randint(1, 8)):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _swapped(body: bytes, dice: random.Random) -> bytes:
    """The same JSON with one to three of its values, anywhere in it, made odd, renamed or left out."""
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        return _flipped(body, dice)
    for _ in range(dice.randint(1, 3)):
        places = list(_places(tree))
        if not places:
            break
        holder, key = dice.choice(places)
        if isinstance(holder, dict) and dice.random() < 0.3:
            value = holder.pop(str(key))
            if dice.random() < 0.3:
                holder[f"{key}2"] = value
        else:
            holder[key] = deepcopy(dice.choice(ODD))  # type: ignore[index]
    return json.dumps(tree).encode("utf-8", "surrogatepass")


def _places(tree: object) -> Iterator[tuple[dict[str, object] | list[object], str | int]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield tree, key
            yield from _places(value)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield tree, index
            yield from _places(value)


def odd_replies() -> Iterator[OutgoingReply]:
    """Replies that name nobody, nothing, or what is not there."""
    now = datetime(2026, 11, 20, 10, tzinfo=UTC)
    nobody = Author("nobody", "nobody.example")
    for visibility in ("public", "private"):
        for text in ("Hello.", "", "x" * 200_000, "🧳\0\u202e", "@nobody.example #x https://x.example"):
            for to, parent, facts in (
                (None, "", {}),
                (nobody, "nothing-like-an-id", {"cid": 7, "convo": None, "root_uri": []}),
                (nobody, "at://did:plc:abc/app.bsky.feed.post/1", {}),
            ):
                yield OutgoingReply(
                    "key", "public" if visibility == "public" else "private", text, to,
                    parent=parent, parent_facts=facts, queued_at=now,
                )  # fmt: skip
