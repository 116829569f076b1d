"""The provider's webhooks: what a customer wrote, and what became of what we sent. Form-encoded."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from hark.channels.base import Author, Connection, Envelope, IncomingMedia, IncomingMessage, Unreadable

from . import files

MOST_FIELDS = 200
MOST_MEDIA = 10
AT = "HarkReceivedAt"  # the provider tells no time: ours is kept with the event
STOP = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit"}
STATUSES = {
    "queued",
    "accepted",
    "sending",
    "sent",
    "delivered",
    "undelivered",
    "failed",
    "read",
    "canceled",
    "scheduled",
}


def split(body: bytes) -> list[Envelope]:
    """One event a request. Its time is added at the end, outside of what names it."""
    fields = _fields(body)
    sid = fields.get("MessageSid") or fields.get("SmsSid") or ""
    if not sid.strip() or len(sid) > 200:
        raise Unreadable("no MessageSid")
    status = (fields.get("MessageStatus") or "")[:40]
    raw = (
        body
        if AT in fields
        else body.rstrip(b"&\r\n") + b"&" + urlencode({AT: datetime.now(UTC).isoformat()}).encode()
    )
    return [Envelope(f"{sid} {status}".strip(), raw)]


def read(raw: bytes, connection: Connection) -> list[IncomingMessage]:
    fields = _fields(raw)
    sid, at = fields.get("MessageSid") or fields.get("SmsSid") or "", _time(fields.get(AT, ""))
    if not sid.strip():
        raise Unreadable("no MessageSid")
    if status := fields.get("MessageStatus"):
        if status not in ("undelivered", "failed"):
            return []
        why = " ".join(part for part in (fields.get("ErrorCode", ""), fields.get("ErrorMessage", "")) if part)
        return [IncomingMessage("undelivered", sid, at, text=f"{status} {why}".strip()[:500])]
    sender = fields.get("From", "").strip()
    if not sender or len(sender) > 255:
        raise Unreadable("nobody sent it")
    text = fields.get("Body", "")
    stopped = fields.get("OptOutType", "") == "STOP" or text.strip().lower() in STOP
    return [
        IncomingMessage(
            "created",
            sid,
            at,
            thread=f"{fields.get('To', '')[:200]} {sender}".strip(),
            visibility="private",
            author=Author(sender, sender, fields.get("ProfileName", "")[:200]),
            text=text,
            media=_media(fields),
            facts={"to": fields.get("To", "")[:200], **({"stopped": True} if stopped else {})},
        )
    ]


def _fields(body: bytes) -> dict[str, str]:
    try:
        return dict(
            parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        )
    except ValueError as problem:
        raise Unreadable(str(problem)) from None


def _time(given: str) -> datetime:
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise Unreadable("no time of arrival") from None
    if at.tzinfo is None:
        raise Unreadable("a time without a zone")
    return at


def _media(fields: dict[str, str]) -> tuple[IncomingMedia, ...]:
    found = []
    for number in range(MOST_MEDIA):
        url, kind = fields.get(f"MediaUrl{number}", ""), fields.get(f"MediaContentType{number}", "")
        if re.match("https?://", url):
            main = kind.partition("/")[0]
            named = main if main in ("image", "video", "audio") else "file"
            held = files.name_of(url)
            found.append(IncomingMedia(named, f"held:{held}" if held else url, content_type=kind))  # type: ignore[arg-type]
    return tuple(found)
