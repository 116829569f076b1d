"""Addresses that somebody else chose never lead into our own network."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpcore
import httpx
import pytest

from hark.web import outbound


@pytest.fixture
def inside():
    """A server on loopback: /away redirects to it, /bomb answers with a megabyte, all else with a secret."""

    class Inside(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/secret")
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * 2**20 if self.path == "/bomb" else b"secret")

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Inside)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "::1", "::", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::1",
     "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1", "fec0::1", "5f00::1"],
)  # fmt: skip
def test_private_addresses_are_told_from_public_ones(address):
    assert not outbound.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::808:808"])
def test_public_addresses_are_public(address):
    assert outbound.is_public(address)


def test_a_private_host_is_refused_unless_the_operator_allows_it(inside, monkeypatch):
    monkeypatch.delenv("HARK_ALLOW_PRIVATE", raising=False)
    with pytest.raises(outbound.AddressRefused, match="private network"):
        outbound.client().get(f"https://localhost:{inside}/")

    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "pds.example, localhost")
    assert outbound.client().get(f"http://localhost:{inside}/").text == "secret"


def test_a_redirect_into_the_private_network_is_refused(inside, monkeypatch):
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    with pytest.raises(outbound.AddressRefused):
        outbound.fetch(f"http://localhost:{inside}/away")


@pytest.mark.parametrize(
    "url", ["https://a..b/", f"https://{'a' * 70}.test/", "https://x.test:-1/", "https://x.test:99999/"]
)
def test_what_no_resolver_takes_is_refused(url):
    with pytest.raises(outbound.AddressRefused):
        outbound.fetch(url)


def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch):
    """A name that answers with a public address first and a private one later is connected to at the first."""
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])

    def resolve(host, port, *_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(answers)]

    reached = []

    def connect(address, *_, **__):
        reached.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(httpx.ConnectError):
        outbound.client().get("https://rebinding.example/")
    assert reached == ["93.184.215.14"]


def test_one_private_address_among_public_ones_spoils_the_name(monkeypatch):
    def resolve(host, port, *_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in ("93.184.215.14", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(outbound.AddressRefused):
        outbound.GuardedNetwork().connect_tcp("two-faced.example", 443)


@pytest.mark.parametrize(
    "url",
    [
        "http://plain.example/",
        "ftp://x.example/",
        "https://",
        "https://a:b@x.example/",
        "javascript:1",
        "https://[::1",
    ],
)
def test_only_encrypted_web_addresses_are_taken(url):
    with pytest.raises(outbound.AddressRefused):
        outbound.check_url(url)


def test_an_endless_answer_is_cut_short(inside, monkeypatch):
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    with pytest.raises(outbound.AnswerTooLong):
        outbound.fetch(f"http://localhost:{inside}/bomb", most_bytes=1000)


def test_a_host_that_does_not_exist_is_a_connect_error():
    with pytest.raises(httpcore.ConnectError):
        outbound.GuardedNetwork().connect_tcp("does-not-exist.invalid", 443)
