"""The pages of the playbook: written, compared, approved, retired, suggested, imported; by whom; and what can't be."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conftest import member
from hark.cases.tests.pages import Pages, words_of
from hark.playbook import actions
from hark.playbook.content import Block, Content
from hark.playbook.models import Answer, Suggestion, Version

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(ternway):
    return member(ternway, "Mara Lund", "manager")


def form(by, **changes):
    values = {
        "title": "Loan pushchair",
        "about": "When one comes off the belt damaged.",
        "subject": "Baggage",
        "owner": by.pk,
        "wordings": "Can I borrow a pushchair?\nIs there a loan?",
        "valid_from": "",
        "valid_until": "2030-12-31",
        "why": "",
        "based_on": "0",
        "press": str(uuid.uuid4()),
    }
    blocks = [
        ("own", "Open warmly."),
        ("any", "A loan is free. The desk is at {desk}."),
        ("private", "Bring the tag."),
    ]
    facts = [{"name": "desk", "value": "hall B"}]
    for prefix, rows in (("blocks", [{"kind": k, "text": t} for k, t in blocks]), ("values", facts)):
        values |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
        values |= {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}
    return values | changes


def write(brand, by, title="Loan pushchair", text="A loan pushchair is free for everybody.", **more):
    return actions.write(
        brand, Content(title=title, blocks=(Block("own", "Warm."), Block("any", text))), by=by, **more
    )


def test_an_answer_is_written_compared_approved_and_found(mara, tomas):
    page = Pages(mara)
    assert "No answers yet" in page.reads("playbook/answers/")
    assert page.post("playbook/answers/new/", **form(mara)).status_code == 302
    answer = Answer.objects.get()
    assert answer.state() == "unapproved"
    assert "No answers yet" not in Pages(tomas).reads("playbook/answers/", q="borrow a pushchair")

    version = answer.versions.get()
    assert "The desk is at {desk}." in page.reads(f"playbook/versions/{version.pk}/")
    page.post(f"playbook/versions/{version.pk}/approve/")
    edited = form(mara, **{"values-0-value": "hall C", "based_on": "1", "why": "The desk moved"})
    assert page.post(f"playbook/answers/{answer.pk}/edit/", **edited).status_code == 302
    newest = answer.versions.first()
    shown = Pages(tomas).reads(f"playbook/versions/{newest.pk}/")
    assert "gone: desk = hall B" in shown
    assert "new: desk = hall C" in shown
    assert "hall B" in Pages(tomas).reads(f"playbook/answers/{answer.pk}/")  # until it is approved

    page.post(f"playbook/versions/{newest.pk}/approve/")
    read = Pages(tomas).reads(f"playbook/answers/{answer.pk}/")
    assert "hall C" in read
    assert "Approved by Mara Lund" in read
    assert "The desk moved" in read
    assert "Loan pushchair" in Pages(tomas).reads("playbook/answers/", q="any loan there?")


def test_who_may_not_change_or_approve_is_told_so(ternway, mara, tomas, vera, ines, ruth):
    version = write(ternway, mara)
    for agent in (tomas, vera):
        assert Pages(agent).get("playbook/answers/new/").status_code == 403
        assert Pages(agent).post(f"playbook/versions/{version.pk}/approve/").status_code == 403
    assert Pages(ines).get(f"playbook/answers/{version.answer_id}/edit/").status_code == 200
    assert Pages(ines).post(f"playbook/versions/{version.pk}/approve/").status_code == 403
    assert Pages(ruth).get(f"playbook/answers/{version.answer_id}/").status_code == 404
    assert Pages(ruth, "nordhav").get(f"playbook/answers/{version.answer_id}/").status_code == 404
    assert Pages(vera).get(f"playbook/answers/{version.answer_id}/").status_code == 200


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": ""}, "This field is required"),
        ({"blocks-0-kind": "any"}, "a place for the agent’s own words"),
        ({"blocks-1-text": "", "blocks-2-text": ""}, "needs a fixed part"),
        ({"blocks-1-text": "Open until {closing time}."}, "it is none of its facts"),
        ({"values-0-value": ""}, "needs both a name and a value"),
        ({"values-0-starts": "13-40", "values-0-ends": "02-01"}, "month-day"),
        ({"values-0-starts": "11-01"}, "first and its last day"),
        ({"valid_from": "2031-01-01"}, "end before it begins"),
        ({"valid_until": "soon"}, "Enter a valid date"),
        ({"owner": "999999"}, "Select a valid choice"),
        ({"blocks-TOTAL_FORMS": "x"}, "missing or has been tampered with"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(mara, changes, says):
    answer = Pages(mara).post("playbook/answers/new/", **form(mara, **changes))
    assert answer.status_code == 422
    assert says in words_of(answer)
    assert "Can I borrow a pushchair?" in answer.content.decode()
    assert not Answer.objects.exists()


def test_one_more_line_keeps_what_was_typed(mara):
    page = Pages(mara).post("playbook/answers/new/", **form(mara, more_values="1")).content.decode()
    assert 'name="values-1-name"' in page
    assert "Bring the tag." in page
    assert not Answer.objects.exists()


def test_two_tabs_and_double_presses_write_once(ternway, mara, ines):
    given = form(mara)
    for _twice in range(2):
        Pages(mara).post("playbook/answers/new/", **given)
    answer = Answer.objects.get()
    assert Version.objects.count() == 1

    first, second = form(mara, based_on="1", why="mine"), form(mara, based_on="1", why="hers")
    assert Pages(mara).post(f"playbook/answers/{answer.pk}/edit/", **first).status_code == 302
    stopped = Pages(ines).post(f"playbook/answers/{answer.pk}/edit/", **second)
    assert stopped.status_code == 422
    assert "Mara Lund wrote version 2 meanwhile" in words_of(stopped)
    assert Version.objects.count() == 2
    assert "already" in words_of(
        Pages(mara).post("playbook/answers/new/", **form(mara, title="loan PUSHCHAIR"))
    )


def test_a_suggestion_is_made_once_and_decided_once(ternway, mara, tomas, vera):
    version = write(ternway, mara)
    path = f"playbook/answers/{version.answer_id}/"
    for _twice in range(2):
        Pages(tomas).post(f"{path}suggest/", text="Say that it may fly home.")
    assert Pages(vera).post(f"{path}suggest/", text="No").status_code == 403
    assert Pages(tomas).post(f"{path}suggest/", text=" ").status_code == 422
    row = Suggestion.objects.get()
    assert "“Say that it may fly home.”" in Pages(mara).reads(path)
    Pages(mara).post(f"playbook/suggestions/{row.pk}/close/", taken="yes")
    Pages(mara).post(f"playbook/suggestions/{row.pk}/close/", taken="no")
    row.refresh_from_db()
    assert row.taken is True


def test_retiring_takes_a_reason_and_ends_it(ternway, mara):
    version = write(ternway, mara)
    actions.approve(version, by=mara)
    path = f"playbook/answers/{version.answer_id}/"
    assert Pages(mara).post(f"{path}retire/", why=" ").status_code == 422
    Pages(mara).post(f"{path}retire/", why="The loan has ended")
    assert "Retired by Mara Lund: The loan has ended" in Pages(mara).reads(path)
    assert "Nothing fits" in Pages(mara).reads("playbook/answers/", q="loan pushchair")
    assert write(ternway, mara).number == 1  # the question is free again


CSV = """title,answer,wordings,private,valid_until
Loan pushchair,A loan pushchair is free.,May I borrow one?|Is there a loan?,Bring the tag.,2030-12-31
Lost bag,We bring it home to you.,,,31/12/2030
Loan pushchair,Another answer to the same question.,,,
No answer here,,,,
"""
MARKDOWN = """# Loan pushchair
subject: Baggage
valid_until: 2030-12-31

