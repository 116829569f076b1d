"""Casual where the customer is, professional when it is a complaint."""

from __future__ import annotations

from django.utils.translation import gettext as _

from . import help as offers
from .finding import Context, Finding
from .marks import EMOJI
from .text import Text, words_of

CASUAL = words_of(
    r"(?:l+o+l+|lmao|haha\w*|hehe\w*|yay+|woo+ ?hoo+|yup|nope|gonna|wanna|gotta|dude|bro|buddy|oops(?:ie)?|whoops|my bad|no worries|no biggie|chill|awesome(?: sauce)?|omg|tbh|ngl|cheers mate|u r|ur|thx|pls|ya|yikes|bummer|sup)",
    r"(?:mdr|ptdr|jaja\w*|kkk+|rsrs|krass|geil|ups|cool)",
)
PLAYFUL = frozenset("😀😃😄😁😆😅😂🤣😉😜😝😛🤪😎🥳🎉🎊💃🕺🤗😘😍🔥💯👍🙌✨")
STIFF = words_of(
    r"(?:dear (?:sir|madam|sir or madam|valued customer|customer|guest)|to whom it may concern|we (?:kindly|hereby|respectfully) \w+|hereby|herewith|pursuant to|in accordance with|at your earliest convenience|please be (?:advised|informed)|kindly be (?:advised|informed)|we wish to inform|the undersigned|aforementioned|with regards? to your (?:inquiry|enquiry|correspondence)|yours (?:faithfully|sincerely)|do not hesitate to|any inconvenience (?:this may have )?caused)",
    r"(?:sehr geehrte\w*|hiermit|hochachtungsvoll|veuillez agréer|estimado (?:cliente|señor)|prezado cliente|por la presente)",
)
LOOSE = words_of(
    r"(?:l+o+l+|haha\w*|hey+|hiya|u|ur|pls|plz|thx|gonna|wanna|dude|bro|guys|yo|omg|wtf|tbh|lmao|cuz|ya|cheers|jaja\w*|kkk+|mdr)"
)


def check(text: Text, context: Context) -> Finding:
    """fitting, too_casual (their complaint gets slang or a party), too_stiff (they chat and get a letter)."""
    if offers.is_complaint(context):
        slang = CASUAL.search(text.body)
        party = next((at for at, letter in enumerate(text.typed) if letter in PLAYFUL), None)
        if slang or party is not None:
            span = slang.span() if slang else (party or 0, (party or 0) + 1)
            return Finding(
                "register", "too_casual", "hint", span, _("They complain: “%(words)s” can sound as if it did not matter.") % {"words": text.typed[span[0] : span[1]]}, "register",
            )  # fmt: skip
    elif (stiff := STIFF.search(text.body)) and (
        LOOSE.search(context.customer) or EMOJI.search(context.customer)
    ):
        return Finding(
            "register", "too_stiff", "hint", stiff.span(), _("They chat with you; “%(words)s” reads like a letter.") % {"words": stiff.group()}, "register",
        )  # fmt: skip
    return Finding("register", "fitting", source="register")
