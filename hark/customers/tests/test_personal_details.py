"""What counts as a personal detail, and what only looks like one."""

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hark.customers import numbers
from hark.customers.personal_details import MOST, covered, find, pieces


def details(text: str, *shapes: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in find(text, shapes)]


FOUND = [
    ("Ring me on 0171 496 0123 please", "phone", "0171 496 0123"),
    ("+44 20 7946 0958, any time today", "phone", "+44 20 7946 0958"),
    ("@brand 00447700900601, anytime", "phone", "00447700900601"),
    ("my number is 415-555-0132!", "phone", "415-555-0132"),
    ("(415) 555-0132", "phone", "(415) 555-0132"),
    ("appelez-moi au 06 12 34 56 78 svp", "phone", "06 12 34 56 78"),
    ("Ruf mich an: 0171/1234567", "phone", "0171/1234567"),
    ("ring meg på 900 12 345", "phone", "900 12 345"),
    ("llámame al 612 345 678", "phone", "612 345 678"),
    ("98765 43210 is my mobile", "phone", "98765 43210"),
    ("Meu número: +351 912 345 678", "phone", "+351 912 345 678"),
    ("WhatsApp me: ٠١٧١ ٤٩٦ ٠١٢٣", "phone", "٠١٧١ ٤٩٦ ٠١٢٣"),
    ("call \u202a+47 900 12 345\u202c", "phone", "+47 900 12 345"),
    ("write to maya.lindqvist+air@mail.example.org.", "email", "maya.lindqvist+air@mail.example.org"),
    ("maya [at] example [dot] org", "email", "maya [at] example [dot] org"),
    ("maya(at)example.org", "email", "maya(at)example.org"),
    ("charged 4111 1111 1111 1111 twice", "card", "4111 1111 1111 1111"),
    ("my amex 378282246310005", "card", "378282246310005"),
    ("5555-5555-5555-4444", "card", "5555-5555-5555-4444"),
    ("refund to DE89 3704 0044 0532 0130 00 please", "iban", "DE89 3704 0044 0532 0130 00"),
    ("gb82west12345698765432", "iban", "gb82west12345698765432"),
    ("NO93 8601 1117 947", "iban", "NO93 8601 1117 947"),
    ("I was born on 12/03/1985", "birth", "12/03/1985"),
    ("DOB: 3 March 1985", "birth", "3 March 1985"),
    ("booking number MJK5PS", "reference", "MJK5PS"),
    ("Order #12-448-991", "reference", "12-448-991"),
    ("PNR is QXZTPL", "reference", "QXZTPL"),
    ("I live at 12b Rose Garden Lane, Leeds LS1 4AB", "address", "12b Rose Garden Lane, Leeds LS1 4AB"),
    ("send it to 3003 E 107 Terr, Kansas City MO 64137", "address", "3003 E 107 Terr, Kansas City MO 64137"),
    ("Gartenstraße 12a, 10115 Berlin", "address", "Gartenstraße 12a, 10115 Berlin"),
    ("Strandgate 4, 5003 Bergen", "address", "Strandgate 4, 5003 Bergen"),
    ("Keizersgracht 174, 1016 DW Amsterdam", "address", "Keizersgracht 174, 1016 DW Amsterdam"),
    ("14 bis, rue de la Paix, 75002 Paris", "address", "14 bis, rue de la Paix, 75002 Paris"),
    ("Calle de Alcalá 12", "address", "Calle de Alcalá 12"),
    ("no signal in DA17 5DB", "address", "DA17 5DB"),
]


@pytest.mark.parametrize(("text", "kind", "detail"), FOUND, ids=[row[0][:30] for row in FOUND])
def test_a_detail_is_found_where_it_stands(text, kind, detail):
    assert details(text) == [(kind, detail)]


