"""What is a risk and what only looks like one, in five languages; and amounts of money as people write them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from hark.triage import risk

LINES = (Path(__file__).parent / "tables" / "risk.txt").read_text().splitlines()
TABLE = [line.split(" ", 1) for line in LINES if not line.startswith("#")]


@pytest.mark.parametrize(("kinds", "text"), TABLE)
def test_every_kind_of_risk_is_found_and_nothing_else(kinds, text):
    found = {one.risk.value for one in risk.find(text)}
    assert found == (set() if kinds == "none" else set(kinds.split("+")))


def test_the_words_that_decided_are_told():
    [found] = risk.find("Listen, my lawyer   will call you.")
    assert (found.risk, found.words) == (risk.Risk.LEGAL, "lawyer")


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("I paid €1,200.50 for this", "1200.50"),
        ("1.200,50 € für nichts", "1200.50"),
        ("You owe me $40 and then $300!", "300"),
        ("300 dollars, three hundred", "300"),
        ("1 200 euros, s'il vous plaît", "1200"),
        ("R$ 2.500,00 no cartão", "2500"),
        ("that was $1.5k", "1500"),
        ("£12.99", "12.99"),
        ("CHF 1'000.00", "1000"),
        ("€ 5000", "5000"),
        ("order 12345678, 3 bags, 14:30", "0"),
        ("flight LH400 at 1200", "0"),
        ("$", "0"),
        ("", "0"),
        ("kr 450", "450"),
        ("$99999999999999999999", "0"),
    ],
)
def test_the_largest_amount_counts_as_its_reader_means_it(text, most):
    assert risk.most_money(text) == Decimal(most)


def test_a_huge_text_is_read_to_its_twenty_thousandth_character():
    assert risk.find("a " * 200_000 + "lawyer") == []
    assert risk.most_money("1." * 100_000) == 0
