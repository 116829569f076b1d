"""Letters that leave: composed, handed to the brand's own mail server, and looked for again when its answer was lost."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import Connection, NeedsReconnect, OutgoingReply, Receipt, Refused, TryLater, Unsure

from . import names, servers
from .letters import ADDRESS, CONTROL, MESSAGE_ID

MOST_REFERENCES = 20
WAIT_SECONDS = 300.0
SETTLE_SECONDS = (
    30.0  # a letter whose answer was lost is among what was sent after this long, if it is anywhere
)


def compose(connection: Connection, reply: OutgoingReply) -> tuple[EmailMessage, str, str]:
    """(letter, its Message-ID, whom it goes to). Raises Refused for somebody who can't be written to.

    Nothing from outside can begin a new header: control characters are gone, ids and addresses are checked whole.
    """
    facts, ours = reply.parent_facts, connection.external_id
    to = _recipient(reply)
    thread = reply.thread or names.thread_of(reply.key)
    if not connection.credentials.get(names.SECRET):
        raise NeedsReconnect(_("This account has no mail server to speak with. Connect it anew."))
    if len(thread) != 24:
        raise Refused("never", _("The thread of this letter is not known."))
    own_id = names.message_id(connection.credentials, thread, reply.key, ours)
    letter = EmailMessage(policy=SMTP)
    letter["Message-ID"] = f"<{own_id}>"
    letter["Date"] = format_datetime(reply.queued_at or datetime.now(UTC))
    letter["From"] = Address(_line(connection.settings.get("name")), addr_spec=ours)
    letter["To"] = Address(_line(reply.to.name if reply.to else ""), addr_spec=to)
    if connection.settings.get("plus", True):
        letter["Reply-To"] = Address(addr_spec=names.plus_address(connection.credentials, thread, ours))
    letter["Subject"] = _subject(facts.get("subject"), str(connection.settings.get("name") or ours))
    parent = _ids([facts.get("message_id")])
    if parent:
        letter["In-Reply-To"] = f"<{parent[0]}>"
        chain = list(dict.fromkeys([*_ids(facts.get("references")), parent[0]]))
        kept = chain if len(chain) <= MOST_REFERENCES else [chain[0], *chain[1 - MOST_REFERENCES :]]
        letter["References"] = " ".join(f"<{one}>" for one in kept)
    letter.set_content(reply.text.replace("\r\n", "\n").replace("\0", ""), cte="quoted-printable")
    for file in reply.files:
        kind, _slash, sub = file.content_type.partition("/")
        letter.add_attachment(
            file.content, maintype=kind, subtype=sub or "octet-stream", filename=_line(file.name)
        )
    return letter, own_id, to


def send(connection: Connection, reply: OutgoingReply) -> Receipt:
    if reply.visibility != "private":
        raise Refused("never", _("Letters have no public side."))
    if not reply.text.strip() and not reply.files:
        raise Refused("never", _("There is nothing to send yet."))
    letter, own_id, to = _composed(connection, reply)
    raw = letter.as_bytes()
    copied = connection.settings.get("sent_copy") != "server"
    recipients = [to, connection.external_id] if copied else [to]  # our own copy proves that it left
    with servers.postman(connection) as client:
        room = client.esmtp_features.get("size", "")
        if room.isdigit() and 0 < int(room) < len(raw):
            raise Refused(
                "too_long", _("The mail server takes letters up to %(mb)d MB.") % {"mb": int(room) // 2**20}
            )
        _checked(*client.mail(connection.external_id, [f"size={len(raw)}"] if room else []))
        for recipient in recipients:
            _checked(*client.rcpt(recipient))
        _checked(*client.docmd("DATA"), wanted=354)
        _hand_over(client, raw)
    return _receipt(reply, own_id)


def find_sent(connection: Connection, reply: OutgoingReply) -> Receipt | None:
    """The letter with this reply's Message-ID, among what was sent or on its way there through the inbox."""
    _letter, own_id, _to = _composed(connection, reply)
    with servers.mailbox(connection) as client:
        for box in dict.fromkeys([client.find_special_folder(b"\\Sent"), "INBOX"]):
            if box:
                client.select_folder(box, readonly=True)
                if client.search(["HEADER", "Message-ID", own_id]):
                    return _receipt(reply, own_id)
    return None


