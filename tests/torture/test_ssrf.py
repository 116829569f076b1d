"""Addresses that somebody else chose lead nowhere inside: every feature that fetches, every spelling, lying names, redirects."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import random
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections

import hark
from hark.cases import copying
from hark.cases.models import Media, Message
from hark.channels import http
from hark.channels.networks.bluesky import connect, identity, streaming
from hark.channels.networks.bluesky.progress import Progress
from hark.web import outbound
from tests import looping

from . import addresses
from .addresses import ALLOWED, is_inside
from .elsewhere import Elsewhere, elsewhere
from .telling import FIXED_SEED, count, random_seed

pytestmark = [pytest.mark.torture, pytest.mark.timeout(3600)]

DID = "did:plc:" + "a" * 24
# Who speaks HTTP, WebSocket or TCP by itself. A new one is judged here first: does somebody else choose where it goes?
SPEAK = {
    "web/outbound.py": "the gate itself",
    "cases/copying.py": "exceptions of httpx alone; fetches through the gate",
    "channels/http.py": "through the gate",
    "channels/networks/bluesky/identity.py": "through the gate; DNS by the SDK",
    "channels/networks/bluesky/streaming.py": "to an address that the gate judged",
    "channels/networks/mastodon/streaming.py": "to an address that the gate judged",
    "channels/networks/sms/files.py": "through the gate",
    "actions/calling.py": "through the gate",
}
TONGUES = {
    "httpx",
    "httpcore",
    "requests",
    "urllib3",
    "aiohttp",
    "websockets",
    "atproto",
    "http.client",
    "urllib.request",
    "ftplib",
}


def test_nobody_fetches_but_through_the_gate():
    """`ops` speaks to this machine alone, at addresses that the operator chose."""
    root = Path(hark.__file__).parent
    speaking = set()
    for path in root.rglob("*.py"):
        name = path.relative_to(root).as_posix()
        if "tests/" in name or name.startswith("ops/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if any(module in TONGUES or module.partition(".")[0] in TONGUES for module in modules):
                speaking.add(name)
    assert speaking == SPEAK.keys()


@pytest.fixture
def there(monkeypatch, db):
    """Elsewhere, with a resolver that lies and one host that the operator allowed; the test's tables are there too."""
    monkeypatch.setattr(socket, "getaddrinfo", addresses.Resolver())
    monkeypatch.setattr(identity, "_by_dns", lambda handle: "")  # no TXT record
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", ALLOWED)
    http._client.cache_clear()
    connection.inc_thread_sharing()
    ours = connection._connections["default"]
    with elsewhere() as place:
        place.run(lambda: connections.__setitem__("default", ours))
        monkeypatch.setenv("HARK_BLUESKY_PLC", f"http://{ALLOWED}:{place.ports[6]}/plc")
        place.answer = Liar(place.ports[6])
        yield place
        place.run(lambda: connections.__delitem__("default"))
    connection.dec_thread_sharing()
    http._client.cache_clear()


