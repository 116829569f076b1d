"""Is the answer in the customer's language? Told by the small words that every sentence of a language has, or by its script."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from .finding import Context, Finding
from .text import Text

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
SMALL = {
    "en": "the and is are was you your our for with this that have has had not but what when they been will would to of it my me i we at be if so by from can on in i'm it's don't",
    "de": "der die das und ist sind war sie ihr ihre wir uns für mit dies dass haben hat nicht aber was wenn wird würde zu von es mein mich ich an auf bei ein eine noch auch seit schon kein bitte",
    "fr": "le la les et est sont vous votre vos nous notre pour avec ce cette que avez a pas mais quand été je mon ma mes du des un une sur dans il elle on ne depuis c'est j'ai merci bonjour",
    "es": "el la los las y es son usted su nuestro para con este esta que ha han no pero cuando mi me yo del un una en por se te lo nos desde muy hola gracias está estoy",
    "pt": "o a os as e é são você seu sua nosso para com este esta que tem não mas quando meu minha me eu do da um uma em por se nos desde muito olá obrigado está estou já foi",
}
WORDS = {code: frozenset(words.split()) for code, words in SMALL.items()}
NAMES = {"en": "English", "de": "Deutsch", "fr": "français", "es": "español", "pt": "português"}
SCRIPTS = {
    "ja": re.compile("[぀-ヿ]"), "ko": re.compile("[가-힣]"), "ru": re.compile("[а-яё]{3}", re.I), "ar": re.compile("[؀-ۿ]{2}"), "zh": re.compile("[一-鿿]{2}"),
}  # fmt: skip
FEWEST = 3  # small words before anything is said
AHEAD = 2  # more than the next language has


def spoken(text: Text) -> str:
    """The code of the language, or "" where the words don't tell."""
    for code, script in SCRIPTS.items():
        if len(script.findall(text.body)) > 1:
            return code
    told = [word.lower() for word in WORD.findall(text.body)]
    counts = sorted(
        ((sum(word in small for word in told), code) for code, small in WORDS.items()), reverse=True
    )
    (most, code), (next_most, _other) = counts[:2]
    return code if most >= FEWEST and most - next_most >= AHEAD else ""


def check(text: Text, context: Context) -> Finding:
    """same, other (a hint), or unknown."""
    theirs, ours = spoken(Text(context.customer)), spoken(text)
    if not theirs or not ours:
        return Finding("language", "unknown", source="language")
    if theirs == ours:
        return Finding("language", "same", source="language")
    return Finding(
        "language", "other", "hint", None, _("They write %(language)s. Answer in their language, or ask whether this one is fine.") % {"language": NAMES.get(theirs, theirs)}, "language",
    )  # fmt: skip
