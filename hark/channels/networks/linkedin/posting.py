"""What the page says: comments and replies, their correction, likes. LinkedIn takes no key of ours.

A second comment with the same words is refused by LinkedIn itself (409); after a lost answer ours are looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import Connection, OutgoingReply, Receipt, Refused, TextLimit, Unsure
from hark.channels.shapes import JSON, several

from . import api, reading

TEXT = TextLimit("chars", 1250)
SKEW = timedelta(minutes=2)
PAGE, MOST_PAGES = 100, 10


def publish(connection: Connection, reply: OutgoingReply) -> Receipt:
    line = api.line(connection)
    root, parent = _place(reply)
    if reply.visibility == "private":
        raise Refused("never", _("LinkedIn lets no app write messages for a page."))
    if not reply.text.strip():
        raise Refused("never", _("There is nothing to send."))
    if len(reply.text) > TEXT.value:
        raise Refused(
            "too_long",
            _("It has %(count)d characters; LinkedIn takes %(most)d.")
            % {"count": len(reply.text), "most": TEXT.value},
        )
    body = {"actor": api.organization(connection), "object": root, "message": {"text": reply.text}}
    body |= {"parentComment": parent} if parent else {}
    with line.writing("comment") as call:
        try:
            answer = call("POST", f"/rest/socialActions/{api.part(parent or root)}/comments", json=body)
        except http.SaidNo as no:
            if no.status != 409:
                raise
        else:
            said = answer.body
            own = (
                said.get("commentUrn")
                or f"urn:li:comment:({root},{said.get('id') or answer.headers['x-restli-id']})"
            )
            return _receipt(str(own), root, parent)
    found = find_sent(connection, reply)
    if found is None:
        raise Refused("never", _("LinkedIn says that the same words stand there already."))
    return found


def find_sent(connection: Connection, reply: OutgoingReply) -> Receipt | None:
    """Our own comment with this text at its place, since it was queued."""
    line = api.line(connection)
    root, parent = _place(reply)
    if reply.queued_at is None:
        raise Unsure(_("It is not known since when to look for it."))
    found = []
    with line.reading("comments") as call:
        for page in range(MOST_PAGES):
            path = f"/rest/socialActions/{api.part(parent or root)}/comments?start={page * PAGE}&count={PAGE}"
            listed = several(call("GET", path).body, "elements")
            found += [one for one in listed if _is_ours(one, connection, reply)]
            if len(listed) < PAGE:
                break
        if len(found) > 1:
            raise Unsure(_("The same words stand there more than once since then."))
        return _receipt(reading.urn_of(found[0]), root, parent) if found else None


def edit(connection: Connection, here: str, words: str, facts: Mapping[str, Any]) -> Receipt:
    line, (path, query) = api.line(connection), _own(connection, here, facts)
    body = {"patch": {"message": {"$set": {"text": words}}}}
    with line.writing("edit") as call:
        call("POST", path + query, json=body, headers={"x-restli-method": "PARTIAL_UPDATE"})
    return Receipt(here, facts=dict(facts))


def withdraw(connection: Connection, here: str, facts: Mapping[str, Any]) -> None:
    line, (path, query) = api.line(connection), _own(connection, here, facts)
    try:
        with line.writing("delete") as call:
            call("DELETE", path + query)
    except Refused as problem:
        if problem.code != "gone":
            raise


def like(connection: Connection, here: str, facts: Mapping[str, Any]) -> Receipt:
    line = api.line(connection)
    api.part(here)
    with line.writing("like") as call:
        actor = api.part(api.organization(connection))
        call("POST", f"/rest/reactions?actor={actor}", json={"root": here, "reactionType": "LIKE"})
    return Receipt(f"like {here}")


def _place(reply: OutgoingReply) -> tuple[str, str]:
    """The post, and the comment of the first level below it. There are two levels: an answer to an answer stands beside it."""
    root = str(reply.parent_facts.get("object") or reply.thread)
    parent = str(reply.parent_facts.get("parent") or reply.parent_facts.get("comment") or "")
    for urn in (root, parent) if parent else (root,):
        api.part(urn)
    return root, parent


def _is_ours(one: JSON, connection: Connection, reply: OutgoingReply) -> bool:
    message = reading.read(reading.commented(one).raw, connection)[0]
    same = " ".join(message.text.split()) == " ".join(reply.text.split())
    return message.by_brand and same and reply.queued_at is not None and message.at >= reply.queued_at - SKEW


def _own(connection: Connection, here: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    found = reading.COMMENT.fullmatch(here)
    if not found:
        raise Refused("gone", _("That is not a comment on LinkedIn."))
    path = f"/rest/socialActions/{api.part(found[1])}/comments/{found[2]}"
    return path, f"?actor={api.part(api.organization(connection))}"


def _receipt(own: str, root: str, parent: str) -> Receipt:
    return Receipt(
        own,
        thread=root,
        url=f"https://www.linkedin.com/feed/update/{root}/",
        facts={"object": root, "comment": own, "parent": parent},
    )
