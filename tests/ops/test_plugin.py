"""The pytest plugin gives every test a database of its own and never the installation's data."""

import os
from pathlib import Path

import pytest


@pytest.mark.django_db
def test_a_test_talks_to_a_test_database():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        [name] = cursor.fetchone()
    assert name.startswith("test_")


def test_tests_never_touch_the_installations_data():
    assert Path(os.environ["HARK_DATA"]) != Path(__file__).resolve().parents[2] / "var"
