"""Letters that no person wrote for us: answering machines, lists, and reports that a letter of ours came back."""

from __future__ import annotations

import email.message
import re
from dataclasses import dataclass

from .letters import MESSAGE_ID, Letter, parse

NOBODY = re.compile(
    r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|owner-.*|.*-request)@.*", re.IGNORECASE
)
MACHINES = ("x-autoreply", "x-autorespond", "x-autoresponder")
LISTS = ("list-id", "list-unsubscribe", "list-post")


@dataclass(frozen=True)
class Returned:
    """A delivery report (RFC 3464): which letter, whether for good, and what the other server said."""

    message_id: str
    is_final: bool
    reason: str


def why(letter: Letter) -> str:
    """How it is known that no person wrote this (RFC 3834 and practice), "" for a person's letter.

    auto-submitted, report, list, bulk, machine, or nobody: a sender that takes no answers.
    """
    submitted = letter.header("auto-submitted").lower().partition(";")[0].strip()
    if submitted and submitted != "no":
        return "auto-submitted"
    if _content_type(letter) == "multipart/report":
        return "report"
    if any(letter.header(name) for name in LISTS):
        return "list"
    if letter.header("precedence").lower() in ("bulk", "list", "junk", "auto_reply"):
        return "bulk"
    suppressed = {part.strip().lower() for part in letter.header("x-auto-response-suppress").split(",")}
    if any(letter.header(name) for name in MACHINES) or suppressed & {"all", "autoreply", "oof"}:
        return "machine"
    senders = [address for _name, address in letter.addresses("from")]
    if letter.header("return-path") == "<>" or any(NOBODY.fullmatch(address) for address in senders):
        return "nobody"
    return ""


def returned(letter: Letter) -> Returned | None:
    """What a delivery report says of the letter it encloses; None when this is no such report."""
    if _content_type(letter) != "multipart/report":
        return None
    parts = letter.message.get_payload()
    if not isinstance(parts, list):
        return None
    inside = [part for part in parts if isinstance(part, email.message.Message)]
    report = next((part for part in inside if part.get_content_type() == "message/delivery-status"), None)
    enclosed = next(
        (part for part in inside if part.get_content_type() in ("message/rfc822", "text/rfc822-headers")),
        None,
    )
    if report is None or enclosed is None:
        return None
    fields = _fields(report)
    action = fields.get("action", "").lower()
    if action not in ("failed", "delayed"):
        return None
    said = fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get("status", "")
    is_final = action == "failed"
    return Returned(_enclosed_id(enclosed), is_final, " ".join(said.split())[:500])


def _content_type(letter: Letter) -> str:
    return letter.message.get_content_type()


def _fields(report: email.message.Message) -> dict[str, str]:
    """The fields of all recipients, the last said standing: a letter of ours has one."""
    blocks = report.get_payload()
    found: dict[str, str] = {}
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, email.message.Message):
            found |= {str(name).lower(): str(value) for name, value in block.items()}
    return found


def _enclosed_id(part: email.message.Message) -> str:
    inner = part.get_payload()
    if isinstance(inner, list) and inner and isinstance(inner[0], email.message.Message):
        found = MESSAGE_ID.findall(str(inner[0].get("message-id") or ""))
    else:
        found = parse(str(inner).encode("utf-8", "replace")).ids("message-id")
    return found[0] if found else ""
