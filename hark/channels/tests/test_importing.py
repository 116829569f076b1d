"""A team brings its past: every line becomes a message or is named as bad, and no line becomes two."""

from __future__ import annotations

import csv
import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hark.channels import importing
from hark.channels.importing import Columns, NotASource, Source
from hark.channels.models import Account, Delivery
from hark.channels.networks.archive.adapter import Archive
from hark.channels.networks.archive.times import parse

HEADER = "tweet_id,author_id,text,tweet_created,mood\n"
LINES = (
    "1,maya,Landed with a snapped frame,2015-02-16 23:36:05 -0800,negative\n"
    '2,ruud,"Al drie keer gebeld,\nniemand neemt op",2015-02-17 07:00:00 +0000,negative\n'
    "3,gwen,The crew were kind,2015-02-17T08:00:00Z,positive\n"
)
AIRLINE = (
    Path(os.environ.get("HARK_SHARED") or Path(__file__).parents[4] / "shared")
    / "data/airline/tweets.dev.csv"
)


@pytest.fixture
def archive(ternway, settings, tmp_path) -> Account:
    settings.HARK_DATA = tmp_path / "data"
    return importing.account_for(ternway, "The old tool")


def load(path: Path, account: Account, **given) -> importing.Report:
    source = Source(
        path, **{key: given.pop(key) for key in ("encoding", "delimiter", "kind") if key in given}
    )
    return importing.run(source, importing.guess(source.header, Columns(**given)), account)


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def messages(account: Account):
    rows = Delivery.objects.filter(account=account).order_by("id")
    return [message for row in rows for message in Archive().read(bytes(row.raw), account.connection())]


def test_a_csv_is_understood_by_its_header(archive, tmp_path):
    report = load(written(tmp_path / "old.csv", HEADER + LINES), archive)
    assert (report.read, report.new, report.known, report.bad) == (3, 3, 0, 0)
    assert report.bad_file is None
    first, second, _ = messages(archive)
    assert (first.external_id, first.author.external_id, first.text) == (
        "1",
        "maya",
        "Landed with a snapped frame",
    )
    assert first.at == datetime(2015, 2, 17, 7, 36, 5, tzinfo=UTC)
    assert second.text == "Al drie keer gebeld,\nniemand neemt op"
    assert first.facts["archived"]
    assert json.loads(bytes(Delivery.objects.first().raw))["more"] == {"mood": "negative"}


def test_a_second_run_imports_nothing_twice(archive, tmp_path):
    path = written(tmp_path / "old.csv", HEADER + LINES)
    load(path, archive)
    again = load(path, archive)
    assert (again.new, again.known) == (0, 3)
    assert Delivery.objects.filter(account=archive).count() == 3


def test_a_run_that_was_stopped_goes_on_where_it_was(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 10)
    rows = [f"{n},maya,Message {n},2015-02-17T08:00:00Z,\n" for n in range(45)]
    rows[3] = "3,maya,Message without a day,someday,\n"
    path = written(tmp_path / "old.csv", HEADER + "".join(rows))
    source = Source(path)

    def stop(source: Source, report: importing.Report) -> None:
        if report.read > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.run(source, importing.guess(source.header, Columns()), archive, on_progress=stop)
    stored = Delivery.objects.filter(account=archive).count()
    assert 0 < stored < 44

    report = load(path, archive)
    assert report.resumed_at > 0
    assert (report.read, report.new, report.known, report.bad) == (45, 44, 0, 1)
    assert Delivery.objects.filter(account=archive).count() == 44
    assert len(report.bad_file.read_text().splitlines()) == 1


