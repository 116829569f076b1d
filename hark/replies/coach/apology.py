"""Sorry is not "I apologise", and neither is "our mistake": which of the three the draft says."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from . import fault
from .finding import Context, Finding, Repair
from .text import Text, words_of

HEAR = r"(?:hear|hearing|learn|see|read|know|find out|find|discover)"
SO = r"(?:(?:so|very|really|truly|terribly|deeply|extremely|genuinely|sincerely|just|always|also|incredibly|awfully) )*"
FEEL = r"(?:that |if )?(?:you(?:'re| are)? (?:feel(?:ing)?|felt|fee)|you (?:think|thought))\b"

SYMPATHY = words_of(
    rf"(?:sorry|sad|saddened|disappointed|upset|gutted|unhappy|concerned|dismayed|bummed|shocked|heartbroken|not happy|not pleased|aren't happy|unfortunate) (?:that )?(?:we |i )?(?:to |we |i )?(?:have to )?{HEAR}",
    rf"(?:sorry|apologi[sz]e|apologies|regret) {FEEL}(?: (?:\w+ ){{0,3}}?(?:way|like|about|so))?",
    rf"(?:don't|do not|never|didn't|did not|wouldn't) (?:like|love|want|enjoy) (?:to )?{HEAR}(?:ing|ning)?",
    rf"(?:hate|hated) (?:to |that |it )?(?:{HEAR}|you (?:feel|had))(?! you (?:go|leave))",
    r"(?:saddened|bummer|what a shame|such a shame|that's a shame|it's a shame|a shame to hear|my sympath(?:y|ies)|condolences|sorry for your loss|feel for you|our hearts? go(?:es)? out)",
    # German, French, Spanish, Portuguese
    r"(?:tut (?:mir|uns)|bedaue?re?n?)(?: \w+){0,3} (?:zu (?:hören|lesen|erfahren)|dass (?:sie|du) (?:sich|dich) so)",
    r"(?:désolée?s?|navrée?s?|tristes?) (?:\w+ ){0,2}?(?:d'(?:apprendre|entendre)|de (?:lire|voir))",
    r"(?:lamentamos|sentimos|siento|lamento)(?: \w+){0,2} (?:leer|escuchar|saber|oír|oir|ver|ler|ouvir)",
    r"(?:qué pena|que pena|que chato)",
)
REGRET = words_of(
    r"apolog(?:y|ies|i[sz]e|i[sz]ed|i[sz]es|i[sz]ing|etic)", r"appologi[sz]e", r"apologi(?:es|s)",
    r"sorry", r"(?:please )?(?:forgive|pardon) (?:us|me|the|our|any)", r"excuse (?:us|the|our|any)", r"begs? your pardon",
    r"(?:deeply |sincerely |truly |very much )?regret (?:the|any|this|that|what|causing)", r"soz", r"sry", r"my bad",
    # German, French, Spanish, Portuguese, Japanese
    r"(?:entschuldig(?:en|ung|e|t)|verzeihung|verzeih(?:en)? (?:sie|uns|mir)|tut (?:mir|uns)(?: \w+){0,2} leid|bedaue?re?n?)",
    r"(?:désolée?s?|navrée?s?|(?:nos|mes|toutes nos) excuses|excusez|excuse[sz]?-(?:nous|moi)|pardon|regrettons)",
    r"(?:lo (?:siento|sentimos|lamento|lamentamos)|lamentamos|lamento|disculp(?:a|as|e|en|anos|enos|pa)|perdón|perdona|perdone)",
    r"(?:desculp(?:a|as|e|em|ar)|perdão|lamento|lamentamos|sentimos muito|sinto muito)",
)  # fmt: skip
JAPANESE = re.compile("申し?訳|お詫び|ご迷惑を|ごめん|すみません|恐れ入り")
# Not the brand's regret: the customer's, a saying, a thing of that name.
NOT_OURS = words_of(
    r"(?:no need|don't have|needn't|never need|not necessary|no reason) (?:to )?(?:be |feel |say )?(?:sorry|apologi[sz]e)(?: for \w+)?", r"(?:please )?(?:don't|do not) (?:be sorry|apologi[sz]e|say sorry)",
    r"better safe than sorry", r"sorry,? not sorry", r"(?:you|won't|wouldn't|they|he|she)(?:'ll| will)? (?:not )?be sorry", r"no apolog(?:y|ies) (?:needed|necessary|required)",
    r"(?:thanks|thank you) for (?:the|your) apology", r"accept your apolog(?:y|ies)", r"(?:your|his|her|their|an?) apolog(?:y|ies) (?:letter|was|is|from)", r"never be sorry",
)  # fmt: skip


def check(text: Text, context: Context) -> Finding:
    """none, sympathy, apology or admits_fault: the strongest of what is said."""
    if found := fault.find(text):
        return _fault(text, context, found)
    body = NOT_OURS.sub(lambda match: " " * len(match.group()), text.body)
    sympathy = SYMPATHY.search(body)
    left = SYMPATHY.sub(lambda match: " " * len(match.group()), body)
    if regret := REGRET.search(left) or JAPANESE.search(left):
        return Finding(
            "apology", "apology", "hint", regret.span(),
            _("An apology. Fine when something of ours went wrong; saying sorry for how it feels is always free."),
            "sorry",
        )  # fmt: skip
    if sympathy:
        return Finding("apology", "sympathy", "ok", sympathy.span(), _("Sympathy, which is free."), "sorry")
    return Finding("apology", "none", source="sorry")


def _fault(text: Text, context: Context, found: re.Match[str]) -> Finding:
    if context.known_issue:
        return Finding(
            "apology", "admits_fault", "ok", found.span(),
            _("Admits fault, and may: “%(issue)s” is a verified known issue.") % {"issue": context.known_issue}, "sorry",
        )  # fmt: skip
    words = text.typed[found.start() : found.end()]
    start, end = fault.clause(text, found)
    better = _("I'm sorry this happened.") if _begins_sentence(text, start) else _("I'm sorry this happened")
    return Finding(
        "apology", "admits_fault", "hold", found.span(),
        _("“%(words)s” accepts fault, and nobody has verified it. Say sorry for how it was; admit it once it is a known issue.") % {"words": words},
        "sorry", Repair(_("Say “I'm sorry this happened”"), (start, end), better),
    )  # fmt: skip


def _begins_sentence(text: Text, start: int) -> bool:
    return not text.body[:start].rstrip(" ") or text.body[:start].rstrip(" ")[-1:] in ".!?…"
