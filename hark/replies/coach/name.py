"""Is the customer called by their real first name?

A handle is no name: "@user123" and "xX_gamer" leave the real name unknown. Where a name is known, only that one counts; where
none is, a first name that addresses somebody does.
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from . import given_names
from .finding import Context, Finding, Repair
from .text import Text

NAME = r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ'’A-ZÀ-ÖØ-Þ-]{1,19}(?<!')"
GREET = r"(?:hi|hiya|hello|helo|hey|heya|hay|dear|howdy|greetings|yo|good (?:morning|afternoon|evening|day)|morning|afternoon|evening|thanks|thank you|thankyou|thx|many thanks|cheers|ta|ty|sorry|apologies|welcome|welcome back|you're welcome|you are welcome|your welcome|no problem|no worries|no prob|not a problem|ok|okay|sure|sure thing|got it|great|perfect|absolutely|of course|yes|no|congrats|congratulations|happy birthday|well|wow|oh|ah|aw|oh no|uh oh|hang in there|understood|alright|all good|right|my pleasure|anytime|bye|goodbye|take care|sounds good|that's great|hola|buenos d[ií]as|buenas(?: tardes| noches)?|gracias|estimad[oa]|hallo|guten (?:tag|morgen|abend)|moin|servus|liebe[rs]?|lieber|danke|bonjour|bonsoir|salut|cher|chère|merci|coucou|ol[áa]|oi|bom dia|boa (?:tarde|noite)|obrigad[oa]|prezad[oa]|car[oa])"
HONOURED = r"(?:mr|mrs|ms|miss|dr|herr|frau|monsieur|madame|m|mme|señora?|sra?|senhora?|don|doña)\.?\s+"
# Cased on purpose: the name's capital is what tells it.
AFTER_GREETING = re.compile(rf"(?i:(?<![\w']){GREET})(?i:\s+there|\s+again|\s+(?:so|very) much|\s+a lot)?\s*(?P<break>[,!.:;-]?)\s+(?P<name>{NAME})(?=\s*(?:[,.!?:;()…]|[-–—](?=\s)|$|[^\w\s,.!?]|\s+(?:[a-z0-9]|I\b|I'|[A-Z][a-z']+\b)))")  # fmt: skip
LOWER_AFTER_GREETING = re.compile(rf"(?i:(?<![\w']){GREET})\s*,?\s+(?P<name>[a-zß-öø-ÿ]{{3,14}})(?=\s*[,.!?:;]|\s+(?:we|i|thanks|thank|sorry|please|so|can|could|that|this|your|what|for|how|do|did|are|is)\b)")  # fmt: skip
FIRST = re.compile(rf"^[\W\d]*(?P<name>{NAME})\s*(?:,|[-–—]\s|!(?=\s+[A-Z]))")
AT_END = re.compile(rf",\s*(?P<name>{NAME})(?=\s*(?:[.!?…:;]|[-–—](?=\s)|,(?=\s)|$|[)(]|[^\w\s,.]))")
BARE = re.compile(
    rf"(?:(?<=[a-zß-öø-ÿ'])|(?<=\bDM)|(?<=\bPM))\s+(?P<name>{NAME})(?=\s*(?:[.!?,]|$|[:;][)(DP]|[-–—]\s))"
)
NOT_BEFORE_BARE = re.compile(r"\b(?:in|at|to|from|of|with|by|on|and|or|the|a|an|via|through|for|is|was|our|your|my|ask|asks|colleague|is|visit|visiting|leave|near|using|call|called|named|store|like|on|between|into|over|as|see|saw|love)\s*$", re.I)  # fmt: skip
SIGNED = re.compile(r"(?:thanks|thank you|regards|ty|cheers|best|love|sincerely|thx|many thanks|gruß|grüße|saludos|cordialement|abraços?)[\s,!.]*$", re.I)  # fmt: skip
HANDLE = re.compile(r"[@\d_]|^[^a-zß-öø-ÿ]{5,}$|[a-z][A-Z].*[A-Z]")


def real_name(shown: str | None) -> str:
    """The first name in what a network shows; '' for a handle, a number, a firm, an emoji."""
    if not shown:
        return ""
    words = [word.strip(".,;:!?\"'()[]|~*-–—") for word in unicodedata.normalize("NFC", shown).split()]
    words = [word for word in words if any(letter.isalpha() for letter in word)]
    words = [
        word
        for word in words
        if word.lower().rstrip(".")
        not in {"mr", "mrs", "ms", "dr", "miss", "sir", "herr", "frau", "the", "prof"}
    ]
    if not words or len(words) > 5:
        return ""
    first = words[0]
    letters = [letter for letter in first if letter.isalpha() or unicodedata.category(letter).startswith("M")]
    if (
        HANDLE.search(first)
        or len(letters) < 2
        or len(first) > 24
        or len(letters) < len(first.replace("-", "").replace("'", "").replace("’", ""))
    ):
        return ""
    if first.lower() in given_names.NEVER or (
        first.islower() and first.lower() not in given_names.COMMON and len(words) == 1
    ):
        return ""
    return first


def addressed(text: Text) -> re.Match[str] | None:
    """Where the draft addresses somebody by a first name."""
    body = text.body
    for found in AFTER_GREETING.finditer(body):
        if not _is_name(found["name"]) or _is_signature(body, found):
            continue
        if found["break"] in {"", ","} or (
            _is_common(found["name"]) and body[found.end() :].lstrip()[:1] in {",", "!", "."}
        ):
            return found
    for found in LOWER_AFTER_GREETING.finditer(body):
        if found["name"] in given_names.COMMON and found["name"] not in given_names.NEVER:
            return found
    if (
        (found_first := FIRST.match(body))
        and _is_common(found_first["name"])
        and not body[found_first.end() :].lstrip()[:4].istitle()
    ):
        return found_first
    for found in AT_END.finditer(body):
        if (
            _is_name(found["name"])
            and not SIGNED.search(body[: found.start()])
            and not _in_a_list(body, found)
        ):
            return found
    for found in BARE.finditer(body):
        name = found["name"].lower()
        if (
            name in given_names.COMMON
            and name not in given_names.NEVER
            and not NOT_BEFORE_BARE.search(body[: found.start("name")])
            and not _is_signature(body, found)
        ):
            return found
    return None


def _is_name(word: str) -> bool:
    small = word.lower().strip("'’-")
    if small in given_names.COMMON and small not in given_names.NEVER:
        return not word.isupper() or len(word) > 2
    if (
        small in given_names.NEVER
        or word.isupper()
        or re.search(r"(.)\1\1", small)
        or small.endswith(given_names.ENDINGS)
        or len(small) < 3
    ):
        return False
    return (
        not any(letter.isupper() for letter in word[1:])
        or "-" in word
        or "'" in word
        or word.startswith(("Mc", "Mac", "De", "La"))
    )


def _is_common(word: str) -> bool:
    return word.lower() in given_names.COMMON - given_names.NEVER


def _is_signature(body: str, found: re.Match[str]) -> bool:
    """ "Thanks, Tom" as the last words is who wrote it; "Thanks Tom, …" is who reads it."""
    rest = body[found.end("name") :].strip(" .!¤")
    return (
        not rest and bool(SIGNED.search(body[: found.start("name")])) and bool(body[: found.start()].strip())
    )


def _in_a_list(body: str, found: re.Match[str]) -> bool:
    """ "in Dallas, Texas": a capital stands on the other side of the comma."""
    before = re.search(r"([\w'’#&/-]+)\s*$", body[: found.start()])
    if not before or not before.group(1)[:1].isupper():
        return False
    word, small = before.group(1), found["name"].lower()
    if small in given_names.COMMON and small not in given_names.NEVER:
        return False
    return not (word.isupper() or word.lower() in given_names.NEVER)


def check(text: Text, context: Context) -> Finding:
    """used or missing; a hint only where a real name is known."""
    known = real_name(context.customer_name)
    found = addressed(text)
    if known and (span := _said(text, known, context.customer_name or "")):
        return Finding("name", "used", "ok", span, _("Calls them by their name."), "name")
    if known and found and not _is_short_for(found["name"], known):
        wrong = found.span("name")
        return Finding(
            "name", "missing", "hint", wrong,
            _("You write “%(said)s”; they are called %(name)s.") % {"said": found["name"], "name": known}, "name",
            Repair(_("Say %(name)s") % {"name": known}, wrong, known),
        )  # fmt: skip
    if found:
        return Finding("name", "used", "ok", found.span("name"), _("Calls them by their name."), "name")
    if not known or not text.typed.strip():
        return Finding("name", "missing", source="name")
    return Finding(
        "name", "missing", "hint", None, _("Call %(name)s by name: it shows that a person wrote this.") % {"name": known},
        "name", _greeting(text, known),
    )  # fmt: skip


def _greeting(text: Text, name: str) -> Repair:
    label = _("Begin with “Hi %(name)s”") % {"name": name}
    greeted = re.match(
        r"\s*(?i:(hi|hello|hey|dear|good (?:morning|afternoon|evening)))(?:\s+there)?\s*[,!.]?\s*", text.body
    )
    if greeted:
        return Repair(label, (0, greeted.end()), f"{greeted.group(1)} {name}, ")
    mentions = re.match(r"(?:\s*\.?@[\w.]+)*\s*", text.typed)
    start = mentions.end() if mentions else 0
    return Repair(label, (start, start), _("Hi %(name)s,") % {"name": name} + " ")


def _said(text: Text, known: str, shown: str) -> tuple[int, int] | None:
    for word in dict.fromkeys([known, *shown.split()]):
        word = word.strip(".,;:!?\"'()")
        if len(word) < 2 or (word != known and (HANDLE.search(word) or word.lower() in given_names.NEVER)):
            continue
        found = re.search(rf"(?<![\w@#/.]){re.escape(word)}(?![\w@])", text.body, re.I)
        if found and (word == known or re.search(HONOURED + "$", text.body[: found.start()], re.I)):
            return found.span()
    return None


def _is_short_for(said: str, known: str) -> bool:
    """Tom for Thomas, Angela for Ange; and what is nobody's wrong name: two spellings that begin alike."""
    a, b = said.lower(), known.lower()
    return a[:2] == b[:2] or (a[-3:] == b[-3:] and len(a) > 3)
