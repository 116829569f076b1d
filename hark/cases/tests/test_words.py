"""Words of every script are found; what is stored and what is looked for are cut alike."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from hark.cases.words import term, vector, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Café CRÈME", ["cafe", "creme"]),
        ("Straße", ["strasse"]),
        ("返金して", ["返金", "金し", "して"]),
        ("ありがとう TWY482", ["あり", "りが", "がと", "とう", "twy482"]),
        ("مَقْعَد", ["مقعد"]),
        ("😡😡 no!", ["😡", "😡", "no"]),
        ("ค่ะ", ["ค่", "่ะ"]),
        ("", []),
        ("'); DROP TABLE -- \\", ["drop", "table"]),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stored", "sought", "found"),
    [
        ("My pushchair came off the belt", "pushch", True),
        ("My pushchair came off the belt", "push chair", False),
        ("返金をお願いします", "返金", True),
        ("حجزت مقعدًا بجانب النافذة", "مقعدا", True),
        ("still waiting 😡", "😡", True),
        ("it was cut off twice", "cut off", True),
        ("off it was cut", "cut off", False),
    ],
)
def test_what_was_stored_is_found(stored, sought, found):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector @@ %s::tsquery", [vector(stored), term(sought)])
        assert cursor.fetchone()[0] is found


@pytest.mark.django_db
@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_is_a_valid_vector_and_query(text, sought):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector", [vector(text, sought)])
        if term(sought):
            cursor.execute("SELECT %s::tsquery", [term(sought)])
