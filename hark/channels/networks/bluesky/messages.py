"""Direct messages: one conversation for each pair, reached through the account's own server."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from hark.channels.base import Author, OutgoingReply, Reach, Receipt, Refused, Unsure

from . import api, records, shapes
from .failures import NoDirectMessages, reading, why_unreachable, writing
from .limits import PRIVATE_TEXT, check_text
from .sessions import Session

CONVO = "chat.bsky.convo."
DECLARATION = "chat.bsky.actor.declaration"
SKEW = timedelta(seconds=2)  # between our clock and the network's
SETTLE_SECONDS = 3.0  # a message on its way when the answer was lost is there after this long
MOST_PAGES = 20


def write(session: Session, reply: OutgoingReply) -> Receipt:
    """Send a direct message, in a conversation that is opened if there is none."""
    check_text(reply.text, PRIVATE_TEXT)
    if reply.files:
        raise Refused("never", _("Bluesky's direct messages take no pictures."))
    with reading():
        convo = _convo(session, reply)
        found = records.facets(reply.text, lambda handle: _did_of(session, handle))
    message: dict[str, Any] = {"text": reply.text, **({"facets": found} if found else {})}
    with writing():
        body = {"convoId": convo, "message": message}
        return _receipt(convo, session.procedure(CONVO + "sendMessage", body, chat=True).body)


def find_message(session: Session, reply: OutgoingReply) -> Receipt | None:
    """The one message of ours with this text since it was queued; None when it surely is not there.

    Direct messages carry no key of ours: two that match can't be told apart, and a person decides.
    """
    if reply.queued_at is None:
        raise Unsure(_("It is not known since when to look for it."))
    with reading():
        convo = _convo(session, reply)
        found = _same(session, convo, reply.text, reply.queued_at - SKEW)
        if not found:
            time.sleep(SETTLE_SECONDS)
            found = _same(session, convo, reply.text, reply.queued_at - SKEW)
        if len(found) > 1:
            raise Unsure(_("The conversation holds this text more than once since then."))
        return _receipt(convo, found[0]) if found else None


def reach(session: Session, author: Author, page: str) -> Reach:
    """Whether we may write to this person; if not, the page where they can write to us first, if they can."""
    if not session.reads_messages:
        return Reach(False, reason=_("This account was connected without direct messages."))
    try:
        with reading():
            said = session.query(CONVO + "getConvoAvailability", chat=True, members=[author.external_id]).body
            if said.get("canChat") is True:
                convo = said.get("convo")
                thread = str(convo.get("id") or "") if isinstance(convo, dict) else ""
                return Reach(True, "direct_dm", thread=thread)
            may_begin = _open_to_all(session)
    except (NoDirectMessages, Refused) as problem:
        return Reach(False, reason=str(problem))
    if may_begin:
        return Reach(
            True, "link", url=page, reason=_("We may not write to them first; they can write to us.")
        )
    return Reach(
        False,
        reason=_(
            "They take direct messages only from people they follow, or from nobody, and this account takes none from "
            "strangers. Connect it again with “Let everybody write us direct messages”."
        ),
    )


def _open_to_all(session: Session) -> bool:
    """Whether anybody may write to the brand; without a declaration only those it follows may."""
    try:
        said = session.query(
            "com.atproto.repo.getRecord", repo=session.did, collection=DECLARATION, rkey="self"
        ).body
    except api.XrpcError as problem:
        if problem.name == "RecordNotFound":
            return False
        raise
    return bool(said["value"].get("allowIncoming") == "all")


def _convo(session: Session, reply: OutgoingReply) -> str:
    """The conversation to write in: the one answered, else the one with this person."""
    known = str(reply.parent_facts.get("convo") or reply.thread)
    if known and not known.startswith("at://"):
        return known
    if reply.to is None:
        raise Refused("recipient_unreachable", _("It is not known whom to write to."))
    said = session.query(CONVO + "getConvoForMembers", chat=True, members=[reply.to.external_id]).body
    convo = said.get("convo")
    if not isinstance(convo, dict) or not convo.get("id"):
        raise Refused("recipient_unreachable", why_unreachable(""))
    return str(convo["id"])


def _same(session: Session, convo: str, text: str, since: datetime) -> list[dict[str, Any]]:
    """Our messages with this text, sent since then."""
    found: list[dict[str, Any]] = []
    cursor = ""
    for _page in range(MOST_PAGES):
        said = session.query(CONVO + "getMessages", chat=True, convoId=convo, limit=100, cursor=cursor).body
        page = [item for item in said.get("messages", []) if isinstance(item, dict)]
        recent = [item for item in page if shapes.instant(str(item.get("sentAt"))) >= since]
        found += [
            item
            for item in recent
            if item.get("text") == text and item.get("sender", {}).get("did") == session.did
        ]
        cursor = str(said.get("cursor") or "")
        if len(recent) < len(page) or not cursor:
            return found
    raise Unsure(_("The conversation is too long to look through."))


def _receipt(convo: str, message: Mapping[str, Any]) -> Receipt:
    return Receipt(
        external_id=shapes.opaque_id(str(message["id"]), "message id"),
        thread=convo,
        url="https://bsky.app/messages",
        at=shapes.instant(str(message["sentAt"])),
        facts={"convo": convo},
    )


def _did_of(session: Session, handle: str) -> str:
    try:
        return str(session.query("com.atproto.identity.resolveHandle", handle=handle).body.get("did") or "")
    except api.XrpcError:
        return ""
