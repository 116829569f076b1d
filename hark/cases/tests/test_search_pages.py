"""Search, as it is read."""

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


def test_a_partner_finds_only_what_they_were_asked_about(practice, pia):
    practice.says("maya", "pushchair")
    assert "Nothing was found" in Pages(pia).reads("search/", q="pushchair")
