"""Hostile files brought to `hark import`."""

from __future__ import annotations

import csv
import json
import random

import pytest

from hark.channels import importing
from hark.channels.models import Delivery
from hark.journeys import arrival

from . import hostile
from .measuring import BODIES, SEEDS, Tally

pytestmark = [pytest.mark.torture, pytest.mark.timeout(6 * 3600)]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS, ids=["fixed seed", "random seed"])
def test_import(seed, ternway, tmp_path, say):
    """Good lines among hostile ones are all imported; each bad one is named and kept; no file stops the command."""
    chance = random.Random(seed)
    lines = BODIES // 10 // len(SEEDS)
    tally = Tally("import", [seed], lines)
    account = importing.account_for(ternway, "the past")
    whole = tmp_path / "whole.ndjson"
    good = _ndjson(whole, chance, lines // 2)
    table_ = tmp_path / "table.csv"
    good_rows = _table(table_, chance, lines // 4)
    for path, wanted in ((whole, good), (table_, good_rows)):
        with tally.one(path.name):
            report = _import(path, account)
        tally.tried += report.read
        if report.read != report.new + report.known + report.bad + report.left_out:
            tally.failed.append(f"{path.name}: {report}")
        kept = report.bad_file.read_bytes().count(b"\n") if report.bad_file else 0
        if kept != report.bad:
            tally.failed.append(f"{path.name}: {report.bad} bad lines, {kept} kept")
        lost = wanted - set(Delivery.objects.filter(account=account).values_list("event_key", flat=True))
        tally.failed += [f"{path.name}: good line {key} lost" for key in sorted(lost)[:5]]
    for number in range(lines // 4):
        tally.tried += 1
        path = tmp_path / f"odd-{number}.{chance.choice(['csv', 'ndjson', 'csv.gz', 'ndjson.gz'])}"
        path.write_bytes(b"\n".join(hostile.body(chance, number) for _ in range(4)))
        try:
            _import(path, account)
        except importing.NotASource:
            tally.answers[400] += 1  # a sentence for whoever asked
        except Exception as problem:
            tally.failed.append(
                f"{path.name}: {type(problem).__name__}: {problem} {path.read_bytes()[:200]!r}"
            )
        else:
            tally.answers[200] += 1
    while arrival.work():
        pass
    tally.failed += [f"stuck: {one}" for one in Delivery.objects.filter(state=Delivery.State.WAITING)]
    say(tally)


def _import(path, account) -> importing.Report:
    source = importing.Source(path)
    columns = importing.guess(source.header, importing.Columns())
    if problems := columns.problems(source.header):
        raise importing.NotASource(" ".join(problems))
    return importing.run(source, columns, account)


def _ndjson(path, chance: random.Random, lines: int) -> set[str]:
    good = set()
    with path.open("wb") as file:
        for number in range(lines):
            line = {"id": f"n{number}", "text": "Hello", "author": "maya", "at": "2026-01-05T10:00:00Z"}
            if number and chance.random() < 0.7:
                spoilt = hostile.body(chance, number).replace(b"\n", b" ").replace(b"\r", b" ")
                file.write((spoilt if chance.random() < 0.5 else _odd_line(chance, line)) + b"\n")
            else:
                good.add(line["id"])
                file.write(json.dumps(line).encode() + b"\n")
    return good


def _odd_line(chance: random.Random, line: dict[str, str]) -> bytes:
    odd = chance.choice([*hostile.TEXTS, *hostile.TIMES, *hostile.NUMBERS])
    return json.dumps(line | {"id": line["id"] + "x", chance.choice(["text", "author", "at"]): odd}).encode()


def _table(path, chance: random.Random, lines: int) -> set[str]:
    good = set()
    with path.open("w", newline="", encoding="utf-8", errors="surrogatepass") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "author", "at"])
        for number in range(lines):
            row = [f"c{number}", "Hello", "maya", "2026-01-05T10:00:00Z"]
            if chance.random() < 0.6:
                row[0] += "x"
                row[chance.randrange(1, 4)] = chance.choice(hostile.TEXTS)
                writer.writerow(row[: chance.randint(1, 4)] + ["more"] * chance.choice([0, 0, 3]))
            else:
                good.add(row[0])
                writer.writerow(row)
    return good
