"""Connections to mail servers: encrypted and verified, to judged addresses only, signed in.

A mail server in a private network is reached when HARK_ALLOW_PRIVATE names it; HARK_CA_FILE adds an authority of one's own.
There is no setting that turns verification off, and nobody signs in before the connection is encrypted.
"""

from __future__ import annotations

import contextlib
import imaplib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from hark.channels.base import Connection, Failure, NeedsReconnect, Refused, TryLater
from hark.web import outbound

TIMEOUT_SECONDS = 20.0
WAIT_SECONDS = 30.0
STARTTLS = (
    "starttls"  # how the connection is encrypted before anybody signs in; otherwise from the first byte
)
BUSY = (
    "UNAVAILABLE",
    "LIMIT",
    "INUSE",
    "SERVERBUG",
    "TOO MANY",
    "TRY AGAIN",
)  # RFC 5530, and what servers say


def connect(host: str, port: int, timeout: float | None = TIMEOUT_SECONDS) -> socket.socket:
    """To the first judged address that answers. Raises OSError, AddressRefused."""
    failure: OSError = OSError(f"{host} has no address")
    for address in outbound.addresses(host, port):
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as problem:
            failure = problem
    raise failure


def _secure(host: str, port: int, way: str) -> socket.socket:
    plain = connect(host, port)
    return plain if way == STARTTLS else outbound.trust().wrap_socket(plain, server_hostname=host)


class _Imap(imaplib.IMAP4):
    """imaplib's own, over a judged and, unless STARTTLS is to come, encrypted socket."""

    def __init__(self, host: str, port: int, way: str) -> None:
        self.way = way
        super().__init__(host, port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return _secure(self.host, self.port, self.way)


class Mailbox(IMAPClient):  # type: ignore[misc]
    def __init__(self, host: str, port: int, way: str) -> None:
        self.way = way
        super().__init__(
            host, port, ssl=way != STARTTLS, timeout=SocketTimeout(TIMEOUT_SECONDS, TIMEOUT_SECONDS)
        )

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802
        return _Imap(self.host, self.port, self.way)


class Postman(smtplib.SMTP):
    """smtplib's own, likewise."""

    def __init__(self, way: str) -> None:
        self.way = way
        super().__init__(timeout=TIMEOUT_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        return _secure(host, port, self.way)


@contextlib.contextmanager
def mailbox(connection: Connection) -> Iterator[Mailbox]:
    """Signed in for reading. Failures inside are told in the shapes that Hark knows; nothing here changes a letter."""
    held = connection.credentials
    with told():
        client = Mailbox(_text(held, "imap_host"), _port(held, "imap_port", 993), str(held.get("imap_tls")))
        try:
            if client.way == STARTTLS:
                client.starttls(outbound.trust())
            client.login(_text(held, "user"), _text(held, "password"))
            yield client
        finally:
            with contextlib.suppress(Exception):
                client.shutdown()  # a LOGOUT inside IDLE would be waited for in vain


@contextlib.contextmanager
def postman(connection: Connection) -> Iterator[Postman]:
    """Signed in for sending. What fails here failed before a letter was handed over."""
    held = connection.credentials
    with told():
        client = Postman(str(held.get("smtp_tls")))
        host, port = _text(held, "smtp_host"), _port(held, "smtp_port", 465)
        try:
            client._host = host  # type: ignore[attr-defined]  # the name that STARTTLS verifies
            client.connect(host, port)
            client.ehlo()
            if client.way == STARTTLS:
                client.starttls(context=outbound.trust())
                client.ehlo()
            client.login(_text(held, "user"), _text(held, "password"))
            yield client
        finally:
            client.close()


@contextlib.contextmanager
def told() -> Iterator[None]:
    try:
        yield
    except Failure:
        raise
    except outbound.AddressRefused as problem:
        raise Refused("never", str(problem)) from problem
    except ssl.SSLError as problem:
        raise TryLater(
            WAIT_SECONDS, _("The mail server’s certificate is not trusted: %(why)s") % {"why": problem}
        ) from problem
    except LoginError as problem:
        if any(word in str(problem).upper() for word in BUSY):
            raise TryLater(WAIT_SECONDS, str(problem)) from problem
        raise NeedsReconnect(_not_let_in(problem)) from problem
    except smtplib.SMTPAuthenticationError as problem:
        if problem.smtp_code < 500:
            raise TryLater(WAIT_SECONDS, _said(problem)) from problem
        raise NeedsReconnect(_not_let_in(_said(problem))) from problem
    except smtplib.SMTPNotSupportedError as problem:
        raise Refused(
            "never", _("The mail server offers no encryption, or no sign-in: %(why)s") % {"why": problem}
        ) from problem
    except smtplib.SMTPResponseException as problem:
        raise TryLater(WAIT_SECONDS, _said(problem)) from problem
    except (IMAPClientError, smtplib.SMTPException, OSError, EOFError) as problem:
        raise TryLater(
            WAIT_SECONDS, _("The mail server can’t be reached: %(why)s") % {"why": problem}
        ) from problem
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AssertionError,
        AttributeError,
    ) as problem:  # another shape
        raise TryLater(
            WAIT_SECONDS, _("The mail server’s answer was not understood: %(why)s") % {"why": problem}
        ) from problem


def _not_let_in(why: object) -> str:
    return _("The mail server does not let us in: %(why)s") % {"why": why}


def _said(problem: smtplib.SMTPResponseException) -> str:
    text = problem.smtp_error
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return f"{problem.smtp_code} {words}"[:500]


def _text(held: Any, name: str) -> str:
    found = held.get(name)
    if not isinstance(found, str) or not found:
        raise NeedsReconnect(_("This account has no mail server to speak with. Connect it anew."))
    return found


def _port(held: Any, name: str, usual: int) -> int:
    found = held.get(name)
    return found if isinstance(found, int) and 0 < found < 2**16 else usual
