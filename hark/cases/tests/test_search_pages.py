"""Search, as it is read."""

import random

import pytest

from hark.cases import search as searching
from hark.cases.models import Message

from .pages import Pages


def test_a_result_marks_the_words_and_leads_to_the_message(practice, tomas):
    practice.says("maya", "The pushchair <b>came</b> off the belt")
    html = Pages(tomas).get("search/", q="pushchair").content.decode()
    message = Message.objects.get()
    assert "<mark>pushchair</mark> &lt;b&gt;came&lt;/b&gt;" in html
    assert f"?message={message.pk}#message-{message.pk}" in html


def test_private_results_are_marked_as_private(practice, tomas):
    practice.says("maya", "secret booking", private=True, thread="dm")
    assert "tag--private" in Pages(tomas).get("search/", q="booking").content.decode()


def test_what_is_not_understood_is_said_and_left_out(practice, tomas):
    practice.says("maya", "pushchair")
    page = Pages(tomas).reads("search/", q="pushchair is:nonsense before:never")
    assert "is:nonsense is not known" in page
    assert "It was left out." in page
    assert "Maya" in page


def test_narrower_puts_an_operator_in_and_takes_it_out(practice, tomas):
    practice.says("maya", "pushchair")
    pages = Pages(tomas)
    assert "?q=pushchair%20is%3Aopen" in pages.get("search/", q="pushchair").content.decode()
    assert (
        'href="?q=pushchair" aria-current="true"'
        in pages.get("search/", q="pushchair is:open").content.decode()
    )


def test_pages_of_results_go_on_by_key(practice, tomas):
    for number in range(30):
        practice.says(f"p{number}", f"pushchair number {number:02d}")
    pages = Pages(tomas)
    first = pages.get("search/", q="pushchair")
    before = first.context["found"].before
    second = pages.get("search/", q="pushchair", before=before)
    assert len(first.context["found"].messages) == 25
    assert len(second.context["found"].messages) == 5


def test_nothing_found_and_nothing_asked_say_what_to_do(ternway, tomas):
    pages = Pages(tomas)
    assert "Everything that was ever said" in pages.reads("search/")
    assert "Nothing was found" in pages.reads("search/", q="zebra")


def test_hostile_queries_are_only_queries(practice, tomas):
    practice.says("maya", "pushchair")
    pages = Pages(tomas)
    for text in (
        "' | !",
        "a & !b:*",
        "\\",
        '"',
        "-",
        "from:",
        "case:99999999999999999999",
        "(((",
        "before:0000-00-00",
        "x" * 900,
    ):
        assert pages.get("search/", q=text).status_code == 200, text
    for before in ("x", "-1", "\u00b2", "9" * 40):
        assert pages.get("search/", q="pushchair", before=before).status_code == 200, before


def test_a_partner_finds_only_what_they_were_asked_about(practice, pia):
    practice.says("maya", "pushchair")
    assert "Nothing was found" in Pages(pia).reads("search/", q="pushchair")


PHRASES = ("refund", '"wifi down"', "wifi down", "needle", "nothing", "ref", "down -wifi")


@pytest.mark.parametrize("query", PHRASES)
def test_few_or_many_hold_the_words_what_is_found_is_what_a_scan_finds(practice, tomas, monkeypatch, query):
    """Newest first on every page, whichever way it was looked for: among the newest, farther back, or by the index."""
    monkeypatch.setattr(searching, "RECENT", 6)
    monkeypatch.setattr(searching, "FARTHEST", 30)
    monkeypatch.setattr(searching.find, "__kwdefaults__", {"before": None, "limit": 4})
    said = random.Random(20260105)
    for number in range(40):
        words = [said.choice(("wifi", "down", "refund", "please", "gate")) for _ in range(said.randint(2, 4))]
        practice.says(f"p{number}", f"{' '.join(words)} {'needle' if number in (3, 20) else ''} {number}")

    found, before = [], None
    while True:
        page = searching.find(tomas, query, before=before)
        found += page.messages
        if page.before is None:
            break
        before = page.before

    assert [message.pk for message in found] == [
        message.pk for message in Message.objects.order_by("-pk") if scanned(message.text.lower(), query)
    ]


def scanned(text: str, query: str) -> bool:
    words = text.split()
    if query.startswith('"'):
        return query.strip('"') in text
    if query == "down -wifi":
        return "down" in words and "wifi" not in words
    return all(any(word.startswith(part) for word in words) for part in query.split())
