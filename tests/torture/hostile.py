"""Bodies, texts and forms that nobody means well with; the same for the same seed."""

from __future__ import annotations

import copy
import gzip
import json
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_from_bytes

Event = dict[str, Any]

ZALGO = "Z" + "\u0300\u0301\u0327\u0337\u0489" * 400
BIDI = "\u202egnp.exe\u202c \u2066\u2067\u2068 \u200f\u061c"
TEXTS = [
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "😀" * 3000,
    ZALGO,
    BIDI,
    "\ufeff",
    "\u2028\u2029",
    "ﷺ" * 600,
    "\x1b[31m",
    "\x7f\x80",
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% now %}",
    "' OR 1=1 --",
    "${jndi:ldap://x}",
    "../../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "=cmd|' /C calc'!A0",
    "%s%n%x",
    "NaN",
    "-1",
    "0",
    "1e400",
    "٣",
    "²",
    "१२",
    "99999999999999999999",
    str(2**63),
    "0x10",
    "1_0",
    "9999-12-31T23:59",
    "0001-01-01T00:00",
    "2030-02-30T25:61",
    "0000-00-00",
    "",
    " ",
    "\t",
    "x" * 5_000,
    "x" * 200_000,
    "á" * 70_000,
    "from: to: is: in:",
    '"',
    '"' * 999,
    "-" * 2000,
    "before:9999999999",
    "after:²",
    "tag:\0",
    "(((((",
    "a & | ! :*",
    "is:open " * 500,
    "javascript:alert(1)",
    "http://[::1",
    "//evil.example",
    "mailto:x",
    "null",
    "true",
    "[]",
    "{}",
    "@" * 5000,
    "#" * 3000,
]
TIMES = [
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-45T99:99:99Z", "2026-01-05T10:00:00", "yesterday", 0, 1e18,
    "2026-02-29T00:00:00Z", "1066-10-14T09:00:00Z", "9999-12-31T23:59:59.999999Z",
]  # fmt: skip
NUMBERS: list[Any] = [
    2**31,
    2**63,
    2**64,
    10**400,
    -(2**63),
    0.5,
    1e308,
    -0.0,
    True,
    None,
    "1",
    [1],
    {"a": 1},
]


def event(chance: random.Random, number: int) -> Event:
    """A good one, to be spoilt."""
    who = f"h{chance.randint(1, 300)}"
    return {
        "key": f"h{number}", "id": f"h{chance.randint(1, max(2, number))}", "at": "2026-01-05T10:00:00Z",
        "type": chance.choice(["post", "post", "post", "edit", "delete", "like"]),
        "text": f"Where is my bag? {number}", "thread": f"t{chance.randint(1, 200)}", "lang": "en", "version": chance.randint(1, 3),
        "author": {"id": who, "handle": f"{who}.example", "name": who.title(), "followers": 12},
        "private": chance.random() < 0.1, "rating": chance.randint(1, 5),
        "pictures": [{"url": "https://x.example/a.png", "alt": "A broken bag"}], "parent": "h1", "quote": "", "ref": "",
    }  # fmt: skip


def body(chance: random.Random, number: int) -> bytes:
    """One request to a hook: mostly spoilt, sometimes only strange."""
    good = event(chance, number)
    spoil = chance.choice(SPOILERS)
    spoilt = spoil(chance, good)
    if isinstance(spoilt, bytes):
        return spoilt
    if chance.random() < 0.3:
        spoilt = {"events": [spoilt, event(chance, -number)]}
    return json.dumps(spoilt).encode()


def spoilt(chance: random.Random, good: dict[str, Any]) -> bytes:
    """A body of some other interface, spoilt in a way that knows nothing of its fields."""
    if chance.random() < 0.3:
        name, inner = (
            chance.choice(list(good)),
            chance.choice([*TEXTS, *NUMBERS, {"url": "\0", "title": TEXTS}, {"id": "x" * 9000}]),
        )
        return json.dumps(
            good | {chance.choice([name, "page", "identity", "handoff", "locale"]): inner}
        ).encode()
    whole = chance.choice([_cut, _altered, _deep, _twice, _other_format, _huge, _missing, _good])(
        chance, good
    )
    return whole if isinstance(whole, bytes) else json.dumps(whole).encode()


def _wrong_text(chance: random.Random, good: Event) -> Event:
    name = chance.choice(["text", "id", "thread", "parent", "quote", "lang", "url", "ref", "key"])
    return good | {name: chance.choice(TEXTS)}


def _wrong_author(chance: random.Random, good: Event) -> Event:
    name = chance.choice(["id", "handle", "name", "avatar"])
    return good | {"author": good["author"] | {name: chance.choice(TEXTS)}}


def _wrong_number(chance: random.Random, good: Event) -> Event:
    if chance.random() < 0.5:
        return good | {"author": good["author"] | {"followers": chance.choice(NUMBERS)}}
    return good | {chance.choice(["version", "rating", "private"]): chance.choice(NUMBERS)}


def _wrong_time(chance: random.Random, good: Event) -> Event:
    return good | {"at": chance.choice(TIMES)}


def _wrong_type(chance: random.Random, good: Event) -> Event:
    return good | {
        chance.choice(list(good)): chance.choice([None, 1, [], {}, True, [[]], {"id": {}}, "", -1.5])
    }


def _missing(chance: random.Random, good: Event) -> Event:
    spoilt = copy.deepcopy(good)
    spoilt.pop(chance.choice(list(spoilt)))
    return spoilt


def _pictures(chance: random.Random, good: Event) -> Event:
    many = [{"url": chance.choice(TEXTS), "alt": chance.choice(TEXTS)} for _ in range(chance.randint(0, 30))]
    return good | {"pictures": many}