BAD = [
    ("x,maya,hi\n", "it has 3 columns instead of 5"),
    (",maya,hi,2015-02-17T08:00:00Z,\n", "it has no id"),
    ("x,maya, ,2015-02-17T08:00:00Z,\n", "it has no text"),
    ("x,maya,hi,,\n", "it has no time"),
    ("x,maya,hi,the other day,\n", "“the other day” is not a time"),
    ("x,maya,hi,03/04/2015,\n", "is not a time that is understood"),
    ("x,maya,hi,1066-10-14,\n", "1066-10-14 can't be the day"),
    ("x,maya,hi \udcff,2015-02-17T08:00:00Z,\n", "“text” is not in the encoding"),
    ("x,maya,h\0i,2015-02-17T08:00:00Z,\n", "NUL"),
    (f"x,maya,{'h' * 20_001},2015-02-17T08:00:00Z,\n", "longer than 20,000"),
    (f"{'x' * 501},maya,hi,2015-02-17T08:00:00Z,\n", "too long"),
]


@pytest.mark.parametrize(("line", "problem"), BAD)
def test_a_bad_line_is_named_kept_aside_and_stops_nobody(archive, tmp_path, line, problem):
    path = tmp_path / "old.csv"
    path.write_bytes(
        (HEADER + LINES + line + LINES.replace("\n2,", "\n5,")).encode("utf-8", "surrogateescape")
    )
    report = load(path, archive)
    assert (report.read, report.bad) == (7, 1)
    assert report.new + report.known == 6
    [kept] = [json.loads(text) for text in report.bad_file.read_text().splitlines()]
    assert kept["line"] == 6  # the second message has two lines
    assert problem in kept["problem"]
    assert report.first_problems[0].startswith("line 6: ")


def test_a_quote_that_is_never_closed_is_one_bad_line_and_not_the_end(archive, tmp_path, monkeypatch):
    monkeypatch.setattr("hark.channels.networks.archive.sources.FIELD_LIMIT", 200)
    rows = "".join(f"{n},maya,Message number {n},2015-02-17T08:00:00Z,\n" for n in range(100))
    report = load(
        written(tmp_path / "old.csv", HEADER + 'x,maya,"never closed,2015-02-17T08:00:00Z,\n' + rows), archive
    )
    assert report.bad >= 1
    assert report.new > 90


def test_ndjson_gzipped_with_nested_names(archive, tmp_path):
    path = tmp_path / "old.ndjson.gz"
    told = {
        "id": 7,
        "body": "Hello",
        "created": 1_424_160_000,
        "user": {"id": 42, "name": "Maya"},
        "dm": True,
    }
    path.write_bytes(gzip.compress(json.dumps(told).encode() + b"\n\n[1]\n{broken\n"))
    report = load(path, archive, author="user.id", author_name="user.name")
    assert (report.new, report.bad) == (1, 2)
    [message] = messages(archive)
    assert (message.author.external_id, message.author.name, message.visibility) == ("42", "Maya", "private")
    assert message.at.year == 2015


def test_semicolons_old_encodings_and_marks(archive, tmp_path):
    text = "id;text;date\n{};Grüße aus Köln;17.02.2015 08:00\n"
    assert load(written(tmp_path / "a.csv", text.format(1), "cp1252"), archive, encoding="cp1252").new == 1
    assert load(written(tmp_path / "b.csv", text.format(2), "utf-8-sig"), archive).new == 1
    assert load(written(tmp_path / "c.csv", text.format(3), "utf-16"), archive).new == 1
    assert {message.text for message in messages(archive)} == {"Grüße aus Köln"}


def test_only_what_was_asked_for_and_on_whose_side(archive, tmp_path):
    lines = "id,text,date,inbound,team\n1,Help,2015-02-17,True,care\n2,Gladly,2015-02-17,False,care\n3,Buy,2015-02-17,True,ads\n"
    report = load(written(tmp_path / "old.csv", lines), archive, where=(("team", "care"),), is_open=True)
    assert (report.read, report.new, report.left_out) == (3, 2, 1)
    asked, answered = messages(archive)
    assert (asked.by_brand, answered.by_brand) == (False, True)
    assert "archived" not in asked.facts


def test_two_strangers_are_not_one_person(archive, tmp_path):
    load(written(tmp_path / "old.csv", "id,text,date\n1,Help,2015-02-17\n2,Help,2015-02-17\n"), archive)
    assert len({message.author.external_id for message in messages(archive)}) == 2


