"""Which bytes are answered at the door: one plain request to its end, never what can be read in two ways."""

from __future__ import annotations

import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hark.channels import doorman


def request(head: bytes, body: bytes = b"hi") -> bytes:
    return head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body


FIRST = b"POST /hooks/x HTTP/1.1\n"


@pytest.mark.parametrize(
    "data",
    [
        request(FIRST + b"Content-Length: 2"),
        request(FIRST + b"content-length:2\nA: b"),
        request(FIRST + b"Content-Length: 2\nConnection: Keep-Alive"),
        request(FIRST.replace(b"/x", b"/x?a=b") + b"Content-Length: 2"),
        request(FIRST + b"Content-Length: 0\nA:", b""),
    ],
)
def test_what_is_plain_is_read_at_the_door(data):
    key, asked = doorman.plain(data)
    assert (key, asked.method, asked.body) == ("x", "POST", data.partition(b"\r\n\r\n")[2])
    assert asked.url.endswith(data.split(b" ")[1].decode())


@pytest.mark.parametrize(
    "data",
    [
        request(FIRST + b"Content-Length: 3"),
        request(FIRST + b"Content-Length: 2", b"hi!"),
        request(FIRST + b"Content-Length: 2\nContent-Length: 2"),
        request(FIRST + b"Content-Length: 2\ncontent-length: 3"),
        request(FIRST + b"Content-Length: +2"),
        request(FIRST + b"Content-Length : 2"),
        request(FIRST + b"X: content-length: 2"),
        request(FIRST + b"Content-Length: 2\nTransfer-Encoding: chunked"),
        request(FIRST + b"Transfer-Encoding: chunked", b"0\r\n\r\n"),
        request(FIRST + b"Content-Length: 2\nExpect: 100-continue"),
        request(FIRST + b"Content-Length: 2\nConnection: close"),
        request(FIRST + b"Content-Length: 2\nContent-Encoding: gzip"),
        request(FIRST + b"A: b\n c: d\nContent-Length: 2"),
        request(FIRST + b"A: b\0\nContent-Length: 2"),
        request(FIRST + b"Content-Length: 2").replace(b"\r\n", b"\n"),
        request(FIRST.replace(b"1.1", b"1.0") + b"Content-Length: 2"),
        request(FIRST.replace(b"POST", b"GET") + b"Content-Length: 2"),
        request(FIRST.replace(b"/x", b"/%78") + b"Content-Length: 2"),
        request(FIRST.replace(b"/hooks", b"//hooks") + b"Content-Length: 2"),
        FIRST.replace(b"\n", b"\r\n") + b"Content-Length: 2\r\n",
    ],
)
def test_everything_else_goes_the_usual_way(data):
    assert doorman.plain(data) is None


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (request(FIRST + b"Content-Length: 2"), True),
        (request(FIRST + b"content-length:2\nA: b"), True),
        (request(FIRST + b"Content-Length: 3"), False),
        (request(FIRST + b"Content-Length: 2", b"hi!"), False),
        (request(FIRST + b"X: content-length: 2"), False),
        (request(FIRST + b"Content-Length: 5\nTRANSFER-encoding: chunked", b"0\r\n\r\n"), False),
        (request(FIRST + b"Transfer-Encoding: chunked", b"0\r\n\r\n"), False),
        (request(b"POST /accounts/login/ HTTP/1.1\nContent-Length: 2"), False),
        (FIRST.replace(b"\n", b"\r\n") + b"Content-Length: 2\r\n", False),
    ],
)
def test_only_a_whole_request_is_turned_away_unread(data, whole):
    assert doorman.is_whole(data) is whole


class Read:
    """What llhttp, which reads the usual way, makes of the same bytes."""

    def __init__(self, data: bytes) -> None:
        self.url, self.body, self.whole = b"", b"", 0
        self.headers: list[tuple[str, str]] = []
        parser = httptools.HttpRequestParser(self)
        parser.feed_data(data)
        self.method, self.version = parser.get_method(), parser.get_http_version()

    def on_url(self, part: bytes) -> None:
        self.url += part

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_body(self, part: bytes) -> None:
        self.body += part

    def on_message_complete(self) -> None:
        self.whole += 1


PARTS = [
    b"\r\n",
    b"\n",
    b"\r",
    b":",
    b" ",
    b"\t",
    b"\0",
    b"\xe9",
    b"%20",
    b"?",
    b"#",
    b"/",
    b"Content-Length: 2\r\n",
    b"POST /hooks/y HTTP/1.1\r\n",
    b"A: b\r\n",
]


@settings(max_examples=500, deadline=None)
@given(
    changes=st.lists(
        st.tuples(
            st.integers(0, 90), st.integers(0, 4), st.one_of(st.sampled_from(PARTS), st.binary(max_size=3))
        ),
        max_size=3,
    )
)
def test_whatever_is_taken_for_plain_is_read_as_the_usual_way_reads_it(changes):
    data = request(FIRST + b"Host: hark\nX-Hark-Signature: abc\nContent-Length: 2")
    for at, gone, new in changes:
        data = data[:at] + new + data[at + gone :]
    if hook := doorman.plain(data):
        key, asked = hook
        read = Read(data)
        assert (read.method, read.version, read.whole) == (b"POST", "1.1", 1)
        assert read.url.partition(b"?")[0].decode() == f"/hooks/{key}"
        assert (asked.headers, asked.body) == (tuple(read.headers), read.body)
        assert asked.url.endswith(read.url.decode())
