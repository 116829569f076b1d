"""A stored letter as a message. Pure. No header is believed for who somebody is: see `_is_proven`."""

from __future__ import annotations

import re
from typing import Any

from hark.channels.base import Author, Connection, IncomingMedia, IncomingMessage, Unreadable

from . import automatic, names
from .envelopes import Place, unpack
from .folding import fold
from .letters import Attachment, Letter, parse

MOST_FOLDED = 20_000  # characters of what came along; the letter itself is kept whole
MOST_REFERENCES = 50
MOST_FILES = 30
NOBODY = "nobody@invalid"  # a letter without a sender that could be one
RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    place, body = unpack(raw)
    letter = parse(body)
    if not letter.message.keys():
        raise Unreadable("no header of a letter is in it")
    report = automatic.returned(letter)
    if report and names.own_thread(connection.credentials, report.message_id):
        if not report.is_final:
            return []  # it is still being tried by our own server
        return [IncomingMessage("undelivered", report.message_id, place.at, text=report.reason)]
    return [_message(place, letter, connection)]


def _message(place: Place, letter: Letter, connection: Connection) -> IncomingMessage:
    ours = connection.external_id.lower()
    name, sender = (letter.addresses("from") or letter.addresses("sender") or [("", NOBODY)])[0]
    sender = sender.lower()
    own_thread = names.own_thread(connection.credentials, letter.message_id)
    by_brand = place.sent or (bool(own_thread) and sender == ours)
    recipients = letter.addresses(*RECIPIENTS)
    thread, token, parent = _thread(letter, connection, [address for _name, address in recipients])
    known = letter.message_id or names.thread_of(body_of(letter))
    subject = letter.header("subject")[:500]
    said, folded = fold(letter.text(), subject=subject)
    if subject and not parent:
        said = f"{subject}\n\n{said}".strip()  # many say there what it is about, and nowhere else
    other = next(
        (address.lower() for _name, address in letter.addresses("to") if address.lower() != ours), ""
    )
    return IncomingMessage(
        kind="created",
        external_id=known if own_thread and by_brand else names.identity(known, sender),
        at=place.at,
        thread=own_thread or thread,
        visibility="private",
        author=Author(ours, ours) if by_brand else Author(sender[:255], sender[:255], name),
        text=said or subject or _names_of(letter),
        by_brand=by_brand,
        parent=_parent(parent, connection, other if by_brand else ""),
        lang=_lang(letter),
        media=tuple(_media(file) for file in letter.attachments()[:MOST_FILES]),
        version="" if own_thread else place.at.isoformat(),
        handoff_token=token,
        facts=_facts(place, letter, connection, subject, folded),
    )


def body_of(letter: Letter) -> str:
    """What names a letter that has no Message-ID."""
    return "\n".join([*(letter.header(name) for name in ("from", "date", "subject")), letter.text()])


def _thread(letter: Letter, connection: Connection, recipients: list[str]) -> tuple[str, str, str]:
    """(thread, hand-off token, Message-ID answered). First hit: our signed address, our Message-ID, the first reference."""
    answered = letter.ids("in-reply-to")
    references = letter.ids("references")[:MOST_REFERENCES]
    parent = answered[-1] if answered else (references[-1] if references else "")
    thread, token = names.addressed(connection.credentials, connection.external_id, recipients)
    for one in [*answered, *reversed(references)]:
        thread = thread or names.own_thread(connection.credentials, one)
    root = next(iter(references), parent) or letter.message_id or body_of(letter)
    return thread or names.thread_of(root), token, parent


def _parent(message_id: str, connection: Connection, to: str) -> str:
    """The answered message as Hark calls it: ours by its Message-ID, theirs together with whom the answer went to."""
    if not message_id or names.own_thread(connection.credentials, message_id):
        return message_id
    return names.identity(message_id, to) if to else ""


def _facts(place: Place, letter: Letter, connection: Connection, subject: str, folded: str) -> dict[str, Any]:
    reply_to = [address for _name, address in letter.addresses("reply-to")]
    found: dict[str, Any] = {
        "message_id": letter.message_id,
        "references": letter.ids("references")[-MOST_REFERENCES:],
        "subject": subject,
        "folded": folded[:MOST_FOLDED],
        "automatic": automatic.why(letter),
        "proven": _is_proven(letter, str(connection.settings.get("authserv_id") or "")),
        "reply_to": reply_to[0] if reply_to else "",
        "also_to": [address for _name, address in letter.addresses("to", "cc")][:20],
        "cut": place.size > 0,
        "page": any(part.get_content_type() == "text/html" for _number, part in letter.parts()),
    }
    return {name: value for name, value in found.items() if value or name == "proven"}


def _is_proven(letter: Letter, authority: str) -> bool:
    """DMARC passed, said by the brand's own mail server (RFC 8601: the topmost such header; others may be forged)."""
    if not authority:
        return False
    for said in letter.headers("authentication-results"):
        server, _semicolon, results = said.partition(";")
        if server.strip().split(" ")[0].lower() == authority.lower():
            return re.search(r"\bdmarc\s*=\s*pass\b", results, re.IGNORECASE) is not None
    return False


def _media(file: Attachment) -> IncomingMedia:
    main = file.content_type.partition("/")[0]
    kind = main if main in ("image", "video", "audio") and file.content_type != "image/svg+xml" else "file"
    return IncomingMedia(kind, f"part:{file.number}", file.name, file.content_type)  # type: ignore[arg-type]


def _names_of(letter: Letter) -> str:
    return ", ".join(file.name for file in letter.attachments()[:MOST_FILES])


def _lang(letter: Letter) -> str:
    found = re.match(r"[A-Za-z]{2,3}(-[A-Za-z]{2,4})?\b", letter.header("content-language"))
    return found[0] if found else ""