def test_a_dry_run_stores_nothing(archive, tmp_path):
    source = Source(written(tmp_path / "old.csv", HEADER + LINES + "x,maya,hi,never,\n"))
    report = importing.check(source, importing.guess(source.header, Columns()))
    assert (report.read, report.new, report.bad) == (4, 3, 1)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.csv", b"", "empty"),
        ("cut.csv.gz", gzip.compress(b"id,text,date\n" + b"1,hi,2015-02-17\n" * 9000)[:-20], "can't be read"),
        ("not.csv.gz", b"id,text,date\n", "gzipped"),
        ("twice.csv", b"id,id,date\n", "two columns"),
    ],
)
def test_a_file_that_breaks_off_says_so(archive, tmp_path, name, content, why):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NotASource, match=why):
        load(path, archive)


def test_columns_that_are_not_there_are_named(tmp_path):
    columns = importing.guess(["id", "words"], Columns(author="writer"))
    assert columns.problems(["id", "words"]) == [
        "There is no column “writer”.",
        "Which column is the text? Name it with --text.",
        "Which column is the time? Name it with --at.",
    ]


def test_an_archive_can_be_read_and_not_answered(archive):
    from hark.channels.base import Author, OutgoingReply, Refused

    reach = Archive().reach(archive.connection(), Author("maya"), {})
    assert not reach.possible
    assert "archive" in reach.reason
    with pytest.raises(Refused):
        Archive().send(archive.connection(), OutgoingReply("key", "public", "Hello", Author("maya")))
    assert not Archive().can.can_reply("public")


@pytest.mark.parametrize(
    "text",
    [
        "2015-02-16 23:36:05 -0800",
        "2015-02-17T07:36:05Z",
        "2015-02-17 07:36:05",
        "Tue Feb 17 07:36:05 +0000 2015",
        "Tue, 17 Feb 2015 07:36:05 +0000",
        "1424158565",
        "1424158565000",
        "17.02.2015 07:36:05",
    ],
)
def test_times_in_the_shapes_of_exports(text):
    assert parse(text) == datetime(2015, 2, 17, 7, 36, 5, tzinfo=UTC)


def test_a_time_without_a_zone_is_in_the_zone_that_was_named():
    assert parse("2015-02-17 08:36", zone="Europe/Oslo").hour == 7
    assert parse("04/03/2015", shape="%d/%m/%Y").month == 3


@pytest.mark.skipif(not AIRLINE.exists(), reason=f"no {AIRLINE} (HARK_SHARED names its folder)")
def test_ten_thousand_real_posts_come_in_and_are_shown(archive):
    from hark.cases.models import Message
    from hark.journeys import arrival

    with AIRLINE.open(newline="") as file:
        wanted = list(csv.DictReader(file))
    report = load(AIRLINE, archive)
    assert (report.read, report.new, report.bad) == (len(wanted), len(wanted), 0)
    while arrival.work():
        pass
    assert Message.objects.filter(account_id_at=archive.pk).count() == len(wanted) == 10_262
    assert not Delivery.objects.exclude(state=Delivery.State.READ).exists()
    texts = dict(Message.objects.values_list("external_id", "text"))
    assert texts == {row["tweet_id"]: row["text"] for row in wanted}


def test_the_history_of_one_author_is_one_closed_case_whatever_the_batches(archive, practice, tmp_path):
    from hark.cases.models import Case
    from hark.journeys import arrival

    lines = "".join(f"{n},maya,Line {n},2015-02-{n:02} 10:00:00 +0000,neutral\n" for n in (3, 1, 4, 2, 5))
    load(written(tmp_path / "old.csv", HEADER + lines), archive)
    practice.says("ola", "I am waiting now", take_in=False)
    arrival.work(1)
    assert Case.objects.get().person.name == "Ola"  # what is live comes first
    while arrival.work(2):
        pass

    case = Case.objects.get(imported=True)
    assert (case.state, case.message_count, case.opened_at.day) == (Case.State.CLOSED, 5, 1)
    assert not case.clocks.exists()
