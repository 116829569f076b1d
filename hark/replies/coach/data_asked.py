"""Does the draft ask for personal details, and would the answer stand in public?"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from . import private_place
from .finding import Context, Finding, Repair
from .text import Text, words_of

NUMBER = r"(?:numbers?|no\.?|num|nos?|nr\.?|#'?s?|#|ids?|code|reference|ref(?:erence)?(?: (?:number|no\.?|#))?|digits|info|information|details?)"
KIND = r"(?:account|acct\.?|acc|a/c|phone|telephone|tel|contact(?: phone| telephone| tel)?|mobile|cell(?: ?phone)?|callback|call back|best|order|booking|reservation|confirmation|conf\.?|ticket|tracking|trk|consignment|parcel|shipment|shipping|package|membership|member|loyalty|rewards?|rapid rewards|rr|rr acct|skymiles|aadvantage|mileageplus|frequent flyer|frequent flier|card|credit card|debit card|customer|policy|invoice|case|reference|ref\.?|clubcard|nectar(?: card)?|claim|pnr|booking ref|billing|passport|licen[cs]e|personal|user|login|bank|sort|delivery|payment|transaction)"
DATA = words_of(
    rf"{KIND}(?: ?(?:/|&|and|or) ?{KIND}){{0,3}} ?{NUMBER}",
    rf"{KIND} (?:holder'?s? )?name",
    r"(?:full|first|last|your|account|account holder'?s?|the|both|complete|sur|legal|user|a contact|contact) ?names?\b(?! of (?:the|your) (?:store|shop|product|item|restaurant|app|game|driver|person|agent|hotel|show))",
    r"(?:(?:email|e-mail|home|postal|mailing|street|delivery|shipping|billing|service|full|complete|house|your|the|physical|contact|property|collection|residential|installation|business|work|registered|current) )+address(?:es)?",
    r"address(?! (?:this|your|the|it|that|any|these|all|with)\b)", r"(?:your|account'?s?) (?:registered |contact |account )?e-?mail(?! (?:from|to the|client|app|about))", r"the e-?mail(?= (?:on|associated|linked|you used|attached|registered|for|of) (?:\w+ )?(?:your|the) (?:account|order|booking))", r"e-?mail(?= (?:and|&|or) (?:\w+ )?(?:phone|contact|number|address|name)|[,/] ?(?:phone|contact|number|address|name|and|&))", r"(?<=and\s)e-?mail|(?<=&\s)e-?mail", r"phone(?=,? (?:and|&|or) (?:your |the )?(?:account|address|e-?mail|name|full|order|postcode)|, (?:address|e-?mail|name|full))",
    r"(?:phone|telephone|tel|mobile|cell) ?(?:#|no\b\.?|num)", r"(?:phone|mobile)(?: number)? (?:associated|linked|on (?:the|your)|attached|registered)", r"(?:zip|post|postal)[- ]?code", r"(?:your|account|the|full|complete|registered|billing)[\w ,/&]{0,30} (?:zip|postcode|post code|zip code|postal code)", r"full name/zip", r"a number (?:or|and) (?:an? )?e-?mail",
    r"(?:booking|order|reservation|ticket|tracking|confirmation|customer|policy) (?:ref(?:erence)?s?|locator)", r"record locators?", r"pnr", r"gamer ?tags?", r"(?:psn|xbox live|xbox|steam|epic|origin|activision|online|player|user|twitch|spotify|account'?s?|skype|battle\.?net|nintendo|ea)[ -](?:online )?(?:ids?|user ?name|name)", r"user ?names?", r"(?:date of birth|d\.?o\.?b\.?|birth ?date|birthday|social security(?: number)?|ssn|pin(?: code)?|password|passcode|cvv|cvc|iban|sort code|security (?:code|question|answer|word)|mother's maiden name|account credentials|sign-?in details|log-?in details)", r"(?:contact|personal|account|booking|order|flight booking|reservation|billing|payment|card|bank|login|delivery) (?:info(?:rmation)?|details)\b(?! (?:of|about|on|regarding))", r"(?:last|first) (?:4|four|6|six) digits", r"order ?(?:#|no\b\.?|num\b)?(?= ?(?:#|number))",
    r"(?:apple|google|microsoft|epic) ?id", r"(?:the |best |a |contact |good )?number (?:to (?:reach|call|contact)|we can|i can|where|for us|on which)", r"kundennummer|bestellnummer|auftragsnummer|sendungsnummer|buchungsnummer|telefonnummer|handynummer|vertragsnummer|rechnungsnummer|(?:deine|ihre|vollständige[nr]?|eure) (?:adresse|anschrift|e-?mail(?:-adresse)?|daten|namen?)|geburtsdatum|postleitzahl|plz", r"num[ée]ro de (?:commande|téléphone|client|compte|suivi|réservation|dossier|contrat|portable)|(?:votre|vos|ton|une) (?:adresse(?: mail| e-?mail| postale)?|nom(?: et prénom)?|coordonnées|e-?mail|mail|numéro)|date de naissance|code postal", r"n[úu]mero de (?:pedido|tel[ée]fono|cliente|cuenta|seguimiento|reserva|orden|contrato|m[óo]vil|celular|documento|factura)|(?:tu|su|tus|sus|una|un) (?:direcci[óo]n|correo|nombre(?: completo)?|tel[ée]fono|datos|e-?mail|dni|n[úu]mero)|c[óo]digo postal|fecha de nacimiento", r"n[úu]mero d[oea] (?:pedido|telefone|cliente|conta|rastreio|encomenda|reserva|contrato|protocolo)|(?:o )?seu (?:nome(?: completo)?|telefone|e-?mail|cpf|endere[çc]o|n[úu]mero)|(?:a )?sua morada|cpf|cep|data de nascimento",
)  # fmt: skip
ASK = words_of(
    r"(?:DM|PM|e-?mail|message|send|sending|provide|providing|share|sharing|confirm|confirming|give|(?:we|i|we'll|i'll|we'd|i'd|will|would|may|also|just|only|do|'ll)(?: \w+)? need|require|include|including|tell|reply|reply back|respond|post|text|pop|drop|forward|submit|supply|verify|advise|state|enter|quote|let (?:us|me) (?:know|have)|shoot|attach|private message|write|pass|hand|type|specify|mention|leave|please add|inbox|fill in|fill out|complete|whats|what's|what is|what was|what are|which|may i (?:have|get|please)|may we (?:have|get)|can i (?:have|get|take|please|grab)|could i (?:have|get|take|please|grab)|can we (?:have|get|please|take)|could we (?:have|get|please|take)|can you|could you|do you have|have you got|would you mind|mind|along with|please|with|as well as|also|kindly|would like|want|get|have|grab)",
    r"(?:schick|send|schreib|nenn|teil|gib|geben|übermittel|bestätig|benötig|brauch|lass|hinterlass|mitteilen)\w*", r"(?:envoy|indiqu|communiqu|donn|transmett|précis|fourni|laiss|confirm|pouvez|pourriez|besoin|merci de)\w*(?:-nous)?", r"(?:env[ií]|indi[cq]|facil[ií]|proporcion|d[ée]j|comp[aá]rt|confirm|mand[ae]|necesit|br[ií]nd|p[aá]s[ae]|nos puedes|puedes|podr[ií]as|d[ií]nos|d[ií]ganos|d[ií]me)\w*", r"(?:envi|inform|mand|pass|confirm|compartilh|partilh|precis|nos diga|pode|poderia|indiqu|forne[cç])\w*",
)  # fmt: skip
# Not asked for: warned off, kept out, known already, spoken of.
NOT_ASKED = re.compile(
    r"\b(?:no|without|not|never|don't|do not|avoid|please don't|instead of|rather than|remove|delete|hide|removing|deleting|except|excluding|minus|omit|(?:is|are|was|were|have|has|had|received|got|updated|update|updating|change|changed|changing|reset|see|saw|multiple|different|same|alternate|using|use) (?:an?|the|your)?)\W*$",
    re.I,
)
WARNED = re.compile(r"\b(?:don't|do not|never|no|not|without|avoid|remove|delete|hide|taking down|take down|nicht|keine|ne|no publi\w*|não)\b(?:[^\w:;]+\w+){0,7}[^\w:;]*$", re.I)  # fmt: skip
TO_SEND = re.compile(r"\b(?:DM|PM|send|provide|share|confirm|include|give us|give me|verify|need|require|let us have)\b", re.I)  # fmt: skip
GIVEN = re.compile(r"\W*(?:(?:that|which)?\s*(?:you|we|i) (?:gave|previously|sent|provided|shared|have|already|supplied|listed)|given|provided|we have|is (?:correct|safe)|listed|shown|so you|has been|was|associated with multiple|on file)\b", re.I)  # fmt: skip
THEIRS = re.compile(
    r"\b(?:store|shop|restaurant|branch|hotel|location|company|seller|website|site)(?:'?s)\W*$|\b(?:store|shop|restaurant|branch|web)\W*$",
    re.I,
)
OF_A_SHOP = re.compile(
    r"\W*(?:of|for) (?:the|that|this|your) (?:\w+ )?(?:store|shop|restaurant|branch|hotel|location)", re.I
)
ANOTHER = re.compile(
    r"\b(?:alternate|alternative|different|same|multiple|another|new|wrong|incorrect|other|(?:give|gave|given) you (?:any|an?))\W*$",
    re.I,
)
THEN_ASKED = re.compile(
    r"[^\w.!?]*(?:\w+[^\w.!?]+){0,2}?(?:please|pls|kindly|can you|could you) (?:send|dm|share|provide|include|confirm|pm)",
    re.I,
)
BEGINS = re.compile(r"^[\s.,]*(?:(?:and|or|&|your|the|a|full|plus|also|as well as|associated)[\s,]+)*$", re.I)
SENDING_WITH = re.compile(r"\b(?:reply|respond|message us|form|answer)\b", re.I)
TAP = re.compile(r"^\W*to (?:reset|change|update|find|see|recover|edit)\b", re.I)  # how to do it oneself
PURPOSE = re.compile(
    r"\bso (?:that )?(?:we|i)\b|\b(?:to|and) (?:access|pull|change|update|switch|reset|check|verify|secure|protect|view)\b",
    re.I,
)
WAY_IN = words_of(
    private_place.DM, private_place.MESSAGE, r"(?:inbox|messag(?:e|ing)|msg|text|whatsapp|e-?mail|private message) (?:us|me|it|them|this|your|over)", r"(?:in|via|over|by|through) (?:private|chat|e-?mail|phone|messenger|whatsapp|text)", r"privately|in private|offline|by phone|over the phone|call us|ring us|phone us|(?:give|giving) us a (?:call|ring)|meet (?:us |me |you )?there|secure|securely|form|live chat|webchat|our chat|chat with us",
    r"PN|privat\w*|direktnachricht|per mail|kontaktformular", r"MP|en privé|message privé|par mail|en DM", r"MD|por privado|mensaje (?:directo|privado)|por DM|por interno|por correo", r"(?:por|em|no) (?:DM|privado|mensagem)|mensagem (?:privada|direta)|inbox",
)  # fmt: skip
LINK_HERE = re.compile(
    r"\b(?:here|at|via|link|below|through|using|to|on|form|page)\b\W{0,3}¤|¤[^.!?]{0,40}\b(?:link|form|dm)\b|\b(?:this|the|that|following) (?:\w+ )?link\b|:\s*¤",
    re.I,
)


def find(text: Text) -> re.Match[str] | None:
    """The personal detail that is asked for."""
    for found in DATA.finditer(text.body):
        sentence_start, sentence = _sentence(text, found.start())
        before = sentence[: found.start() - sentence_start]
        after = text.body[found.end() : found.end() + 40]
        if (
            GIVEN.match(after)
            or WARNED.search(before)
            or THEIRS.search(before)
            or OF_A_SHOP.match(after)
            or ANOTHER.search(before)
        ):
            continue
        if _asks(before, after) or (_is_rest(text, before)):
            return found
    return None


def _sentence(text: Text, place: int) -> tuple[int, str]:
    for start, sentence in text.sentences:
        if start <= place < start + len(sentence):
            return start, sentence
    return 0, text.body


def _is_rest(text: Text, before: str) -> bool:
    """The second half of a question that was cut in two: "and your phone number so we can …"."""
    start = text.body.lstrip()[:1]
    return start.islower() and text.body.lstrip().startswith(before.lstrip()) and bool(BEGINS.match(before))


def _asks(before: str, after: str) -> bool:
    if TAP.match(before):
        return False
    if THEN_ASKED.match(after):
        return True
    near = list(ASK.finditer(before))
    if not near:
        return False
    gap = before[near[-1].end() :]
    if PURPOSE.search(gap):
        return False
    words = near[-1].group().lower()
    if words == "with":
        return (
            bool(TO_SEND.search(before) or SENDING_WITH.search(before))
            and len(gap) < 90
            and not NOT_ASKED.search(before)
        )
    if words in {"have", "get", "want", "also", "as well as", "along with", "complete"}:
        return bool(TO_SEND.search(before)) and len(gap) < 90 and not NOT_ASKED.search(before)
    if words in {"which", "do you have", "have you got"}:
        return len(gap.split()) <= 1
    if words in {"please", "can you", "could you", "mind", "kindly", "would you mind", "would like"}:
        return bool(re.search(r"\b(?:DM|PM|your|full name)\b", gap, re.I)) and len(gap) < 60
    return len(gap) < 110


def check(text: Text, context: Context) -> Finding:
    """none, in_private, or in_public, which holds."""
    found = find(text)
    if not found:
        return Finding("asks_private_data", "none", source="personal")
    words = text.typed[found.start() : found.end()]
    if not context.public or WAY_IN.search(text.body) or LINK_HERE.search(text.body):
        return Finding(
            "asks_private_data", "in_private", "ok", found.span(), _("Asks for “%(words)s” in private.") % {"words": words}, "personal",
        )  # fmt: skip
    end = len(text.typed.rstrip())
    return Finding(
        "asks_private_data", "in_public", "hold", found.span(),
        _("Asks for “%(words)s” where everybody can read the answer. Ask for it in private.") % {"words": words},
        "personal", Repair(_("Ask for it by direct message"), (end, end), " " + _("Please send it to us in a direct message, not here.")),
    )  # fmt: skip
