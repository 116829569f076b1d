"""Posts, likes and deletions in the brand's own repository."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hark.channels.base import Failure as Failed
from hark.channels.base import OutgoingFile, OutgoingReply, Receipt, Refused, TryLater, Unreadable, Unsure

from . import api, records, shapes
from .failures import reading, writing
from .limits import FILES, PUBLIC_TEXT, check_text
from .sessions import Session


def publish(session: Session, reply: OutgoingReply) -> Receipt:
    """Publish one post under the key of this reply. Sent twice, it is there once."""
    check_text(reply.text, PUBLIC_TEXT, allow_empty=bool(reply.files))
    _check_files(reply.files)
    with reading():
        refs = _refs(session, reply)
        images = [_uploaded(session, file) for file in reply.files]
        found = records.facets(reply.text, lambda handle: _did_of(session, handle, reply))
    record = records.post(reply, found, refs, images)
    key = records.record_key(reply.key, reply.queued_at)
    return _created(session, shapes.POST, key, record, refs)


def find_post(session: Session, reply: OutgoingReply) -> Receipt | None:
    """The receipt of the post with this reply's key, None when it surely is not there."""
    uri = f"at://{session.did}/{shapes.POST}/{records.record_key(reply.key, reply.queued_at)}"
    with reading():
        return _found(session, uri)


def like(session: Session, uri: str, facts: Mapping[str, Any]) -> Receipt:
    """Like a post; liking it again finds the first like."""
    try:
        shapes.post_uri(uri)
    except Unreadable:
        raise Refused("never", _("Only public posts can be liked.")) from None
    with reading():
        ref = _strong_ref(session, uri, facts)
    record = {"$type": shapes.LIKE, "subject": ref, "createdAt": records.moment(None)}
    return _created(session, shapes.LIKE, records.record_key(uri, None), record, None)


def withdraw(session: Session, uri: str) -> None:
    """Delete one of the brand's own posts or likes; one that is gone already stays gone."""
    try:
        did, collection, rkey = shapes.uri_parts(uri)
    except Unreadable:
        raise Refused("never", _("Bluesky can't take back a direct message.")) from None
    if did != session.did:
        raise Refused("never", _("Only our own posts can be deleted."))
    with writing():
        session.procedure(
            "com.atproto.repo.deleteRecord", {"repo": did, "collection": collection, "rkey": rkey}
        )


def _created(
    session: Session, collection: str, key: str, record: dict[str, Any], refs: Mapping[str, Any] | None
) -> Receipt:
    """Create a record under our key. A server that meets the key again says no in its own words: then we look."""
    uri = f"at://{session.did}/{collection}/{key}"
    body = {"repo": session.did, "collection": collection, "rkey": key, "record": record}
    try:
        with writing():
            said = session.procedure("com.atproto.repo.createRecord", body).body
            return _receipt(str(said["uri"]), shapes.content_id(str(said["cid"])), refs)
    except (Refused, Unsure) as problem:
        if there := _looked_up(session, uri, problem):
            return there
        raise


def _looked_up(session: Session, uri: str, problem: Failed) -> Receipt | None:
    try:
        with reading():
            return _found(session, uri)
    except TryLater as failure:
        raise Unsure(str(problem), failure.seconds) from problem
    except Failed:
        raise problem from None


def _found(session: Session, uri: str) -> Receipt | None:
    found = _record(session, uri)
    if not found:
        return None
    return _receipt(uri, shapes.content_id(str(found["cid"])), found["value"].get("reply"))


def _receipt(uri: str, cid: str, refs: Mapping[str, Any] | None) -> Receipt:
    root = (refs or {}).get("root") or {"uri": uri, "cid": cid}
    facts = {"uri": uri, "cid": cid, "root_uri": root["uri"], "root_cid": root["cid"]}
    is_post = shapes.uri_parts(uri)[1] == shapes.POST
    return Receipt(
        external_id=uri,
        thread=root["uri"] if is_post else "",
        url=shapes.web_url(uri) if is_post else "",
        facts=facts,
    )