def _cut(chance: random.Random, good: Event) -> bytes:
    whole = json.dumps(good).encode()
    return whole[: chance.randrange(len(whole))]


def _altered(chance: random.Random, good: Event) -> bytes:
    whole = bytearray(json.dumps(good, ensure_ascii=False).encode())
    for _ in range(chance.randint(1, 8)):
        whole[chance.randrange(len(whole))] = chance.randrange(256)
    return bytes(whole)


def _deep(chance: random.Random, good: Event) -> bytes:
    depth = chance.choice([100, 1_000, 10_000])
    opening, closing = chance.choice([(b"[", b"]"), (b'{"a":', b"}")])
    nest = opening * depth + b"1" + closing * chance.choice([depth, 0])
    return chance.choice(
        [nest, json.dumps(good).encode()[:-1] + b',"more":' + nest + b"}", b'{"events":[' + nest + b"]}"]
    )


def _not_a_number(chance: random.Random, good: Event) -> bytes:
    odd = chance.choice(
        [b"NaN", b"Infinity", b"-Infinity", b"1" * 5000, b"1e99999", b"0x1", b"01", b"+1", b".5"]
    )
    return json.dumps(good | {"version": 77}).encode().replace(b"77", odd)


def _twice(chance: random.Random, good: Event) -> bytes:
    whole = json.dumps(good).encode()
    return (
        whole[:-1]
        + b","
        + json.dumps({chance.choice(list(good)): chance.choice(["x", 1, None])}).encode()[1:]
    )


def _bad_utf8(chance: random.Random, good: Event) -> bytes:
    odd = chance.choice([b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x28\xa1", b"\0"])
    return json.dumps(good | {"text": "HERE"}).encode().replace(b"HERE", odd)


def _other_format(chance: random.Random, good: Event) -> bytes:
    whole = json.dumps(good).encode()
    return chance.choice(
        [
            b"",
            b" ",
            b"\xef\xbb\xbf" + whole,
            whole.decode().encode("utf-16"),
            gzip.compress(whole),
            b"[" + whole + b"]",
            b"null",
            b'"x"',
            b"text=hello&id=1",
            b"<xml/>",
            whole + whole,
            b'{"events":[]}',
            b'{"events":{}}',
            b'{"events":[null,1,"x"]}',
            b"\0" * 100,
            b'{"events":[' + b",".join([whole] * 1001) + b"]}",
        ]
    )


def _huge(chance: random.Random, good: Event) -> bytes:
    size = chance.choice([10_000, 100_000, 300_000])
    return json.dumps(good | {chance.choice(["text", "key", "url", "more"]): "x" * size}).encode()


def _good(chance: random.Random, good: Event) -> Event:
    return good


SPOILERS: list[Callable[[random.Random, Event], Event | bytes]] = [
    _wrong_text, _wrong_text, _wrong_author, _wrong_number, _wrong_time, _wrong_type, _wrong_type, _missing, _pictures,
    _cut, _altered, _altered, _deep, _not_a_number, _twice, _bad_utf8, _other_format, _huge, _good,
]  # fmt: skip


# Forms -----------------------------------------------------------------------------------------------

URLENCODED = "application/x-www-form-urlencoded"
TYPES = [
    URLENCODED, f"{URLENCODED}; charset=utf-7", f"{URLENCODED}; charset=utf-7", "application/json", "text/plain", "",
    "multipart/form-data; boundary=x", "multipart/form-data; boundary=x; charset=latin-1",
    "multipart/form-data", "multipart/form-data; boundary=" + "y" * 300,
]  # fmt: skip


def form(chance: random.Random, values: dict[str, Any]) -> tuple[bytes, str]:
    """The body and content type of a form whose good values are given: some fields spoilt, dropped, doubled or invented."""
    pairs = [
        (name, str(part))
        for name, value in values.items()
        for part in (value if isinstance(value, list) else [value])
    ]
    for _ in range(chance.randint(1, 3)):
        deed = chance.random()
        if not pairs or deed < 0.1:
            pairs.append((chance.choice(TEXTS)[:200], chance.choice(TEXTS)))
        elif deed < 0.85:
            position = chance.randrange(len(pairs))
            pairs[position] = (pairs[position][0], chance.choice(TEXTS))
        elif deed < 0.95:
            pairs.pop(chance.randrange(len(pairs)))
        else:
            pairs += [chance.choice(pairs)] * chance.choice([1, 50, 1200])
    kind = chance.choice(TYPES) if chance.random() < 0.12 else TYPES[0]
    if kind.startswith("multipart/form-data; boundary=x") and chance.random() < 0.8:
        return _multipart(chance, pairs), kind
    encoded = b"&".join(_encoded(name) + b"=" + _encoded(text) for name, text in pairs)
    if chance.random() < 0.05:
        encoded += b"&%ff=%00&%zz&=&a=%ed%a0%80;"
    return encoded, kind


def _encoded(text: str) -> bytes:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass")).encode()


def _multipart(chance: random.Random, pairs: list[tuple[str, str]]) -> bytes:
    parts = []
    for name, text in pairs:
        file = chance.choice(
            ["", "", '; filename="../a\0.png"', '; filename="a.svg"\r\nContent-Type: image/png']
        )
        head = f'Content-Disposition: form-data; name="{name}"{file}'
        parts.append(f"--x\r\n{head}\r\n\r\n{text}\r\n".encode("utf-8", "surrogatepass"))
    whole = b"".join(parts) + b"--x--\r\n"
    return whole[: chance.randrange(1, len(whole))] if chance.random() < 0.3 else whole
