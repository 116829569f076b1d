"""What Bluesky takes: app.bsky.feed.post, app.bsky.embed.images and chat.bsky.convo.defs#messageInput."""

from __future__ import annotations

from django.utils.translation import gettext as _

from hark.channels.base import Attachments, Refused, TextLimit

from . import records

PUBLIC_TEXT = TextLimit("graphemes", 300, max_bytes=3000)
PRIVATE_TEXT = TextLimit("graphemes", 1000, max_bytes=10_000)
FILES = Attachments(
    types=frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"}),
    max_bytes=2_000_000,
    max_count=4,
    alt_required=True,
)


def check_text(text: str, limit: TextLimit, *, allow_empty: bool = False) -> None:
    """Raises Refused when the text is too long, or empty with nothing beside it."""
    if not text.strip() and not allow_empty:
        raise Refused("never", _("There is nothing to send."))
    count, size = records.graphemes(text), len(text.encode("utf-8", "surrogatepass"))
    if count > limit.value:
        raise Refused(
            "too_long",
            _("It has %(count)d characters; Bluesky takes %(most)d.") % {"count": count, "most": limit.value},
        )
    if limit.max_bytes and size > limit.max_bytes:
        raise Refused(
            "too_long",
            _("It has %(size)d bytes; Bluesky takes %(most)d.") % {"size": size, "most": limit.max_bytes},
        )
