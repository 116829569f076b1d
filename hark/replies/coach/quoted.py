"""Are the customer's personal details repeated where everybody can read them?"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from hark.customers import personal_details

from .finding import Context, Finding, Repair
from .text import Text

ALWAYS = frozenset(
    {"card", "iban", "birth", "reference"}
)  # nobody's own details in public: whoever they belong to
LOOKS = re.compile(r"\d{3}|@|\d", re.I)  # without a digit and without an @ there is no detail to find


def check(text: Text, context: Context) -> Finding:
    """quoted in public holds; a brand's own telephone number or address, which the customer never gave, is fine."""
    if not context.public or not LOOKS.search(text.typed):
        return Finding("quotes_details", "none", source="personal")
    told = context.told or context.customer
    given = {_plain(told[one.start : one.end]) for one in personal_details.find(told, context.order_patterns)}
    for one in personal_details.find(text.typed, context.order_patterns):
        if one.kind in ALWAYS or _plain(text.typed[one.start : one.end]) in given:
            words = {"label": one.label}
            return Finding(
                "quotes_details", "quoted", "hold", (one.start, one.end),
                _("Their %(label)s would stand in public. Leave it out.") % words,
                "personal", Repair(_("Cover it"), (one.start, one.end), _("[your %(label)s]") % words),
            )  # fmt: skip
    return Finding("quotes_details", "none", source="personal")


def _plain(detail: str) -> str:
    return "".join(letter for letter in detail.casefold() if letter.isalnum())
