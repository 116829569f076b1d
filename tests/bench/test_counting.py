"""What is counted wrong, answered rudely or not at all must show in the figures."""

import asyncio
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import flood
from bench.f3_cases import COUNTS, miscounts
from bench.installation import Desk
from bench.peers.peer import Peer
from bench.soak import slope
from tests import looping

DESK = Desk(1, "bench", 1, "key", "secret", 1, [])


class Claims:
    """An installation whose tables hold what we say."""

    def __init__(self, **found):
        self.found = found

    def one(self, sql, parameters=()):
        return next(count for name, count in self.found.items() if name in sql)


def test_a_delivery_that_became_no_message_is_named():
    whole = {
        "channels_delivery": 9,
        "customers_person": 9,
        "clocks_clock": 9,
        "cases_event": 9,
        "cases_case": 9,
    }

    assert miscounts(Claims(**whole, cases_message=9), DESK, 9) == []
    told = miscounts(Claims(**whole, cases_message=8), DESK, 9)
    assert told == [f"9 deliveries, 8 {name}" for name in COUNTS if "message" in name]


class Boasting(BaseHTTPRequestHandler):
    """Answers that it made a ticket, and makes none."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        return None


class Peerless(Peer):
    name, database, table = "a peer", "nowhere", "tickets"

    def prepare(self, say, tickets, *, index=False): ...
    def command(self): ...
    def rows(self, times): ...
    def search(self, words, times): ...
    def version(self): ...

    def create_request(self, number, client):
        return "/tickets", b"{}", {}

    def count(self):
        return 5


def test_a_ticket_counts_only_when_it_is_in_the_table():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Boasting)
    threading.Thread(target=server.serve_forever).start()
    try:
        with pytest.raises(RuntimeError, match="0 tickets in the table"):
            Peerless(cluster=None, port=server.server_port).create(2, 0.2)
    finally:
        server.shutdown()
        server.server_close()


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
POLITE = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\ncontent-length: 0\r\n\r\n"
RUDE = b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"
BROKEN = b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n"


async def flooded(answers, monkeypatch):
    """What the client says about a server that gives these answers in turn, then hangs up on the next."""
    left = deque(answers)

    async def serve(reader, writer):
        while await reader.readline():
            if not left:
                writer.close()
                return
            writer.write(left.popleft())

    monkeypatch.setattr(flood, "ANSWER_SECONDS", 2)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    count = len(answers) + 1
    seconds = 0.4
    requests = iter([b"one\n"] * (count + 1))
    found = await flood.flood(port, requests, rate=count / seconds, seconds=seconds, connections=50)
    server.close()
    return found


def test_a_flood_tells_apart_accepted_refused_rude_and_lost(monkeypatch):
    found = looping.run(flooded([OK] * 20 + [POLITE] * 10 + [RUDE] * 3 + [BROKEN] * 2, monkeypatch))

    assert (found.accepted, found.refused, found.impolite) == (20, 13, 3)
    assert found.other == found.sent - 33  # broken ones, and what was hung up on
    assert found.other >= 3
    assert found.refusal_ms(0.99) == 2000  # no answer is the slowest refusal


def test_a_flood_says_what_it_could_not_send(monkeypatch):
    async def silent(reader, writer):
        await asyncio.sleep(1)
        writer.close()

    async def go():
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        found = await flood.flood(port, iter([b"one\n"] * 100), rate=100, seconds=0.3, connections=5)
        server.close()
        return found

    monkeypatch.setattr(flood, "ANSWER_SECONDS", 2)
    found = looping.run(go())
    assert (found.sent, found.accepted, found.in_time) == (5, 0, 0)
    assert found.late > 10


def test_memory_that_grows_by_a_tenth_in_an_hour_is_told_as_ten_percent():
    assert slope([(second, 100 + 10 * second / 3600) for second in range(0, 3601, 60)]) == pytest.approx(
        9.5, abs=0.2
    )
    assert slope([(0, 100), (3600, 100)]) == 0
