"""Requests to addresses that somebody else chose, kept away from our own network.

Every name is resolved here, each of its addresses is judged, and the connection goes to the address that was
judged: a name that changes its mind in between gains nothing, and a redirect passes the same gate.
HARK_ALLOW_PRIVATE names the hosts (comma between them, no ports) that may be private: a PDS of one's own, tests.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpcore
import httpx

TIMEOUT = httpx.Timeout(20.0, connect=8.0)
MOST_BYTES = 16 * 2**20  # of an answer that is read whole
SHARED = ipaddress.ip_network("64:ff9b::/96")  # NAT64: the IPv4 address stands in the last four bytes
GLOBAL_SIX = ipaddress.ip_network("2000::/3")  # all that IANA gives out; elsewhere old and private forms hide


class AddressRefused(Exception):
    """The address is on a private network, or the way to it is not encrypted. The text names the host."""


class AnswerTooLong(Exception):
    """The answer is longer than asked for."""


def allowed_private() -> frozenset[str]:
    return frozenset(
        part.strip().lower() for part in os.environ.get("HARK_ALLOW_PRIVATE", "").split(",") if part.strip()
    )


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet; an IPv4 address hidden in an IPv6 one is judged itself."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if inner is None and ip in SHARED:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip not in GLOBAL_SIX:
            return False
    return ip.is_global and not ip.is_multicast


def addresses(host: str, port: int) -> list[str]:
    """The addresses of a host that may be connected to. Raises AddressRefused; OSError when there is no such host."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:  # a label that is empty or too long
        raise AddressRefused(f"“{host[:200]}” is not the name of a host.") from None
    found = list(dict.fromkeys(str(entry[4][0]) for entry in answers))
    if host.lower().strip("[]") in allowed_private():
        return found
    if not found or not all(is_public(address) for address in found):
        raise AddressRefused(
            f"“{host}” is an address inside a private network. An operator can allow it in HARK_ALLOW_PRIVATE."
        )
    return found


def check_url(url: str) -> str:
    """The address as given, when it is https (http only for hosts of HARK_ALLOW_PRIVATE). Raises AddressRefused."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise AddressRefused(f"“{url[:200]}” is not a web address.") from None
    is_port = parts.port is None or 0 < parts.port < 2**16
    if parts.scheme not in ("http", "https", "ws", "wss") or not parts.host or parts.userinfo or not is_port:
        raise AddressRefused(f"“{url[:200]}” is not a web address.")
    if parts.scheme in ("http", "ws") and parts.host.lower() not in allowed_private():
        raise AddressRefused(f"“{parts.host}” is not reached over an encrypted connection (https).")
    return url


class GuardedNetwork(httpcore.SyncBackend):
    """Connects to judged addresses only; the certificate is still checked against the name."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = addresses(host, port)
        except OSError as problem:
            raise httpcore.ConnectError(f"{host}: {problem.strerror or problem}") from problem
        failure: Exception = httpcore.ConnectError(host)
        for address in found:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as problem:
                failure = problem
        raise failure


class GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport over a guarded network. It takes no proxy: a proxy would resolve names behind our back."""

    def __init__(self) -> None:
        super().__init__(verify=trust(), trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust(),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=30.0,
            network_backend=GuardedNetwork(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Each request on its own, so that no redirect leads where an address could not."""
        check_url(str(request.url))
        return super().handle_request(request)


def trust() -> ssl.SSLContext:
    """What verifies every server that Hark speaks with, over whichever protocol."""
    return _trust(os.environ.get("HARK_CA_FILE"))


@cache
def _trust(extra: str | None) -> ssl.SSLContext:
    """The certificates httpx trusts, and those of HARK_CA_FILE: an authority of one's own. Reading them takes 20 ms."""
    context = httpx.create_ssl_context(trust_env=False)
    if extra:
        context.load_verify_locations(extra)
    return context


def client(**options: Any) -> httpx.Client:
    """An httpx client that reaches public addresses only. Redirects are not followed unless asked for."""
    return httpx.Client(transport=GuardedTransport(), trust_env=False, **{"timeout": TIMEOUT, **options})


def fetch(url: str, *, most_bytes: int = MOST_BYTES, session: httpx.Client | None = None) -> httpx.Response:
    """GET of an address somebody else chose, at most three redirects, read whole.

    Raises AddressRefused, AnswerTooLong, or httpx.HTTPError; an answer with an error status is returned.
    """
    try:
        with (
            session or client(follow_redirects=True, max_redirects=3) as http,
            http.stream("GET", check_url(url)) as answer,
        ):
            body = read_capped(answer, most_bytes)
    except httpx.InvalidURL as problem:  # where a redirect leads
        raise AddressRefused(f"A redirect leads to no web address: {problem}") from problem
    return httpx.Response(
        answer.status_code, headers=plain_headers(answer), content=body, request=answer.request
    )


def read_capped(answer: httpx.Response, most_bytes: int) -> bytes:
    """The whole body, or AnswerTooLong as soon as it is longer: counted after unpacking, so no bomb gets through."""
    parts, size = [], 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > most_bytes:
            raise AnswerTooLong(f"{answer.url.host} answered with more than {most_bytes} bytes")
        parts.append(part)
    return b"".join(parts)


def plain_headers(answer: httpx.Response) -> list[tuple[str, str]]:
    """The headers without those that speak of a packed body, since it was unpacked."""
    packed = {"content-encoding", "content-length", "transfer-encoding"}
    return [(name, value) for name, value in answer.headers.items() if name.lower() not in packed]
