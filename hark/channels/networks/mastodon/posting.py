"""What goes out: statuses, and what can be done to them after. POST /api/v1/statuses and its kin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import (
    Attachments,
    Author,
    Connection,
    OutgoingReply,
    Reach,
    Receipt,
    Refused,
    TextLimit,
    Unreadable,
    Unsure,
)
from hark.channels.shapes import JSON, instant

from . import api, reading

TEXT = TextLimit("chars", 500)  # unless the server says otherwise: settings.max_characters
LINK_LENGTH = 23  # what every link counts, however long (settings.link_length)
FILES = Attachments(
    types=frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"}), max_bytes=8_000_000, max_count=4
)
LINK = re.compile(r"https?://[^\s]+")
REMOTE = re.compile(r"(@[\w.-]+)@[\w.-]+\.[\w-]+")
STRICTNESS = ("public", "unlisted", "private", "direct")
STATUS_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LOOKED_AT = 40
SKEW = timedelta(minutes=2)  # between our clock and the server's


def publish(connection: Connection, reply: OutgoingReply) -> Receipt:
    server = api.server(connection)
    status = _text(reply)
    warning = str(reply.parent_facts.get("warning") or "")
    _check(connection, status, warning, reply)
    body: JSON = {"status": status, "visibility": _level(reply)}
    if reply.parent:
        body["in_reply_to_id"] = _id(reply.parent)
    if warning:
        body["spoiler_text"] = warning  # whoever hid it behind a warning does not want it shown below
    if reply.files:
        body["media_ids"] = [server.upload(file) for file in reply.files]
    made = server.write("POST", "/api/v1/statuses", body, once=reply.key)
    return _receipt(made, connection, http.lost_writing(api.LABEL))


def find_sent(connection: Connection, reply: OutgoingReply) -> Receipt | None:
    """Our own status with this text below this parent, since it was queued.

    The server keeps an Idempotency-Key for an hour only, and not every server keeps one: so it is looked for.
    """
    if reply.queued_at is None:
        raise Unsure(_("It is not known since when to look for it."))
    server = api.server(connection)
    own = str(connection.credentials.get("id") or "")
    found, _headers = server.page(f"/api/v1/accounts/{_id(own)}/statuses", limit=LOOKED_AT)
    wanted = _bare(_text(reply))
    matching = []
    for status in found:
        try:
            [message] = reading.read(reading.wrapped(status, "").raw, connection)
        except (Unreadable, ValueError, TypeError):
            continue
        warning = str(message.facts.get("warning") or "")
        said = message.text.removeprefix(warning).strip()
        since = instant(str(message.facts["made"]))
        if _bare(said) == wanted and message.parent == reply.parent and since >= reply.queued_at - SKEW:
            matching.append(status)
    if len(matching) > 1:
        raise Unsure(_("The account holds this text more than once since then."))
    return _receipt(matching[0], connection, http.lost_reading(api.LABEL)) if matching else None


def like(connection: Connection, status_id: str) -> Receipt:
    liked = api.server(connection).write("POST", f"/api/v1/statuses/{_id(status_id)}/favourite")
    return Receipt(external_id=str(liked.get("id") or status_id))


def edit(connection: Connection, status_id: str, text: str, facts: Mapping[str, Any]) -> Receipt:
    """Change a status of ours; whom it was addressed to is addressed still."""
    server = api.server(connection)
    path = f"/api/v1/statuses/{_id(status_id)}"
    now = server.get(path)
    mentions = [reading.full_handle(one) for one in now.get("mentions") or [] if isinstance(one, dict)]
    body: JSON = {"status": " ".join([*_missing(text, mentions), text])}
    if warning := str(now.get("spoiler_text") or ""):
        body["spoiler_text"] = warning
    if files := [
        one["id"] for one in now.get("media_attachments") or [] if isinstance(one, dict) and "id" in one
    ]:
        body["media_ids"] = files
    return _receipt(server.write("PUT", path, body), connection, http.lost_writing(api.LABEL))


def withdraw(connection: Connection, status_id: str) -> None:
    """Delete a status of ours; one that is gone already stays gone."""
    try:
        api.server(connection).delete(f"/api/v1/statuses/{_id(status_id)}")
    except Refused as problem:
        if problem.code != "gone":
            raise


def reach(connection: Connection, author: Author) -> Reach:
    """Anybody can be written to with a direct status; whether they filter strangers is not told."""
    if not author.handle:
        return Reach(False, reason=_("Their full handle is not known."))
    return Reach(
        True,
        "direct_visibility",
        thread=f"direct {author.external_id}"[:512],
        reason=_(
            "The administrators of both servers can read direct posts: ask for no passwords or card numbers."
        ),
    )


def length(text: str, link_length: int = LINK_LENGTH) -> int:
    """As the server counts: every link the same, and of a remote mention only the name."""
    return len(REMOTE.sub(r"\1", LINK.sub("x" * link_length, text)))


def _text(reply: OutgoingReply) -> str:
    """The text, addressed to whom it answers: nobody is told of an answer that does not name them."""
    return " ".join([*_missing(reply.text, [reply.to.handle] if reply.to else []), reply.text])


def _missing(text: str, handles: list[str]) -> list[str]:
    return [f"@{handle}" for handle in handles if handle and f"@{handle.lower()}" not in text.lower()]


def _level(reply: OutgoingReply) -> str:
    """Never wider than what is answered: an answer to what few can read is not read by all."""
    if reply.visibility == "private":
        return "direct"
    answered = str(reply.parent_facts.get("level") or "public")
    return answered if answered in STRICTNESS else "direct"


def _check(connection: Connection, status: str, warning: str, reply: OutgoingReply) -> None:
    if not reply.text.strip() and not reply.files:
        raise Refused("never", _("There is nothing to send."))
    if reply.visibility == "private" and not (reply.to and reply.to.handle):
        raise Refused(
            "recipient_unreachable", _("It is not known to whom: a direct post must name its reader.")
        )
    if reply.to and re.search(r"[\s@]", reply.to.handle.partition("@")[0]):
        raise Refused("recipient_unreachable", _("“%s” is not a handle.") % reply.to.handle[:80])
    most = _setting(connection, "max_characters", TEXT.value)
    count = length(status, _setting(connection, "link_length", LINK_LENGTH)) + len(warning)
    if count > most:
        raise Refused(
            "too_long",
            _("It has %(count)d characters with the name in front; this server takes %(most)d.")
            % {"count": count, "most": most},
        )
    for file in reply.files:
        if file.content_type not in FILES.types or len(file.content) > FILES.max_bytes:
            raise Refused("never", _("“%s” is not a picture that Mastodon takes.") % file.name)


def _setting(connection: Connection, name: str, usual: int) -> int:
    value = connection.settings.get(name)
    return value if isinstance(value, int) and value > 0 else usual


def _id(status_id: str) -> str:
    if not STATUS_ID.fullmatch(status_id):
        raise Refused("gone", _("That is not the id of a post here."))
    return status_id


def _bare(text: str) -> str:
    """Words alone: a server may add its own domain to a mention, or drop ours."""
    return " ".join(re.sub(r"(@[\w.-]+)@[\w.:-]+", r"\1", text).split())


def _receipt(status: JSON, connection: Connection, lost: Exception) -> Receipt:
    """Raises `lost` when the answer is not the status it should be."""
    try:
        [message] = reading.read(reading.wrapped(status, "").raw, connection)
    except (Unreadable, ValueError, TypeError):
        raise lost from None
    return Receipt(
        external_id=message.external_id,
        thread=message.thread if message.visibility == "private" else "",
        url=message.url,
        at=message.at,
        facts=dict(message.facts),
    )
