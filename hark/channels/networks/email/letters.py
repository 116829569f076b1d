"""A letter taken apart (RFC 5322, 2045–2047, 2231). Whatever is broken in it, the rest survives."""

from __future__ import annotations

import email
import email.header
import email.message
import email.policy
import email.utils
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from . import markup

MESSAGE_ID = re.compile(r"<([^<>\s]{1,400})>")
ADDRESS = re.compile(
    r"[^\s@<>(),;:\\\"\[\]]{1,64}@[A-Za-z0-9.-]{1,253}|[^\s@<>(),;:\\\"\[\]]{1,64}@[\w.-]{1,253}"
)
CONTROL = re.compile(
    r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]+"
)  # also what turns the reading direction round
MOST_PARTS = 200
DEEPEST = 20
MOST_TEXT = 90_000  # characters of one letter that are shown; the whole is kept as it came
MOST_HEADER = 20_000
POLICY = email.policy.compat32  # it never raises; what it gives is decoded here


@dataclass(frozen=True)
class Attachment:
    """`number` names the part inside its letter."""

    number: int
    name: str
    content_type: str


class Letter:
    """One letter. Every question has an answer, if an empty one."""

    def __init__(self, message: email.message.Message) -> None:
        self.message = message

    def header(self, name: str) -> str:
        """Decoded, on one line: no CR, LF or other control character is left in it."""
        return _plain(self.message.get(name))

    def headers(self, name: str) -> list[str]:
        return [_plain(value) for value in self.message.get_all(name) or []]

    def addresses(self, *names: str) -> list[tuple[str, str]]:
        """(display name, address as it is written) in order, the unusable left out."""
        found: list[tuple[str, str]] = []
        for name in names:
            raw = [CONTROL.sub(" ", str(value))[:MOST_HEADER] for value in self.message.get_all(name) or []]
            for shown, address in email.utils.getaddresses(raw):
                if ADDRESS.fullmatch(address):
                    found.append((_plain(shown)[:200], address))
        return found

    def ids(self, name: str) -> list[str]:
        return MESSAGE_ID.findall(self.header(name))

    @property
    def message_id(self) -> str:
        """Without its brackets; "" when there is none."""
        found = self.ids("message-id")
        return found[0] if found else ""

    def parts(self) -> Iterator[tuple[int, email.message.Message]]:
        """Leaves with their numbers; a letter inside a letter is one leaf."""
        waiting = [(self.message, 0)]
        number = 0
        while waiting and number < MOST_PARTS:
            part, depth = waiting.pop(0)
            inner = part.get_payload()
            is_split = isinstance(inner, list) and part.get_content_maintype() != "message"
            if is_split and depth < DEEPEST:
                waiting[:0] = [(one, depth + 1) for one in inner if isinstance(one, email.message.Message)]
                continue
            number += 1
            yield number, part

    def text(self) -> str:
        """The words: plain text if there is any, else those of the HTML."""
        plain, pages = [], []
        for _number, part in self.parts():
            if _is_attached(part):
                continue
            if part.get_content_type() == "text/plain":
                plain.append(_words(part))
            elif part.get_content_type() == "text/html":
                pages.append(_words(part))
        said = "\n\n".join(one for one in plain if one.strip()) or "\n\n".join(map(markup.to_text, pages))
        return said.replace("\r\n", "\n").replace("\r", "\n")[:MOST_TEXT].strip()

    def page(self) -> str:
        """The HTML made harmless, "" where there is none."""
        found = [
            _words(part)
            for _number, part in self.parts()
            if part.get_content_type() == "text/html" and not _is_attached(part)
        ]
        return markup.clean("\n".join(found)) if found else ""

    def attachments(self) -> list[Attachment]:
        return [
            Attachment(number, _file_name(part, number), part.get_content_type())
            for number, part in self.parts()
            if _is_attached(part)
        ]

    def content(self, wanted: int) -> tuple[str, bytes] | None:
        """Content type and bytes of an attachment; None when there is no such part."""
        for number, part in self.parts():
            if number == wanted and _is_attached(part):
                return part.get_content_type(), _bytes(part)
        return None


def parse(raw: bytes) -> Letter:
    return Letter(email.message_from_bytes(raw, policy=POLICY))


def _is_attached(part: email.message.Message) -> bool:
    if part.get_content_disposition() == "attachment" or part.get_filename():
        return True
    return part.get_content_maintype() not in ("text", "multipart")


def _file_name(part: email.message.Message, number: int) -> str:
    """The last part of the name, without paths, control characters, or what Windows gives a meaning to."""
    given: str | None = None
    with suppress(Exception):  # RFC 2231 gone wrong in one of many ways
        given = part.get_filename()
    if given is None and part.get_content_type() == "message/rfc822":
        given = "letter.eml"
    name = re.split(r"[\\/]", _plain(given))[-1].strip(" .")
    return re.sub(r'[<>:"|?*]', "_", name)[:120] or f"part-{number}"


def _bytes(part: email.message.Message) -> bytes:
    if part.get_content_maintype() == "message":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else part
        letter = first if isinstance(first, email.message.Message) else part
        with suppress(Exception):
            return letter.as_bytes(policy=email.policy.SMTP.clone(cte_type="8bit", max_line_length=None))
    with suppress(Exception):
        found = part.get_payload(decode=True)
        if isinstance(found, bytes):
            return found
    return str(part.get_payload()).encode("utf-8", "replace")


def _words(part: email.message.Message) -> str:
    raw = _bytes(part)
    given = "utf-8"
    with suppress(Exception):
        given = str(part.get_content_charset() or "utf-8")
    for charset in (given, "utf-8"):
        with suppress(LookupError, UnicodeError, ValueError):
            return raw.decode(charset)
    return raw.decode("cp1252", "replace")


def _plain(value: object) -> str:
    if value is None:
        return ""
    text = str(value)[:MOST_HEADER]
    with suppress(Exception):
        text = str(email.header.make_header(email.header.decode_header(text)))
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if _has_lone(text) else text
    return CONTROL.sub(" ", text).strip()


def _has_lone(text: str) -> bool:
    return any("\udc80" <= letter <= "\udcff" for letter in text)
