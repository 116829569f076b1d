"""Emoji and exclamation marks, as many as the brand likes."""

from __future__ import annotations

import regex
from django.utils.translation import gettext as _

from .finding import Context, Finding, Repair
from .text import Text

EMOJI = regex.compile(
    r"(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2})(?:\uFE0F|\p{Emoji_Modifier}|\u200D\p{Extended_Pictographic})*"
)
PLAIN = frozenset("©®™↔️ℹ️")  # pictures by their property alone


def check(text: Text, context: Context) -> Finding:
    """fine, emoji (the brand uses none) or exclamations (more than it likes)."""
    voice = context.voice
    found = (
        None
        if voice.emoji
        else next((one for one in EMOJI.finditer(text.typed) if one.group() not in PLAIN), None)
    )
    if found:
        return Finding(
            "marks", "emoji", "hint", found.span(), _("Your brand writes without emoji."), "voice", Repair(_("Take it out"), found.span(), ""),
        )  # fmt: skip
    places = [at for at, letter in enumerate(text.typed) if letter in "!！"]
    if voice.exclamations is not None and len(places) > voice.exclamations:
        at = places[voice.exclamations]
        return Finding(
            "marks", "exclamations", "hint", (at, at + 1),
            _("More exclamation marks than your brand likes: %(most)s at most.") % {"most": voice.exclamations},
            "voice", Repair(_("Make it a full stop"), (at, at + 1), "" if text.typed[at - 1 : at] in "!?" else "."),
        )  # fmt: skip
    return Finding("marks", "fine", source="voice")
