"""People with a mailbox on the real mail server, who write and read with Python's own smtplib and imaplib alone."""

from __future__ import annotations

import email
import email.policy
import imaplib
import itertools
import smtplib
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from tests.peers.mail import Mail

_numbers = itertools.count()
_boxes: dict[str, Iterator[int]] = defaultdict(itertools.count)  # nobody finds what an earlier test was sent


class Mailbox:
    """A fresh address: `care` or `maya`, with a number."""

    def __init__(self, mail: Mail, who: str) -> None:
        self.mail = mail
        self.address = f"{who}{next(_boxes[who])}@mail.test"
        self.password = mail.users[self.address]
        self.trust = ssl.create_default_context(cafile=mail.info["ca_file"])

    def writes(self, to: str, text: str, **headers: str) -> str:
        """A letter through the server; its Message-ID."""
        letter = EmailMessage()
        letter["From"], letter["To"] = headers.pop("From", self.address), to
        letter["Message-ID"] = headers.pop("message_id", f"<m{next(_numbers)}@client.test>")
        for name, value in headers.items():
            letter[name.replace("_", "-")] = value
        letter.set_content(text)
        return self.posts(letter, to)

    def posts(self, letter: EmailMessage, to: str) -> str:
        with smtplib.SMTP(self.mail.info["host"], self.mail.info["smtp_port"], timeout=20) as postman:
            postman.starttls(context=self.trust)
            postman.login(self.address, self.password)
            postman.send_message(letter, from_addr=self.address, to_addrs=[to])
        return str(letter["Message-ID"])

    def drops(self, raw: bytes, to: str) -> None:
        """Bytes as they are, by LMTP: what no decent client would send."""
        with smtplib.LMTP(self.mail.info["host"], self.mail.info["lmtp_port"]) as box:
            box.sendmail("", [to], raw)

    def files(self, raw: bytes, at: datetime | None = None, box: str = "INBOX") -> None:
        """Bytes laid into this mailbox as they are, as a mail program does; the server says that they came at `at`."""
        with self._opened() as client:
            when = imaplib.Time2Internaldate(at) if at else None
            client.append(box, "", when, raw)

    def answers(self, letter: EmailMessage, text: str, **headers: str) -> str:
        """As mail programs do it: to Reply-To, with both headers, the old letter quoted below."""
        quoted = "\n".join(f"> {line}" for line in letter.get_content().splitlines())
        told = {
            "Subject": f"Re: {letter['Subject']}",
            "In_Reply_To": letter["Message-ID"],
            "References": f"{letter['References'] or ''} {letter['Message-ID']}".strip(),
        }
        whole = f"{text}\n\nOn Friday, Ternway wrote:\n{quoted}\n\n-- \nMaya"
        return self.writes(str(letter["Reply-To"] or letter["From"]), whole, **{**told, **headers})

    def letters(self, box: str = "INBOX") -> list[Any]:
        """All that lie there, parsed."""
        with self._opened() as client:
            client.select(box, readonly=True)
            found = client.uid("SEARCH", "ALL")[1][0].split()
            raws = [client.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1] for uid in found]
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in raws]

    def _opened(self) -> imaplib.IMAP4_SSL:
        host, port = self.mail.info["host"], self.mail.info["imaps_port"]
        client = imaplib.IMAP4_SSL(host, port, ssl_context=self.trust)
        client.login(self.address, self.password)
        return client


class CutLine:
    """A line to the submission port that can be cut at one place: plain TCP, so nothing inside TLS is changed.

    `cut_after_bytes`: once the client has sent that many, the server's answers no longer come through, and then the line dies.
    """

    def __init__(self, port: int, cut_after_bytes: int) -> None:
        self.port, self.cut_after_bytes = port, cut_after_bytes
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.number = self.listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> CutLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.listening.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _where = self.listening.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.port))
            sent = [0]
            threading.Thread(target=self._up, args=(client, server, sent), daemon=True).start()
            threading.Thread(target=self._down, args=(server, client, sent), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket, sent: list[int]) -> None:
        while chunk := _received(client):
            sent[0] += len(chunk)
            server.sendall(chunk)

    def _down(self, server: socket.socket, client: socket.socket, sent: list[int]) -> None:
        while chunk := _received(server):
            if sent[0] > self.cut_after_bytes:
                client.shutdown(socket.SHUT_RDWR)
                return
            client.sendall(chunk)


def _received(line: socket.socket) -> bytes:
    try:
        return line.recv(65536)
    except OSError:
        return b""
