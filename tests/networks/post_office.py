"""The real mail servers behind a door that can be shut, and at which single commands can be made to go wrong.

Hark speaks TLS with the door, and the door with Dovecot and Postfix; what is not ordered to fail passes as it is.
Written from RFC 5321 §4.2 (answers), RFC 3501 §7.1 and RFC 5530 (NO and its codes).
"""

from __future__ import annotations

import imaplib
import select
import smtplib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from tests.bluesky_people import until
from tests.letters import Mailbox
from tests.peers.mail import Mail

from .kit import DONE_ANYWAY, FAULTS, Fault

END = b"\r\n.\r\n"  # of a letter
SAID = {  # to IMAP, and to SMTP
    "429": (b"NO [LIMIT] Too many commands", b"450 4.7.1 Too many letters, try later"),
    "429 bare": (b"NO Slow down", b"421 4.3.2 Too busy"),
    "500 before": (b"NO [SERVERBUG] Internal error", b"451 4.3.0 Local error"),
    "500 after": (b"NO [SERVERBUG] Internal error", b"451 4.3.0 Queue file write error"),
    "malformed": (b"\0{999}(((", b"hello?"),
}


class Door:
    """One port, in front of one of the servers. `opens` gives a line to the server that is there."""

    def __init__(self, office: PostOffice, opens: Callable[[], ssl.SSLSocket], greeting: bytes = b"") -> None:
        self.office, self.opens, self.greeting = office, opens, greeting
        self.lines: list[ssl.SSLSocket] = []
        self.port = 0
        self.open()

    def open(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._serve, args=(self.listening,), daemon=True).start()

    def shut(self) -> None:
        """Nobody gets in, and whoever is inside is put out."""
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        for line in self.lines:
            _cut(line)
        self.lines.clear()

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _where = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._greet, args=(client,), daemon=True).start()

    def _greet(self, plain: socket.socket) -> None:
        with suppress(OSError):  # a caller, or a server, that has gone
            client = self.office.keys.wrap_socket(plain, server_side=True)
            server = self.opens()
            client.sendall(self.greeting)
            self.lines += [client, server]
            Passing(self.office, client, server).run()


class Passing:
    """One caller with the server. A fault waits for the command that it names; then the answer to that is not what it was."""

    def __init__(self, office: PostOffice, client: ssl.SSLSocket, server: ssl.SSLSocket) -> None:
        self.office, self.client, self.server = office, client, server
        self.fault: Fault | None = None
        self.tag = b""  # of the IMAP command that goes wrong; none in SMTP
        self.is_letter = self.is_over = False
        self.held = b""

    def run(self) -> None:
        both = [self.client, self.server]
        while not self.is_over:
            ready = [line for line in both if line.pending()] or select.select(both, [], [])[0]
            for line in ready:
                said = _received(line)
                if said == b"":
                    self.is_over = True
                elif said:
                    (self._up if line is self.client else self._down)(said)
        for line in both:
            _cut(line)
            line.close()

    def _up(self, said: bytes) -> None:
        if self.is_letter and not said.endswith(END):
            self.server.sendall(said)
            return
        self.fault = self.office.meets(END if self.is_letter else said)
        self.tag = said.split(b" ")[0] + b" " if b" " in said and not self.is_letter else b""
        self.is_letter = not self.is_letter and said.upper() == b"DATA\r\n" and self.fault is None
        if self.fault and self.fault.kind not in DONE_ANYWAY:
            self._answers(self.fault.kind)
        else:
            self.server.sendall(said)

    def _down(self, said: bytes) -> None:
        if self.fault is None:
            self.client.sendall(said)
            return
        self.held += said
        if self.held.endswith(b"\r\n") and b"\r\n" + self.tag in b"\r\n" + self.held:
            self.office.settles()
            self._answers(self.fault.kind, self.held)

    def _answers(self, kind: str, real: bytes = b"") -> None:
        self.held, self.fault = b"", None
        if kind in SAID:
            imap, smtp = SAID[kind]
            self.client.sendall((self.tag + imap if self.tag else smtp) + b"\r\n")
        elif kind == "truncated":
            self.client.sendall(real[: len(real) // 2] if self.tag else real[:2])
        elif kind.startswith("reset"):
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.client.close()
            self.server.close()
        self.is_over = True


class PostOffice:
    """`care` is Ternway's mailbox, `maya` a customer's; both lie on the servers behind."""

    def __init__(self, mail: Mail) -> None:
        self.mail, self.care, self.maya = mail, Mailbox(mail, "care"), Mailbox(mail, "maya")
        self.faults: list[Fault] = []
        self.keys = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.keys.load_cert_chain(mail.folder / "cert.pem", mail.folder / "key.pem")

    def __enter__(self) -> PostOffice:
        host, info = str(self.mail.info["host"]), self.mail.info
        self.reading = Door(self, partial(_imap, host, info["imaps_port"], self.care.trust))
        self.sending = Door(
            self, partial(_smtp, host, info["smtp_port"], self.care.trust), b"220 mail.test ESMTP\r\n"
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.reading.shut()
        self.sending.shut()
        self.mail.passwords({})

    def fails(self, kind: str, on: str = "", times: int = 1, seconds: float = 0) -> None:
        """The next commands with `on` in them go wrong; “.” is the end of a letter. “after”: what was asked is done."""
        assert kind in FAULTS, kind
        self.faults.append(Fault(kind, on, times, seconds))

    def meets(self, said: bytes) -> Fault | None:
        for fault in self.faults:
            fits = said == END if fault.on == "." else fault.on.encode() in said.upper()
            if fits and fault.left > 0:
                fault.left -= 1
                return fault
        return None

    @contextmanager
    def away(self) -> Iterator[None]:
        """The servers can't be reached: both ports are refused."""
        self.reading.shut()
        self.sending.shut()
        try:
            yield
        finally:
            self.reading.open()
            self.sending.open()

    def settles(self) -> None:
        """Return once every letter that was handed over is where it belongs."""
        until(self.mail.has_delivered, "the letters to arrive")

    def lets_in(self) -> bool:
        """Whether Ternway's password opens its mailbox."""
        try:
            with imaplib.IMAP4_SSL(
                "localhost", self.mail.info["imaps_port"], ssl_context=self.care.trust
            ) as box:
                box.login(self.care.address, self.care.password)
        except imaplib.IMAP4.error:
            return False
        return True


def _imap(host: str, port: int, trust: ssl.SSLContext) -> ssl.SSLSocket:
    return trust.wrap_socket(socket.create_connection((host, port), 20), server_hostname=host)


def _smtp(host: str, port: int, trust: ssl.SSLContext) -> ssl.SSLSocket:
    postman = smtplib.SMTP(host, port, timeout=20)
    postman.starttls(context=trust)
    assert isinstance(postman.sock, ssl.SSLSocket)
    return postman.sock


def _received(line: ssl.SSLSocket) -> bytes | None:
    """What has come; None when that was only TLS's own, b"" at the end."""
    line.settimeout(0)
    try:
        return line.recv(65536)
    except ssl.SSLWantReadError:
        return None
    except OSError:
        return b""
    finally:
        with suppress(OSError):
            line.settimeout(20)


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
