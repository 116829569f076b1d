"""Where somebody lives: a street with a house number, as English, German, Dutch, Nordic and Romance tongues write it.

A town alone, or a street without a number, is no address: "the queue on Oxford Street" stays readable.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

_NAME = r"\p{Lu}[\p{L}'’.\-]*"
_KINDS = (
    r"Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Close|Way|Boulevard|Blvd|Place|Pl|Square|Sq|Terrace|Crescent"
    r"|Gardens|Grove|Highway|Hwy|Parkway|Pkwy|Mews|Hill|Walk|Terr|Circle|Cir"
)
_STREET = rf"(?:{_NAME}|[NSEW]|\d{{1,3}}(?:st|nd|rd|th)?)"  # Oak, E, 34th
UK_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}"
_STATES = "A[LKZR]|C[AOT]|D[CE]|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EDAINSOT]|N[EVHJMYCD]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[TA]|W[AVIY]"
# What may follow a street: a flat, a town, a code.
_MORE = (
    rf"(?:,? (?:Apt|Apartment|Flat|Unit|Suite|#) ?\.?\w{{1,5}})?(?:,? {{0,2}}{_NAME}(?: {_NAME})?)?"
    rf"(?:,? (?:{_STATES}) \d{{5}}(?:-\d{{4}})?|,? {UK_POSTCODE})?"
)
_CODE_TOWN = rf"(?:,? (?:[A-Z]{{1,2}}-)?\d{{4,5}}(?: ?[A-Z]{{2}})? {_NAME})?"
_OF = r"(?:(?:de la|de los|de las|de|du|des|del|della|di|la|le|les|da|do|dos|das|d'|d’|l'|l’) ?)"

PATTERNS = [
    # 12b Rose Garden Lane, Flat 3, Leeds LS1 4AB
    rf"(?:(?:Flat|Apt|Unit) ?\w{{1,5}},? )?\d{{1,5}}[A-Za-z]?,? (?:{_STREET} ){{1,3}}(?:{_KINDS})\b\.?{_MORE}",
    # Gartenstraße 12a, 10115 Berlin · Strandgaten 4, 5003 Bergen · Keizersgracht 174, 1016 DW Amsterdam
    r"\p{Lu}[\p{L}\-]{1,28}(?:stra(?:ß|ss)e|str\.|weg|gasse|allee|platz|damm|gata|gatan|gaten|veien|vegen|vägen|vej|straat|laan|plein|gracht|kade|katu)"
    rf" \d{{1,4}} ?(?:[a-zA-Z]\b)?{_CODE_TOWN}",
    # endings that other words have too: only with code and town
    rf"\p{{Lu}}[\p{{L}}\-]{{1,28}}(?:ring|ufer|gate|gade|vei|tie) \d{{1,4}} ?(?:[a-zA-Z]\b)?,? \d{{4,5}} {_NAME}",
    rf"(?:{_NAME} )?\p{{Lu}}\p{{L}}+(?: |-)(?:Straße|Strasse|Str\.|Weg|Allee|Platz|Gasse) \d{{1,4}} ?(?:[a-zA-Z]\b)?{_CODE_TOWN}",
    # 14 bis, rue de la Paix, 75002 Paris
    r"\d{1,4}(?: ?(?:bis|ter))?,? (?i:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|all[ée]e|quai|route) "
    rf"{_OF}{{0,2}}{_NAME}(?: {_OF}?{_NAME}){{0,3}}{_CODE_TOWN}",
    # Calle de Alcalá 12 · Rua Augusta, n.º 27 · Via Roma 3
    r"(?i:calle|c/|avenida|avda\.?|plaza|paseo|rua|travessa|praça|largo|via|viale|piazza|corso) ?"
    rf"{_OF}{{0,2}}{_NAME}(?: {_OF}?{_NAME}){{0,3}},? (?:n\.?[ºo°]?\.? ?)?\d{{1,4}}{_CODE_TOWN}",
    # a code that stands for a handful of houses: SW1A 2AA
    UK_POSTCODE,
    rf"\b{_NAME},? (?:{_STATES}) \d{{5}}(?:-\d{{4}})?",
]
ADDRESS = regex.compile(rf"(?<![\p{{L}}\p{{N}}@#])(?:{'|'.join(PATTERNS)})(?![\p{{L}}\p{{N}}])")


def find(plain: str) -> Iterator[tuple[str, int, int]]:
    if any(letter.isdigit() for letter in plain):
        yield from (("address", *match.span()) for match in ADDRESS.finditer(plain))
