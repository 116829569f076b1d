"""Lengths as the networks count them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hark.channels.base import TextLimit
from hark.replies.counting import count, fits, parts


@pytest.mark.parametrize(
    ("text", "unit", "length"),
    [
        ("Olá", "graphemes", 3),
        ("👨‍👩‍👧‍👦", "graphemes", 1),
        ("👨‍👩‍👧‍👦", "utf16", 11),
        ("👨‍👩‍👧‍👦", "bytes", 25),
        ("é", "graphemes", 1),
        ("返金", "bytes", 6),
        ("a" * 160, "segments", 1),
        ("a" * 161, "segments", 2),
        ("ż" * 70, "segments", 1),
        ("ż" * 71, "segments", 2),
        ("€", "segments", 1),
        ("see https://example.org/a/very/long/address/indeed", "weighted", 27),
        ("返金", "weighted", 4),
        ("👨‍👩‍👧‍👦", "weighted", 2),
    ],
)
def test_count(text, unit, length):
    assert count(text, unit) == length


@settings(max_examples=150)
@given(st.text(min_size=1, max_size=900), st.integers(min_value=30, max_value=120))
def test_every_part_fits_and_no_word_is_lost(text, value):
    limit = TextLimit("graphemes", value)
    cut = parts(text, limit)
    assert all(fits(part, limit) for part in cut)
    plain = cut if len(cut) < 2 else [part.rsplit(" (", 1)[0] for part in cut]
    assert "".join("".join(plain).split()) == "".join(text.split())


def test_a_text_is_cut_between_sentences():
    text = "The first sentence is here. " * 12
    assert all(part.rsplit(" (", 1)[0].endswith(".") for part in parts(text, TextLimit("graphemes", 100)))