class Liar:
    """The server at the allowed host: signs anybody in, and names whatever address it was told to name."""

    def __init__(self, port: int) -> None:
        self.port, self.names = port, ""

    @property
    def base(self) -> str:
        return f"http://{ALLOWED}:{self.port}"

    def __call__(self, request: bytes) -> bytes:
        path = request.split(b" ", 2)[1].decode("latin-1")
        document = {"service": [{"id": "#atproto_pds", "serviceEndpoint": self.names}]}
        if path.startswith("/to/"):
            where = unquote(path.removeprefix("/to/")).encode("utf-8", "replace").replace(b"\r\n", b"")
            return (
                b"HTTP/1.1 302 Found\r\nLocation: "
                + where
                + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        if path.endswith("createSession"):
            said = {
                "did": DID,
                "handle": "maya.test",
                "accessJwt": "a",
                "refreshJwt": "r",
                "didDoc": document,
            }
            return _json(said)
        return _json(document if path.startswith("/plc/") else {})


def _json(said: object) -> bytes:
    body = json.dumps(said).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@pytest.mark.usefixtures("_unheard")
def test_no_address_leads_inside(there, practice, tell):
    practice.says("maya", "Look at this")
    features = _features(there, Message.objects.get())
    seeds = [FIXED_SEED, random_seed()]
    forms = count("URLS", 80)
    tried, failed, public = 0, [], 0
    for number in range(forms):
        chance = random.Random(seeds[number % 2] + number // 2)
        url = addresses.url(chance, there.ports)
        for name, fetch in features.items():
            tried += 1
            try:
                there.run(lambda fetch=fetch, url=url, number=number: fetch(url, number))
            except Exception as problem:
                failed.append(f"{name} {url!r}: {type(problem).__name__}: {problem}")
            for address, port in there.taken():
                public += not is_inside(address)
                if is_inside(address) and address != addresses.NAMES[ALLOWED][0]:
                    failed.append(f"{name} {url!r} reached {address} port {port}")
    where = "a network where every address answers" if there.is_whole else "loopback alone: not root"
    tell(
        "G8", f"addresses × features, in {where}", tried, failed, seeds,
        f"{forms} addresses, {len(features)} features; {public:,} connections to public addresses",
    )  # fmt: skip
    assert public or not there.is_whole


def test_the_same_features_do_reach_what_is_public(there, practice):
    """Else the test above would pass on features that fetch nothing."""
    if not there.is_whole:
        pytest.skip("only in a network of our own, which needs root")
    practice.says("maya", "Look at this")
    for name, fetch in _features(there, Message.objects.get()).items():
        there.run(lambda fetch=fetch: fetch("https://public.test/", 0))
        assert (addresses.PUBLIC, 443) in there.taken(), name


Fetch = Callable[[str, int], None]


def _features(there: Elsewhere, message: Message) -> dict[str, Fetch]:
    """Everything that fetches from an address which a stranger, a member or another server chose."""
    liar = there.answer
    assert isinstance(liar, Liar)

    def media(url: str, number: int) -> None:
        """A picture of a message."""
        Media.objects.create(message=message, kind="image", url=url.replace("\0", ""))
        while copying.copy_due():
            pass

    def media_redirected(url: str, number: int) -> None:
        media(f"{liar.base}/to/{quote(url, safe='')}", number)

    def server(url: str, number: int) -> None:
        """The server that an administrator types."""
        _connect(handle=f"n{number}.test", password="p", pds=url)

    def server_of_document(url: str, number: int) -> None:
        """The server that the account's own document names, after signing in."""
        liar.names = url
        _connect(handle=f"n{number}.test", password="p", pds=liar.base)

    def server_of_directory(url: str, number: int) -> None:
        """The server that the directory names."""
        liar.names = url
        _connect(
            handle=DID[:-6] + "".join("abcdefghij"[int(digit)] for digit in f"{number:06}"), password="p"
        )

    def handle(url: str, number: int) -> None:
        """A handle is a host."""
        _connect(handle=_host(url), password="p")

    def did(url: str, number: int) -> None:
        """An identity that names its own host and port."""
        parts = _host(url), _port(url)
        _connect(handle=f"did:web:{parts[0]}" + (f"%3A{parts[1]}" if parts[1] else ""), password="p")

    def stream(url: str, number: int) -> None:
        """The stream that an account follows."""
        found = streaming.Stream(
            url.replace("https:", "wss:", 1).replace("http:", "ws:", 1), DID, Progress({})
        )
        with contextlib.suppress(
            OSError, streaming.WebSocketException, TimeoutError, outbound.AddressRefused, streaming.Unreadable
        ):
            looping.run(asyncio.wait_for(found._once(), 5))

    return {
        one.__name__: one
        for one in (
            media,
            media_redirected,
            server,
            server_of_document,
            server_of_directory,
            handle,
            did,
            stream,
        )
    }


def _connect(**fields: str) -> None:
    form = connect.ConnectForm({"pds": "", "without_messages": "on", **fields})
    if not form.is_valid():
        return
    with contextlib.suppress(ValidationError):
        form.connected()


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "x"
    except ValueError:
        return "x"


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None