@pytest.mark.parametrize(
    "text",
    [
        "on 01.02.2026 at 10:30, again on 2026-02-03",
        "from 12/11/2025 to 14/11/2025",
        "it cost $1,299.00, then €1 250 000.00 in total",
        "paid 2 500 000 kr for nothing, 1200000 followers saw it",
        "Flights BA1234 and LH 0472 on Sunday, gate 12",
        "tail N598JB, flight 3111",
        "https://x.com/brand/status/1984533020202020202",
        "see 569957053432639488 and 1984533020202020202",  # identifiers of posts
        "call 1-800-956-4442 or 0800 123 4567",  # the brand's own lines
        "version 10.15.7 of the app, build 20261124",
        "@user123456789 #2025 100% 24/7 50-60 people",
        "4111 1111 1111 1112 fails its check",
        "DE88370400440532013000 fails its check",
        "the queue on Oxford Street is 40 minutes",
        "Spring 16 internships, Investigate 3 cases",
        "Thanks @brand, my order is here. Case closed!",
        "booking number please? What is a PNR",
        "iPhone 15 Pro Max 512 GB",
        "model 0000 000 000, 3 x 4 x 5",
        "",
    ],
)
def test_what_only_looks_like_one_stays_readable(text):
    assert details(text) == []


def test_the_brands_own_numbers_have_shapes():
    assert details("It was tw-0042xk.", "TW-####@@") == [("reference", "tw-0042xk")]
    assert details("ATW-0042XKL and TW-0042XK7", "TW-####@@") == []
    assert details("a (1) b", "(#)") == [("reference", "(1)")]  # nothing in a shape is a rule of its own
    assert details("anything", "", "  ") == []


def test_details_of_one_text_never_overlap_and_join_to_the_whole():
    text = "Maya, 12 Rose Lane, LS1 4AB: +44 20 7946 0958, maya@example.org, card 4111111111111111"
    spans = find(text)
    assert [span.kind for span in spans] == ["address", "phone", "email", "card"]
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert "".join(part for part, _ in pieces(text, spans)) == text
    assert covered(text) == "Maya, [address]: [phone number], [e-mail address], card [card number]"


def _with_luhn(rng: random.Random) -> str:
    start = rng.choice(["4", "51", "55", "2221", "34", "37", "6011", "3530"])
    length = 15 if start in ("34", "37") else 16
    body = start + "".join(rng.choice("0123456789") for _ in range(length - 1 - len(start)))
    return next(body + digit for digit in "0123456789" if numbers.luhn(body + digit))


def _with_mod_97(rng: random.Random) -> str:
    country = rng.choice([name for name in numbers.IBAN_LENGTHS if name not in ("LC", "RU")])
    rest = "".join(rng.choice("0123456789") for _ in range(numbers.IBAN_LENGTHS[country] - 4))
    value = int("".join(str(int(letter, 36)) for letter in rest + country + "00"))
    return f"{country}{98 - value % 97:02}{rest}"


def _grouped(number: str) -> str:
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


@pytest.mark.parametrize(("make", "kind"), [(_with_luhn, "card"), (_with_mod_97, "iban")])
def test_every_right_number_is_found_and_one_wrong_digit_is_noticed(make, kind):
    rng = random.Random(97)
    for _ in range(300):
        number = make(rng)
        for written in (number, _grouped(number)):
            assert details(f"pay {written} now") == [(kind, written)], written
        at = rng.randrange(4, len(number))
        wrong = number[:at] + str((int(number[at]) + rng.randrange(1, 10)) % 10) + number[at + 1 :]
        assert kind not in dict(details(f"pay {wrong} now")), wrong


def test_two_digits_that_changed_places_are_noticed_in_an_account():
    rng = random.Random(13616)
    for _ in range(200):
        number = _with_mod_97(rng)
        at = rng.randrange(4, len(number) - 1)
        if number[at] != number[at + 1]:
            swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
            assert not numbers.mod_97(swapped)


@pytest.mark.parametrize(
    "hostile",
    [
        "1 " * 10_000,
        "a@" * 10_000,
        "1.1-" * 5_000,
        "Aa " * 7_000,
        "(at)" * 5_000,
        "GB82 " * 4_000,
        "call me " * 2_500,
        "0" * 20_000,
    ],
    ids=["digits", "ats", "dots", "names", "words", "accounts", "calls", "zeros"],
)
def test_a_hostile_text_takes_no_time(hostile):
    began = time.perf_counter()
    find(hostile[:MOST])
    assert time.perf_counter() - began < 2


@given(
    st.text(
        alphabet=st.one_of(st.sampled_from("0123456789 +-()./@aZé٣\u202a\n"), st.characters()), max_size=120
    )
)
def test_any_text_is_safe_to_look_at(text):
    assert "".join(part for part, _ in pieces(text, find(text, ["TW-####"]))) == text
