"""X's API v2: the line that an account calls on, and what its errors mean."""

from __future__ import annotations

import os

from django.utils.translation import gettext as _

from hark.channels import http
from hark.channels.base import Connection, NeedsReconnect, Refused, TryLater

LABEL = "X"
POST_FIELDS = (
    "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,"
    "note_tweet,referenced_tweets,text"
)
POST_EXPANSIONS = "author_id,attachments.media_keys,referenced_tweets.id"
MESSAGE_FIELDS = "id,text,event_type,created_at,dm_conversation_id,sender_id,attachments"
MESSAGE_EXPANSIONS = "sender_id,attachments.media_keys"
USER_FIELDS = "id,name,username,profile_image_url,public_metrics"
MEDIA_FIELDS = "media_key,type,url,preview_image_url,alt_text"


def base() -> str:
    """Where the API is. X publishes an emulator: HARK_X_API names it."""
    return os.environ.get("HARK_X_API", "https://api.x.com").rstrip("/")


def line(connection: Connection) -> http.Line:
    """Raises NeedsReconnect where there is no token."""
    token = str(connection.credentials.get("access") or "")
    if not token.isascii() or not token.isprintable() or not token:
        raise NeedsReconnect(_("This account has no permission of X stored."))
    return http.Line(LABEL, connection, base(), {"authorization": f"Bearer {token}"}, _final)


def _final(problem: http.SaidNo) -> NeedsReconnect | Refused | TryLater:
    said = str(problem.body.get("detail") or problem.body.get("title") or problem.text)[:500]
    kind = str(problem.body.get("type") or "")
    if problem.status == 401:
        return NeedsReconnect(_("X no longer lets us in (%(said)s).") % {"said": said})
    if "usage-capped" in kind:
        return Refused("never", _("The app has used up what it may call on X: %(said)s") % {"said": said})
    if problem.status == 404:
        return Refused("gone", _("It is no longer there on X."))
    return Refused("never", _("X refused it: %(said)s") % {"said": said})