def _record(session: Session, uri: str) -> dict[str, Any] | None:
    """A record with its cid, None when there is none."""
    did, collection, rkey = shapes.uri_parts(uri)
    try:
        return session.query("com.atproto.repo.getRecord", repo=did, collection=collection, rkey=rkey).body
    except api.XrpcError as problem:
        if problem.name == "RecordNotFound":
            return None
        raise


def _strong_ref(session: Session, uri: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """Address and cid of a post. Raises Refused when it is gone."""
    if facts.get("cid") and facts.get("uri", uri) == uri:
        return {"uri": uri, "cid": str(facts["cid"])}
    found = _record(session, uri)
    if not found:
        raise Refused("gone", _("The post is no longer there."))
    return {"uri": uri, "cid": str(found["cid"])}


def _refs(session: Session, reply: OutgoingReply) -> dict[str, Any] | None:
    """Root and parent of an answer; None for a post that answers nothing. Refuses where nobody could see the answer."""
    if not reply.parent:
        return None
    try:
        author = shapes.uri_parts(shapes.post_uri(reply.parent))[0]
    except Unreadable:
        raise Refused("never", _("What is answered here is not a public post.")) from None
    if author != session.did:
        _check_open(session, reply.parent)
    facts = reply.parent_facts
    parent = _strong_ref(session, reply.parent, facts)
    if facts.get("root_uri") and facts.get("root_cid"):
        return {"root": {"uri": str(facts["root_uri"]), "cid": str(facts["root_cid"])}, "parent": parent}
    found = _record(session, reply.parent)
    root = ((found or {}).get("value", {}).get("reply") or {}).get("root")
    return {"root": root or parent, "parent": parent}


def _check_open(session: Session, uri: str) -> None:
    """Ask the AppView whether an answer would be seen; when it can't say, the answer goes out all the same."""
    try:
        posts = session.query("app.bsky.feed.getPosts", uris=[uri]).body.get("posts")
    except api.AnswerLost:
        return
    except api.XrpcError as problem:
        if problem.status == 429:
            raise
        return
    if posts == []:
        if _record(session, uri) is None:
            raise Refused("gone", _("The post is no longer there."))
        return
    viewer = posts[0].get("viewer") if isinstance(posts, list) and isinstance(posts[0], dict) else None
    if isinstance(viewer, dict) and viewer.get("replyDisabled"):
        raise Refused("never", _("Its author has limited who may answer: nobody would see our answer."))


def _did_of(session: Session, handle: str, reply: OutgoingReply) -> str:
    """The DID behind a handle in our text, "" when there is none."""
    if reply.to and handle.lower() == reply.to.handle.lower():
        return reply.to.external_id
    try:
        return str(session.query("com.atproto.identity.resolveHandle", handle=handle).body.get("did") or "")
    except api.XrpcError as problem:
        if problem.status == 429 or problem.status >= 500:
            raise
        return ""


def _check_files(files: tuple[OutgoingFile, ...]) -> None:
    if len(files) > FILES.max_count:
        most = FILES.max_count
        raise Refused("never", ngettext("A post holds %d picture.", "A post holds %d pictures.", most) % most)
    for file in files:
        if file.content_type not in FILES.types:
            raise Refused("never", _("“%s” is not a picture that Bluesky takes.") % file.name)
        if len(file.content) > FILES.max_bytes:
            raise Refused("too_long", _("“%s” is larger than 2 MB.") % file.name)
        if not file.alt.strip():
            raise Refused("never", _("“%s” has no description for those who can't see it.") % file.name)


def _uploaded(session: Session, file: OutgoingFile) -> dict[str, Any]:
    blob = session.upload(file.content, file.content_type).body.get("blob")
    if not isinstance(blob, dict):
        raise TryLater(30, _("Bluesky did not take the picture."))
    image: dict[str, Any] = {"image": blob, "alt": file.alt}
    if file.width > 0 and file.height > 0:
        image["aspectRatio"] = {"width": file.width, "height": file.height}
    return image
