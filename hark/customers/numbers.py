"""Numbers that name somebody or their money: cards, accounts, telephones, bookings, dates of birth.

Cards by prefix, length and Luhn (ISO/IEC 7812-1); IBAN by length of its country and mod 97 (ISO 13616, SWIFT registry);
telephones by how people write them (E.164: at most 15 digits), and by the words before them.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

Found = tuple[str, int, int]


def find(plain: str) -> Iterator[Found]:
    """What the numbers in `plain` (its digits and dashes are ASCII) may be: surest first."""
    if any(letter.isdigit() for letter in plain):
        yield from _ibans(plain)
        yield from _cards(plain)
        yield from (("birth", *match.span("date")) for match in BIRTH.finditer(plain))
    yield from (("reference", *match.span("code")) for match in REFERENCE.finditer(plain))
    yield from _phones(plain)


# Money -----------------------------------------------------------------------------------------------

CARD = regex.compile(r"(?<![\w+])(?<!\d[.,])[2-6]\d(?:[ -]?\d){10,17}(?![ -]?\d)(?!\w)")
# Prefix and length of each scheme. None has 17 or 18 digits, as the identifiers of older tweets have.
PREFIXES = regex.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}"
    r"|35(?:2[89]|[3-8]\d)\d{12}|6(?:011|4[4-9]\d|5\d\d)\d{12}|62(?:\d{14}|\d{17})|(?:50|5[6-9]|6\d)\d{14}"
)
IBAN = regex.compile(r"(?<![\p{L}\p{N}])(?P<country>[A-Za-z]{2}) ?\d\d(?: ?[A-Za-z0-9]){11,30}")
IBAN_LENGTHS = {
    **dict.fromkeys(["NO"], 15),
    **dict.fromkeys(["BE"], 16),
    **dict.fromkeys(["DK", "FI", "FK", "FO", "GL", "NL", "SD"], 18),
    **dict.fromkeys(["MK", "SI"], 19),
    **dict.fromkeys(["AT", "BA", "EE", "KZ", "LT", "LU", "MN", "XK"], 20),
    **dict.fromkeys(["CH", "HR", "LI", "LV"], 21),
    **dict.fromkeys(["BG", "BH", "CR", "DE", "GB", "GE", "IE", "ME", "RS", "VA"], 22),
    **dict.fromkeys(["AE", "GI", "IL", "IQ", "OM", "TL", "SO"], 23),
    **dict.fromkeys(["AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"], 24),
    **dict.fromkeys(["LY", "PT", "ST"], 25),
    **dict.fromkeys(["IS", "TR"], 26),
    **dict.fromkeys(["BI", "DJ", "FR", "GR", "IT", "MC", "MR", "SM"], 27),
    **dict.fromkeys(["AL", "AZ", "BY", "CY", "DO", "GT", "HU", "LB", "NI", "PL", "SV"], 28),
    **dict.fromkeys(["BR", "EG", "PS", "QA", "UA"], 29),
    **dict.fromkeys(["JO", "KW", "MU", "YE"], 30),
    **dict.fromkeys(["MT", "SC"], 31),
    **{"LC": 32, "RU": 33},
}


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others: every second one from the right doubled, the sum a multiple of ten."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return bool(digits) and sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def mod_97(account: str) -> bool:
    """Whether the two check digits of an account (capitals, no spaces) are right."""
    return int("".join(str(int(letter, 36)) for letter in account[4:] + account[:4])) % 97 == 1


def _cards(plain: str) -> Iterator[Found]:
    for match in CARD.finditer(plain):
        digits = match.group().replace(" ", "").replace("-", "")
        if PREFIXES.fullmatch(digits) and len(set(digits)) > 1 and luhn(digits):
            yield "card", *match.span()


def _ibans(plain: str) -> Iterator[Found]:
    for match in IBAN.finditer(plain, overlapped=True):
        length = IBAN_LENGTHS.get(match["country"].upper())
        places = [at for at in range(*match.span()) if plain[at] != " "]
        if length is None or len(places) < length:
            continue
        end = places[length - 1] + 1
        if plain[end : end + 1].isalnum():
            continue
        if mod_97("".join(plain[at] for at in places[:length]).upper()):
            yield "iban", match.start(), end


# Telephones ------------------------------------------------------------------------------------------

_SAID = r"""(?:phone|tel(?:efono|efone|efon|ephone)?|t[eé]l[eé]phone|mobile|mob|cell(?:phone)?|call(?:ing)?(?:\ me)?
    |ring(?:\ me)?|text(?:\ me)?|whats\ ?app|sms|fax|my\ number(?:\ is)?|contact\ number|reach\ me
    |handy|mobil|rufen|ruf\ mich|anrufen|erreichbar|meine\ nummer|appele[rz](?:-moi)?|portable|mon\ num[eé]ro
    |ll[aá]m(?:a|e)(?:me|nme)?|m[oó]vil|mi\ n[uú]mero|celular|telem[oó]vel|ligu?e(?:m)?|meu\ n[uú]mero
    |ring\ meg|telefonnummer|📞|📱|☎️?)"""
_BODY = r"\(?\d(?:[ ().\-/]{0,2}\d){%s}(?!\d)"
SHAPES = [
    # +44 20 7946 0958, 0047 900 12 345
    r"(?:\+ ?|00)\(?[1-9](?:[ ().\-/]{0,3}\d){6,14}(?!\d)",
    # (415) 555-0132, 1-415-555-0132, 415.555.0132
    r"(?:1[ .\-])?\(?[2-9]\d\d\)?[ .\-]{1,2}[2-9]?\d{2,3}[ .\-]\d{4}(?!\d)",
    # a national number with its zero: 020 7946 0958, 0171/1234567, 06 12 34 56 78
    r"\(?0[1-9](?:[ ().\-/]{0,2}\d){7,10}(?!\d)",
    # ten digits as in the United States and India, in one or in two halves; nine in Spain and Portugal
    r"[2-9]\d{9}(?!\d)|[6-9]\d{4}[ \-]\d{5}(?!\d)|[679]\d\d \d{3} \d{3}(?! ?\d)",
]
PHONE = regex.compile(rf"(?<![\w@#+/=.,:\-]|[$€£¥₹]\ ?)(?:{'|'.join(SHAPES)})(?![\p{{L}}_@%])", regex.I)
AFTER_WORD = regex.compile(
    rf"(?<!\p{{L}}){_SAID}(?!\p{{L}})[^\d\n+]{{0,24}}?(?P<number>\+?{_BODY % '6,14'})(?![\p{{L}}_@%])",
    regex.I | regex.X,
)
_MONEY = r"usd|eur|gbp|inr|rs\.?|kr\.?|nok|sek|dkk|chf"
NOT_PHONE_BEFORE = regex.compile(
    r"(?:\b(?:order|booking|reservation|confirmation|reference|ref|pnr|account|policy|tracking|parcel|ticket|case"
    r"|flight|item|model|serial|version|bestellung|bestellnummer|auftrag|buchung|commande|pedido|reserva|encomenda)"
    rf"\b[^\d\n]{{0,12}}|\b(?:{_MONEY}) ?)$",
    regex.I,
)
NOT_PHONE_AFTER = regex.compile(
    rf" ?(?:[$€£¥₹%]|(?:{_MONEY}|euros?|dollars?|pounds?|miles|points|followers|views|people|km|kg)\b)",
    regex.I,
)
# Toll-free lines are nobody's own.
SERVICE = regex.compile(r"(?:\+?1[ .\-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .\-]|(?:00|\+)?800|0 ?80[08]")
DATED = regex.compile(
    r"(?<!\d)(?:\d{1,2}[./\- ]\d{1,2}[./\- ](?:19|20)\d\d|(?:19|20)\d\d[./\-]\d{1,2}[./\-]\d{1,2})(?!\d)"
)


def _phones(plain: str) -> Iterator[Found]:
    for match in PHONE.finditer(plain):
        number = match.group()
        if number[0] != "+" and NOT_PHONE_BEFORE.search(plain, max(0, match.start() - 40), match.start()):
            continue
        if (
            DATED.search(number)
            or SERVICE.match(number)
            or NOT_PHONE_AFTER.match(plain, match.end())
            or number.endswith("000 000")
        ):
            continue
        yield "phone", *match.span()
    for match in AFTER_WORD.finditer(plain):
        number = match["number"]
        if not (DATED.search(number) or SERVICE.match(number) or NOT_PHONE_AFTER.match(plain, match.end())):
            yield "phone", *match.span("number")


# Bookings and births ---------------------------------------------------------------------------------

REFERENCE = regex.compile(
    r"""(?<!\p{L})(?:
    (?:order|booking|reservation|confirmation|reference|account|acct|policy|tracking|customer|membership|loyalty
      |ticket|case|claim|contract|invoice|bestell|buchungs|auftrags|kunden|vertrags|rechnungs|sendungs
      |commande|r[eé]servation|client|pedido|reserva|encomenda|cliente)
    [ ]?(?:(?:number|num|no|nr|code|ref|reference|id|nummer|n[º°o]|num[eé]ro|n[uú]mero)\b\.?|\#)
    |pnr|ref|booking|order|record\ locator)
    (?:\ is|\ ist|\ est|\ es|\ was)?[ ]?[:#=\-]?[ ]?
    (?P<code>(?=[A-Z\-/]{0,12}\d)[A-Z0-9][A-Z0-9\-/]{3,22}[A-Z0-9]|(?-i:[A-Z]{6}))(?![\p{L}\p{N}])""",
    regex.I | regex.X,
)
_MONTH = r"(?:jan|feb|m[aä]r|apr|may|mai|jun|jul|aug|sep|o[ck]t|nov|de[cz])\p{L}{0,7}\.?"
BIRTH = regex.compile(
    rf"""(?<!\p{{L}})(?:born(?:\ on)?|birth\ ?da(?:y|te)|date\ of\ birth|d\.?o\.?b\.?
    |geboren(?:\ am)?|geburtsdatum|geb\.|n[eé]e?\ le|date\ de\ naissance
    |nac(?:í|ido|ida)(?:\ el)?|fecha\ de\ nacimiento|nascid[oa](?:\ em)?|data\ de\ nascimento)
    (?:\ is)?[ ]?[:\-]?[ ]?
    (?P<date>\d{{1,4}}[./\- ]\d{{1,2}}[./\- ]\d{{2,4}}
    |\d{{1,2}}(?:st|nd|rd|th|\.)?\ (?:of\ |de\ )?{_MONTH},?\ (?:de\ )?\d{{4}}
    |{_MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?,?\ \d{{4}})(?!\d)""",
    regex.I | regex.X,
)
