"""The report is made from results alone, and leaves alone what people wrote."""

import json
from xml.etree import ElementTree

import pytest

from bench import report
from bench.bars import Bar, chart
from bench.harness import Goal, Result, Round, Rounds

QUIET = Rounds({"one": [Round(1.0, 0.02)]}, void=1, crowded=False)
FAST = Goal("F3", "cases ÷ tickets of one", "×", aim=50, least=20, part="÷ one")
SMALL = Goal("F3", "memory ÷ another", "×", aim=1, least=1.5, higher_is_better=False, part="÷ another")


def test_a_figure_with_two_marks_is_worth_its_worse_one():
    found = Result(FAST, 60, {}, QUIET, more=((SMALL, 1.2),)).as_json()
    assert (found["value"], found["met"], found["aim_met"]) == (1.2, True, False)
    assert [part["aim_met"] for part in found["parts"]] == [True, False]

    assert Result(FAST, 60, {}, QUIET, more=((SMALL, 1.6),)).met is False
    assert Result(FAST, 60, {}, QUIET, more=((SMALL, 0.5),), wrong=("one is missing",)).met is False


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "performance.md"
    path.write_text(f"# Ours\n\n{report.BEGIN}\nold\n{report.END}\n\nWhat people found out.\n")
    return path


def test_the_report_is_written_between_its_marks_and_nowhere_else(page, tmp_path):
    result = Result(
        FAST, 60, {"cases/s": 1400.0}, QUIET, more=((SMALL, 1.2),), bars={"Hark": 1400.0, "one <peer>": 23.0}
    )
    result.write(tmp_path / "results")
    report.write(page, tmp_path / "figures", tmp_path / "results")
    once = page.read_text()
    report.write(page, tmp_path / "figures", tmp_path / "results")

    assert page.read_text() == once
    assert once.startswith("# Ours\n")
    assert once.endswith("\nWhat people found out.\n")
    assert "old" not in once
    assert "| F3 | cases ÷ tickets of one | **60** × | ≥ 50 | ≥ 20 | aim |" in once
    assert "| F3 | memory ÷ another | **1.2** × | ≤ 1 | ≤ 1.5 | least |" in once
    assert "| cases/s | 1,400 |" in once
    for name in ("overview.svg", "F3.svg"):
        assert name in once
        ElementTree.fromstring((tmp_path / "figures" / name).read_text())


def test_a_wrong_count_stands_in_the_report(page, tmp_path):
    Result(FAST, 60, {}, QUIET, wrong=("9 sent, 8 there",)).write(tmp_path / "results")
    report.write(page, tmp_path / "figures", tmp_path / "results")
    assert "counts wrong" in page.read_text()
    assert "9 sent, 8 there" in page.read_text()


def test_a_page_without_marks_is_refused(tmp_path):
    (tmp_path / "page.md").write_text("# Ours\n")
    with pytest.raises(ValueError, match="once each"):
        report.write(tmp_path / "page.md", tmp_path / "figures", tmp_path / "results")


def test_the_results_that_are_kept_make_the_report_that_is_kept(tmp_path):
    """docs/performance.md is never older than bench/results."""
    page = tmp_path / "performance.md"
    page.write_text(report.PAGE.read_text())
    report.write(page, tmp_path / "figures")
    assert page.read_text() == report.PAGE.read_text()
    kept = {path.name: path.read_text() for path in report.FIGURES.glob("*.svg")}
    assert {path.name: path.read_text() for path in (tmp_path / "figures").glob("*.svg")} == kept
    for path in report.RESULTS.glob("F*.json"):
        assert {"goal", "value", "unit", "aim", "least", "met", "parts"} <= json.loads(
            path.read_text()
        ).keys()


def test_bars_are_as_long_as_their_values():
    drawn = ElementTree.fromstring(chart("Rates", [Bar("Hark", 200, True), Bar("one", 50, False)], "/s"))
    long, short = (float(bar.get("width")) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect"))
    assert long == pytest.approx(4 * short)