- May I borrow one?
- Is there a loan?

> Open with what happened.

A loan pushchair is free
for everybody.

## private
Bring the tag.

# Lost bag

We bring it home to you.
"""


def test_a_file_is_shown_with_its_errors_before_anything_is_written(mara):
    page = Pages(mara)
    shown = page.post("playbook/answers/import/", file=SimpleUploadedFile("a.csv", CSV.encode("utf-8-sig")))
    read = words_of(shown)
    assert "1 answer can come in" in read
    assert "3 can’t" in read
    for problem in ("write it as 2026-12-31", "to this question already", "needs a fixed part"):
        assert problem in read
    assert not Answer.objects.exists()

    for _twice in range(2):
        page.post("playbook/answers/import/", text=CSV, confirmed="1")
    answer = Answer.objects.get()
    content = answer.versions.get().content
    assert content.wordings == ("May I borrow one?", "Is there a loan?")
    assert [block.kind for block in content.blocks] == ["own", "any", "private"]
    assert answer.state() == "unapproved"


def test_markdown_comes_in_too(mara):
    Pages(mara).post("playbook/answers/import/", text=MARKDOWN, confirmed="1")
    one = Answer.objects.get(title="Loan pushchair")
    content = one.versions.get().content
    assert one.subject == "Baggage"
    assert content.valid_until == "2030-12-31"
    assert [(block.kind, block.text) for block in content.blocks] == [
        ("own", "Open with what happened."),
        ("any", "A loan pushchair is free for everybody."),
        ("private", "Bring the tag."),
    ]
    assert Answer.objects.filter(title="Lost bag").exists()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "The submitted file is empty"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"name;reply\na;b", "must name the columns"),
        (b"title,answer\n", "No answer was found"),
        (b"title,answer\n" + b"x" * 200_000 + b",y", "can’t be read"),
        (b"x" * (2 * 2**20 + 1), "larger than 2 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(mara, body, says):
    answer = Pages(mara).post("playbook/answers/import/", file=SimpleUploadedFile("a.csv", body))
    assert answer.status_code == 422
    assert says in words_of(answer)
