"""Casual where the customer is, professional when it is a complaint, and never short with anybody."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from . import help as offers
from .finding import Context, Finding
from .marks import EMOJI
from .text import Text, words_of

# Below a complaint these sound as if it did not matter, however the customer writes.
FLIPPANT = words_of(
    r"(?:l+o+l+|lmao|rofl|haha\w*|hehe\w*|yay+|woo+ ?hoo+|oops(?:ie)?|whoops(?:ie)?|my bad|no biggie|no big deal|chill(?: out)?|awesome sauce|omg|cheers mate|it happens|that's life|shit happens|better luck next time)",
    r"(?:mdr|ptdr|jaja\w*|kkk+|rsrs|krass|geil|ups|upsi|halb so wild|passiert halt|pas grave|no pasa nada|acontece)",
)
# These are how friends write: right for somebody who writes so too.
SLANG = words_of(
    r"(?:yup|nope|gonna|wanna|gotta|dude|bro|buddy|no worries|awesome|tbh|ngl|u r|ur|thx|pls|plz|ya|yikes|bummer|sup)",
)
PLAYFUL = frozenset("😀😃😄😁😆😅😂🤣😉😜😝😛🤪😎🥳🎉🎊💃🕺🤗😘😍🔥💯👍🙌✨")
STIFF = words_of(
    r"(?:dear (?:sir|madam|sir or madam|valued customer|customer|guest)|to whom it may concern|we (?:kindly|hereby|respectfully) \w+|hereby|herewith|pursuant to|in accordance with|at your earliest convenience|please be (?:advised|informed)|kindly be (?:advised|informed)|we wish to inform|the undersigned|aforementioned|with regards? to your (?:inquiry|enquiry|correspondence)|yours (?:faithfully|sincerely)|do not hesitate to|any inconvenience (?:this may have )?caused)",
    r"(?:sehr geehrte\w*|hiermit|hochachtungsvoll|veuillez agréer|estimado (?:cliente|señor)|prezado cliente|por la presente)",
)
LOOSE = words_of(
    r"(?:l+o+l+|haha\w*|hey+|hiya|u|ur|pls|plz|thx|gonna|wanna|gotta|ain't|dude|bro|guys|yo|omg|wtf|tbh|lmao|cuz|cos|ya|cheers|jaja\w*|kkk+|mdr)"
)
# Blame, belittling, orders: the faults of tone that no complaint excuses (politeness strategies of Danescu-Niculescu-Mizil et al., 2013).
BRUSQUE = words_of(
    r"(?:did|have|do|are|can) you (?:even|ever even|actually|really|bother\w*|honestly|seriously)(?! (?:need|want|like|enjoy)) \w+", r"why (?:on earth|the (?:hell|heck)|in the world|would you|did you (?:not|even|think)|do you (?:not|even|think|insist|keep)|didn't you|don't you (?:just|simply|read|want|understand)|can't you|are you (?:still|even|so))(?: \w+)?", r"how (?:on earth|the (?:hell|heck)|in the world|dare you|could you (?:not|possibly|even)|do you expect|can you (?:possibly|even|not|say|claim))(?: \w+)?", r"what (?:the (?:hell|heck|fuck)|on earth|are you (?:talking|on) about|were you thinking|part of (?:that|this|it|no|my|our) (?:\w+ ){0,3}?(?:don't|do|didn't|did) you|did you expect|do you expect|makes you think)(?: \w+)?",
    r"as (?:we|i)(?:'ve| have)? (?:(?:already|just|clearly|previously) (?:said|explained|stated|pointed out)|told you)", r"like (?:we|i) said", r"(?:we|i)(?:'ve| have)? already (?:said|told you|explained|answered)", r"how many (?:more )?times (?:do|must|have|did) (?:we|i|you)", r"for the last time", r"once again,? (?:you|this|please|as|we)",
    r"(?:calm down|relax|get over it|deal with it|grow up|who cares|so what(?= ?[?!.]| ?$)|wake up|suck it up|get real|get a life|mind your own|take it or leave it|live with it|tough luck|too bad (?:for you|you)|shut up|stop (?:whining|complaining|shouting|moaning|spamming|being|wasting))",
    r"(?:not|isn't|never) (?:our|my) (?:problem|fault|job|concern)", r"(?:that's|this is|it's|that is|entirely|all) (?:entirely |simply |just )?your (?:own )?(?:problem|fault|doing|mistake|choice)", r"your own (?:fault|mistake|doing|problem)", r"(?:nobody|no one) (?:asked|forced|forces|cares|told) (?:you|that)?",
    r"you (?:should(?:'ve| have)?(?: known| read| checked| looked| asked| told| thought)|could have just|need to (?:learn|understand|realise|realize|read|stop|calm|be more|grow)|must (?:learn|understand|realise|realize|stop)|failed to|clearly (?:don't|do not|didn't|did not|haven't|have not|are|have no|misunderst\w+)|obviously (?:don't|do not|didn't|haven't|are|have)|(?:didn't|did not|don't|do not|haven't|never) (?:even|bother\w*|seem to|read (?:the|our|my|what))|have no (?:idea|clue)|keep (?:saying|asking|complaining|ignoring|posting)|make no sense|are wrong|'re wrong|are mistaken|'re mistaken|are (?:just |simply |clearly )?(?:confused|wasting))(?: \w+)?", r"if you (?:had |'d )?(?:bothered|actually read|read (?:the|our|my) \w+ (?:properly|carefully)|only read|simply read)", r"(?:learn (?:how )?to (?:read|use|write|spell|search)|(?:go|try|try and) read(?:ing)?(?: it| the \w+)?|google it|rtfm|use (?:google|the search)|pay attention|do your (?:homework|research))",
    r"(?:you(?:'re| are)|your (?:\w+ )?(?:is|are)|that(?:'s| is)|this is|it's|it is|what an?|such an?|being)(?: \w+)? (?:nonsense|ridiculous|absurd|stupid|idiotic|pathetic|clueless|ignorant|childish|rubbish|bullshit|garbage|dumb|moronic|laughable|hypocritical|lazy|rude|dishonest)", r"are you (?:serious|kidding|blind|joking|stupid|deaf|mad|insane|drunk)", r"(?:waste of (?:my|our|everyone's|everybody's) time|wasting (?:my|our|everyone's) time)",
    r"(?:beruhigen sie sich|reg dich (?:ab|nicht auf)|selbst schuld|nicht (?:unser|mein) problem|ihr problem|haben sie überhaupt|lesen sie (?:doch|erst)|wie (?:schon|bereits) gesagt|pech gehabt|unsinn|quatsch)", r"(?:calmez-vous|calme-toi|c'est votre (?:faute|problème)|pas notre problème|comme je vous l'ai (?:déjà )?dit|avez-vous seulement|n'importe quoi|tant pis)", r"(?:cálm(?:ese|ate)|es (?:su|tu) (?:culpa|problema)|no es nuestro problema|como ya (?:le|te) dij(?:e|imos)|¿?acaso|tonterías|mala suerte|aguántese)", r"(?:se acalm[ae]|a culpa é (?:sua|tua)|não é (?:nosso )?problema(?: nosso)?|como já (?:disse|dissemos|falei)|bobagem|azar o seu)",
)  # fmt: skip


def check(text: Text, context: Context) -> Finding:
    """fitting, brusque (short with somebody), too_casual (their complaint gets slang or a party), too_stiff (they chat and get a letter)."""
    complaint = offers.is_complaint(context)
    chats = bool(LOOSE.search(context.customer) or EMOJI.search(context.customer))
    if brusque := BRUSQUE.search(text.body):
        return Finding(
            "register", "brusque", "hint", brusque.span(), _("“%(words)s” can sound short with them. Say it as you would to a guest.") % {"words": brusque.group()}, "register",
        )  # fmt: skip
    if complaint and (span := _too_casual(text, chats)):
        return Finding(
            "register", "too_casual", "hint", span, _("They complain: “%(words)s” can sound as if it did not matter.") % {"words": text.typed[span[0] : span[1]]}, "register",
        )  # fmt: skip
    if not complaint and chats and (stiff := STIFF.search(text.body)):
        return Finding(
            "register", "too_stiff", "hint", stiff.span(), _("They chat with you; “%(words)s” reads like a letter.") % {"words": stiff.group()}, "register",
        )  # fmt: skip
    return Finding("register", "fitting", source="register")


def _too_casual(text: Text, chats: bool) -> tuple[int, int] | None:
    """Where a text takes a complaint lightly; slang alone only for a customer who writes none."""
    words: re.Match[str] | None = FLIPPANT.search(text.body) or (None if chats else SLANG.search(text.body))
    if words:
        return words.span()
    party = next((at for at, letter in enumerate(text.typed) if letter in PLAYFUL), None)
    return None if party is None else (party, party + 1)