def _composed(connection: Connection, reply: OutgoingReply) -> tuple[EmailMessage, str, str]:
    try:
        return compose(connection, reply)
    except (ValueError, TypeError, LookupError, AttributeError) as problem:
        raise Refused("never", _("This letter can’t be written: %(why)s") % {"why": problem}) from problem


def _receipt(reply: OutgoingReply, own_id: str) -> Receipt:
    facts = reply.parent_facts
    chain = [*_ids(facts.get("references")), *_ids([facts.get("message_id")])]
    told = {
        "message_id": own_id,
        "references": chain[-MOST_REFERENCES:],
        "subject": _line(facts.get("subject")),
    }
    return Receipt(own_id, own_id.split(".")[1], at=datetime.now(UTC), facts=told)


def _hand_over(client: smtplib.SMTP, raw: bytes) -> None:
    """The letter itself. From here on a lost answer says nothing about whether it left.

    Nor does a passing failure: servers that give up on a filter's or a disk's delay have sent such letters (RFC 1047).
    """
    quoted = raw.replace(b"\r\n.", b"\r\n..")
    if quoted.startswith(b"."):
        quoted = b"." + quoted
    try:
        client.send(quoted + (b"" if quoted.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        code, said = client.getreply()
    except (smtplib.SMTPException, OSError) as problem:
        raise _lost() from problem
    if code == 250 or 500 <= code < 600:
        _checked(code, said)
    else:
        raise _lost()


def _lost() -> Unsure:
    return Unsure(_("The mail server did not say whether it took the letter."), SETTLE_SECONDS)


def _checked(code: int, said: bytes | str, wanted: int = 250) -> None:
    """RFC 5321 §4.2: 5xx is final, all else passes; the code after the dot (RFC 3463) tells what was wrong."""
    if code == wanted or (wanted == 250 and code == 251):
        return
    text = f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"[:500]
    if code == 530 or not 500 <= code < 600:
        raise TryLater(WAIT_SECONDS, text)
    if code == 552 or " 5.3.4" in text:
        raise Refused("too_long", text)
    if code in (550, 551, 553) or " 5.1." in text or " 5.2.1" in text:
        raise Refused(
            "recipient_unreachable", _("The mail server takes no letter for them: %(said)s") % {"said": text}
        )
    raise Refused("never", _("The mail server refused it: %(said)s") % {"said": text})


def _recipient(reply: OutgoingReply) -> str:
    """Whom the answer goes to: the sender. Their Reply-To is followed only where it is proven that they wrote it."""
    facts = reply.parent_facts
    proven = facts.get("reply_to") if facts.get("proven") is True else ""
    to = proven or (reply.to.external_id if reply.to else "")
    if not isinstance(to, str) or not ADDRESS.fullmatch(to) or not to.isascii() or to.endswith("@invalid"):
        raise Refused("recipient_unreachable", _("There is no address that a letter could go to."))
    return to


def _subject(given: Any, name: str) -> str:
    subject = _line(given)
    if not subject:
        return _("Your message to %(name)s") % {"name": _line(name)}
    return subject if subject[:3].lower() == "re:" else f"Re: {subject}"


def _line(value: Any) -> str:
    return CONTROL.sub(" ", value).strip()[:500] if isinstance(value, str) else ""


def _ids(values: Any) -> list[str]:
    """Those that are Message-IDs, without brackets."""
    given = values if isinstance(values, list) else []
    return [
        one for one in given if isinstance(one, str) and one.isascii() and MESSAGE_ID.fullmatch(f"<{one}>")
    ]
