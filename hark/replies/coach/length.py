"""Does the draft fit, in the network's own unit?"""

from __future__ import annotations

from django.utils.translation import gettext as _

from hark.replies.counting import count, fits

from .finding import Context, Finding
from .text import Text


def check(text: Text, context: Context) -> Finding:
    """fits, posts (it leaves as several) or too_long. The server refuses what is too long; here it is a hint."""
    limit, draft = context.limit, text.typed.strip()
    if limit is None or fits(draft, limit):
        return Finding("length", "fits", source="length")
    if context.threads_long_text:
        return Finding("length", "posts", source="length")
    return Finding(
        "length", "too_long", "hint", None, _("%(over)s too long for this network.") % {"over": max(1, count(draft, limit.unit) - limit.value)}, "length",
    )  # fmt: skip
