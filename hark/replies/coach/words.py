"""The brand's own words: those it avoids, those it prefers, and how its people sign."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from .finding import Context, Finding, Repair
from .text import Text


def check(text: Text, context: Context) -> Finding:
    """fine, avoid, prefer (with the better word in one press), or unsigned."""
    for said, better in context.voice.prefer:
        if found := _whole(said).search(text.body):
            return Finding(
                "words", "prefer", "hint", found.span(), _("Your brand says “%(better)s”, not “%(said)s”.") % {"better": better, "said": said},
                "voice", Repair(_("Say “%(better)s”") % {"better": better}, found.span(), better),
            )  # fmt: skip
    for word in context.voice.avoid:
        if found := _whole(word).search(text.body):
            return Finding(
                "words", "avoid", "hint", found.span(), _("Your brand does not say “%(word)s”.") % {"word": word}, "voice",
            )  # fmt: skip
    sign = signature(context)
    if sign and text.typed.strip() and not text.typed.rstrip().endswith(sign):
        end = len(text.typed.rstrip())
        return Finding(
            "words", "unsigned", "hint", None, _("Your brand signs with “%(sign)s”.") % {"sign": sign}, "voice", Repair(_("Sign"), (end, end), f" {sign}"),
        )  # fmt: skip
    return Finding("words", "fine", source="voice")


def signature(context: Context) -> str:
    """What this agent signs with: the brand's pattern, its AB replaced by their initials."""
    if not context.initials:
        return ""
    return context.voice.sign_off.replace("AB", context.initials)


def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word.strip())}(?!\w)", re.I)
