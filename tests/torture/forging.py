"""Signatures as each network writes them (written apart from the product's own), and what somebody without the secret tries."""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

LATE_SECONDS = 36 * 3600
HEADERS = {
    "hark-sha256": "x-hark-signature",
    "x": "x-twitter-webhooks-signature",
    "meta": "x-hub-signature-256",
    "linkedin": "x-li-signature",
    "tiktok": "tiktok-signature",
    "websub": "x-hub-signature",
    "telegram": "x-telegram-bot-api-secret-token",
    "twilio": "x-twilio-signature",
}


@dataclass(frozen=True)
class Forgery:
    """A request of a kind: the values of its signature header, its body, its query. `alike`: as long as a good one."""

    kind: str
    values: tuple[str, ...]
    body: bytes
    query: str = ""
    alike: bool = field(default=True, compare=False)


def _mac(secret: str, body: bytes, method: str = "sha256") -> bytes:
    return hmac.new(secret.encode(), body, method).digest()


def signature(scheme: str, secret: str, body: bytes, url: str, now: float) -> str:
    if scheme == "x":
        return "sha256=" + base64.b64encode(_mac(secret, body)).decode()
    if scheme in ("meta", "websub"):
        return "sha256=" + _mac(secret, body).hex()
    if scheme == "linkedin":
        return _mac(secret, b"hmacsha256=" + body).hex()
    if scheme == "tiktok":
        return f"t={int(now)},s={_mac(secret, b'%d.%b' % (int(now), body)).hex()}"
    if scheme == "telegram":
        return secret
    if scheme == "twilio":
        return base64.b64encode(_mac(secret, url.encode(), "sha1")).decode()
    return _mac(secret, body).hex()


@dataclass
class Forger:
    """`url` gives the public address of the hook with a query; `other` is another brand's secret."""

    scheme: str
    secret: str
    other: str
    url: Callable[[str], str]
    chance: random.Random

    def good(self, body: bytes, secret: str = "", now: float = 0) -> Forgery:
        query = f"bodySHA256={hashlib.sha256(body).hexdigest()}" if self.scheme == "twilio" else ""
        value = signature(self.scheme, secret or self.secret, body, self.url(query), now or time.time())
        return Forgery("good", (value,), body, query)

    def forgeries(self, body: bytes) -> Iterator[Forgery]:
        """One of each kind that makes sense for the scheme."""
        good = self.good(body)
        [value] = good.values
        start = value.rfind("=", 0, len(value) - 2) + 1  # of what was computed
        wrong = self._changed(value, start)
        yield replace(
            good,
            kind="another secret",
            values=self.good(body, "wrong-secret").values,
            alike=self.scheme != "telegram",
        )
        yield replace(good, kind="another brand's secret", values=self.good(body, self.other).values)
        yield replace(good, kind="first character wrong", values=(wrong,))
        yield replace(
            good, kind="last character wrong", values=(self._changed(value, len(value.rstrip("=")) - 1),)
        )
        yield replace(good, kind="made up", values=(value[:start] + self._noise(len(value) - start),))
        yield replace(good, kind="cut", values=(value[: len(value) // 2],), alike=False)
        yield replace(good, kind="cut by one", values=(value[:-1],), alike=False)
        yield replace(good, kind="longer", values=(value + "0",), alike=False)
        yield replace(good, kind="padded", values=("\xa0" + value,), alike=False)
        yield replace(good, kind="missing", values=(), alike=False)
        yield replace(good, kind="empty", values=("",), alike=False)
        yield replace(good, kind="twice", values=(value, value), alike=False)
        yield replace(good, kind="good one last", values=(wrong, value), alike=False)
        if value.lower() != value.upper() and self.scheme != "telegram":
            yield replace(good, kind="other case", values=(value.swapcase(),))
        for name in ("sha1", "md5"):
            down = hmac.new(self.secret.encode(), body, name)
            if self.scheme != "websub" or name != "sha1":  # a hub of WebSub chooses, and may choose SHA-1
                yield replace(
                    good, kind=f"downgraded to {name}", values=(f"{name}={down.hexdigest()}",), alike=False
                )
        for name in ("none", "plain"):
            yield replace(good, kind=f"downgraded to {name}", values=(f"{name}=",), alike=False)
        yield replace(
            good,
            kind="of an empty secret",
            values=(signature(self.scheme, "", body, self.url(good.query), time.time()) or "-",),
            alike=self.scheme != "telegram",
        )
        if self.scheme != "telegram":  # which repeats a token and signs nothing
            at = self.chance.randrange(len(body) - 12, len(body) - 3)
            yield replace(good, kind="altered byte", body=body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :])
            yield replace(good, kind="another body's", values=self.good(body + b" ").values)
        if self.scheme == "twilio":
            yield replace(good, kind="other address", query=good.query + "&a=b", alike=False)
        if self.scheme == "tiktok":
            for seconds in (-LATE_SECONDS, -400, 400, LATE_SECONDS):
                old = self.good(body, now=time.time() + seconds)
                yield replace(old, kind=f"{seconds} s old")
            yield replace(
                good, kind="time moved", values=(value.replace(value[2:12], str(int(value[2:12]) + 1), 1),)
            )

    def _changed(self, value: str, at: int) -> str:
        return value[:at] + ("a" if value[at] != "a" else "b") + value[at + 1 :]

    def _noise(self, length: int) -> str:
        return "".join(self.chance.choice("0123456789abcdef") for _ in range(length))


def same_times(groups: dict[str, list[float]]) -> float:
    """The chance that such times come from one distribution: Kruskal and Wallis's rank test, χ² by Wilson and Hilferty."""
    flat = sorted((seconds, kind) for kind, some in groups.items() for seconds in some)
    ranks = dict.fromkeys(groups, 0)
    for rank, (_, kind) in enumerate(flat, 1):
        ranks[kind] += rank
    n, free = len(flat), len(groups) - 1
    h = 12 / (n * (n + 1)) * sum(ranks[kind] ** 2 / len(groups[kind]) for kind in groups) - 3 * (n + 1)
    z = ((max(h, 0) / free) ** (1 / 3) - (1 - 2 / (9 * free))) / (2 / (9 * free)) ** 0.5
    return math.erfc(z / 2**0.5) / 2
