"""The words by which the brand says what it will do: they become a promise that is kept track of."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from .finding import Context, Finding
from .text import Text, words_of

WE = r"(?:we|i|our (?:\w+ ){0,3}?(?:team|teams|colleagues?|staff|manager|managers|engineers?|technicians?|driver|specialists?|agents?|leadership|devs?|developers|store|advisors?|representatives?|experts?|department|people|crew)|my (?:\w+ )?(?:colleagues?|team|manager|supervisor)|(?:the|a|an|one of our|somebody|someone|\w+ from|a member of) (?:\w+ ){0,3}?(?:team|colleagues?|manager|managers|engineers?|technicians?|specialists?|agents?|representatives?|rep|advisor|adviser|support|supervisor|from our team|care)|someone|somebody|they|team\s+\w*)"
ADV = r"(?:(?:also|definitely|certainly|gladly|personally|then|now|just|of course|be sure to|make sure to|happily|always|surely|still|immediately|absolutely|both|all|soon|shortly|try to|do (?:my|our) best to|get right|go ahead and|keep|continue to|look to|aim to|be able to) )*"
PROMISE = words_of(
    rf"{WE}(?:'ll| 'll|'l| will| shall| wil) {ADV}[a-z]+[^.!?;:¤]*",
    r"(?<=\bDM\s)(?:well|ill) (?:take|look|get|help|check|see|send|be)[^.!?;:¤]*", r"(?<=\band\s)well (?:take|look|get|help|check|see|send|be|sort)[^.!?;:¤]*", r"(?<=\band\s)ill (?:take|look|get|help|check|see|send|be|sort)[^.!?;:¤]*",
    r"(?:(?<=\band\s)|(?<=^)|(?<=\.\s)|(?<=!\s)|(?<=,\s))will (?:follow|get|be in touch|contact|call|send|look|check|respond|reply|update|pass|let you|do(?= it|[,.!]|$| so)|dm|share|forward|keep|investigate|take|reach|make sure|ensure|sort|arrange|email|be (?:back|following|sending|contacting|calling|looking|passing))\b[^.!?;:¤]*",
    r"(?:we|i|our (?:\w+ ){0,2}?team)(?: are|'re|'m| am| is)? (?:definitely )?going to (?!be (?:happy|glad|able)|have to|need|help you right)[a-z]+[^.!?;:¤]*",
    r"(?:our|the) (?:\w+ ){0,2}?team (?:aims?|intends?|plans?) to [^.!?;:¤]*", r"(?:we|i) (?:aim|intend|plan|promise|guarantee|commit|undertake|pledge|vow) (?:to|that|you) [^.!?;:¤]*",
    r"(?:your|the|this|that|it|these|those|a|an|you) (?:\w+ ){0,4}?(?:will|'ll|shall) (?:also |then |all |definitely |certainly )?be (?:passed|forwarded|shared|refunded|looked|reviewed|replaced|resolved|fixed|credited|contacted|addressed|investigated|escalated|sent|delivered|processed|relayed|handled|updated|taken care|sorted|shipped|dispatched|reissued|raised|called|notified|corrected|reimbursed|compensated)[^.!?;:¤]*",
    r"you(?:'ll| will) (?:get|have|receive|hear) (?:an? (?:answer|update|reply|response|call|e-?mail|refund|replacement|credit)|(?:back )?from (?:us|me|our|them)|your (?:refund|money|parcel|order|replacement))[^.!?;:¤]*",
    r"(?:it|this|that|the (?:\w+ ){1,3}?)(?:'ll| will) (?:be (?:back|fixed|ready|working|resolved|there|up|available|restored|live|corrected)|match|arrive|work)[^.!?;:¤]*\b(?:within|by|in|on|before|today|tomorrow|tonight|shortly|soon|next|this)\b[^.!?;:¤]*",
    r"expect (?:an?|our|my|your) (?:reply|answer|response|call|update|refund|e-?mail)[^.!?;:¤]*", r"on it",
    r"will do(?= it|[,.!]|\s*$)", r"you have my word[^.!?;:¤]*", r"consider it done",
    # German, French, Spanish, Portuguese
    r"(?:wir|ich) (?:melden?|kümmern?|leiten?|prüfen?|schauen?|werden?|schicken?|geben?|klären?|kontaktieren?|rufen?|lassen?|senden?|informieren?|versprechen?) (?!gerne? für|leid)[^.!?;:¤]*", r"(?:nous|je|on) (?:vous |te |t'|le |la |les |lui |y |allons |vais |va )*(?:[a-zéèê]+(?:rons|rai|ra)|recontact\w+|revien\w+|transmet\w+|allons [a-z]+r|vais [a-z]+r)\b[^.!?;:¤]*", r"(?:(?:nos |te |le |lo |la |les |se )*(?:[a-z]+(?:remos|ré)|vamos a [a-z]+|voy a [a-z]+)|te (?:contactamos|llamamos|respondemos|avisamos|escribimos))\b[^.!?;:¤]*", r"(?:(?:te |lhe |vos |nós |eu |já )*(?:[a-zç]+(?:remos|rei)|vamos (?!l[aá])[a-z]+r|vou [a-z]+r|iremos [a-z]+r?|entramos em contato|retornamos))\b[^.!?;:¤]*",
)  # fmt: skip
# A wish, an offer, a fact, banter, a "no", or cut off by the post's end.
NO_PROMISE = re.compile(
    r"(?:'ll| will| shall|'l|will)\s+(?:also |always |still |then |only )*(?:(?:not|never|no longer)\b|be (?:\w+ )?(?:happy|glad|delighted|pleased|thrilled|more than|very happy|able|unable|here\b|there (?:for|if|whenever|24)|open|closed|around|waiting|happier|ready|excited|on sale|happening)|be (?:no|a|an|the|some|in stores?|out)\b|have to\b|need\b|see you\b|call it\b|love\b|take (?:that|it|this) (?:as|one)|let (?:that|it) slide|miss\b|want\b|require\b|drink\b|remain\b|resume\b|operate\b|start (?:at|on|from)\b|launch\b|depart\b|release\b|become\b|probably\b)"
    r"|^(?:they|it|this|that|the \w+)(?:'ll| will) (?:be|have|need|want|ask|also)\b(?! in touch| back| contact| fixed| working| ready| resolved| restored| corrected| follow| call)|going to (?:be (?:a|an|the|great|fun|open)|need|have)",
    re.I,
)
MINUTES = re.compile(r"(?<=\d)[:.]\d\d(?!\d)[^.!?;:¤]*")  # "by Friday 10:00" goes on
CUT = re.compile(r"\b(?:our|the|a|an|and|to|your|of|we|i|make|for|with|that|is|or)\s*$", re.I)
OPEN_END = re.compile(r"^[\s]*(?:\d/\d)?[\s]*$")


def find(text: Text) -> tuple[int, int] | None:
    """Where the words of the promise stand."""
    for found in PROMISE.finditer(text.body):
        minutes = MINUTES.match(text.body, found.end())
        end = minutes.end() if minutes else found.end()
        words = text.body[found.start() : end]
        if NO_PROMISE.search(words[:70]) or _asked(text, found):
            continue
        if end >= len(text.body.rstrip()) and CUT.search(words):
            continue  # the post ends in the middle of it
        return found.start(), found.start() + len(_trim(words))
    return None


def _asked(text: Text, found: re.Match[str]) -> bool:
    before = re.split(r"[.!?;]", text.body[max(0, found.start() - 60) : found.start()])[-1]
    if re.search(
        r"\b(?:if|when|whether|hope|hopefully|wish|wonder|think|where|what|how|once|unless|until|that|which|as soon as|who|days?|because)\s*$",
        before,
        re.I,
    ):
        return not re.search(
            r"\b(?:sure|promise|certain|assured?|know|guarantee|confirm)\s+that\s*$", before, re.I
        )
    return bool(re.search(r"\bon it$", found.group(), re.I)) and not re.search(
        r"(?:we're|i'm|we are|i am|get|right)\s*$", before, re.I
    )


def _trim(words: str) -> str:
    words = re.split(
        r",? (?:so|but|if|while|because|as soon as|once) (?!that)|,? and (?:please|thank|your?|hope|enjoy)\b|\s[-–—]\s|\s{3,}|:\)",
        words,
    )[0]
    return words.rstrip(" ,-–—*^/(")


def check(text: Text, context: Context) -> Finding:
    """The words of the promise, or none. Never holds: a promise is fine when somebody keeps it."""
    place = text.once(find)
    if not place:
        return Finding("promise", "none", source="promise")
    return Finding(
        "promise", text.typed[place[0] : place[1]], "ok", place,
        _("A promise. Say until when, and it is kept track of."), "promise",
    )  # fmt: skip
