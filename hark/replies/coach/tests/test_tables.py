"""Tables of drafts, each with what the coach has to say: adversarial ones among them. They were written for these tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from hark.replies.coach import Context, look, reading

TABLES = Path(__file__).parent / "tables"


def table(name: str) -> list[tuple[str, str]]:
    lines = (TABLES / f"{name}.txt").read_text().splitlines()
    return [
        (line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines if line and not line.startswith("#")
    ]


def said(draft: str, check: str, **context: object) -> tuple[str, str]:
    [finding] = [one for one in look(draft, Context(**context)) if one.check == check]  # type: ignore[arg-type]
    return finding.value, finding.level


@pytest.mark.parametrize(("sign", "draft"), table("fault"))
def test_admitting_fault_is_held_and_denying_or_wondering_is_not(sign: str, draft: str) -> None:
    value, level = said(draft, "apology")
    assert (value == "admits_fault", level == "hold") == ((True, True) if sign == "+" else (False, False))


@pytest.mark.parametrize(("asked", "draft"), table("asked"))
def test_personal_details_are_asked_for_in_private_only(asked: str, draft: str) -> None:
    value, level = said(draft, "asks_private_data")
    assert value == {"public": "in_public", "private": "in_private", "none": "none"}[asked]
    assert (level == "hold") == (asked == "public")


def test_the_tables_are_as_large_as_they_should_be() -> None:
    assert min(len(table("fault")), len(table("asked"))) >= 200
    assert all(len({draft for _, draft in table(name)}) == len(table(name)) for name in ("fault", "asked"))


LIFTS = "The lifts in hall B have been out of order since Friday. Staff at both entrances carry pushchairs and walk with you."
AUFZUG = "Kein Aufzug in Halle B fährt seit Freitag. Am Eingang hilft Ihnen jemand mit dem Kinderwagen."


@pytest.mark.parametrize(("sign", "draft"), table("crisis"))
def test_in_a_crisis_no_approved_text_leaves_without_words_of_ones_own(sign: str, draft: str) -> None:
    around = {"crisis": "Lifts in hall B", "blocks": [LIFTS, AUFZUG], "customer_name": "Maya Lind"}
    told = {"customer": "No lift, and I am here with two children and a pushchair"}
    assert said(draft, "crisis", **around, **told) == (
        ("unchanged", "hold") if sign == "!" else ("own", "ok")
    )


def test_without_a_crisis_the_same_words_are_nothing_to_this_check() -> None:
    assert said(LIFTS, "crisis", blocks=[LIFTS]) == ("none", "ok")
    assert said(LIFTS, "crisis", crisis="Lifts in hall B") == ("own", "ok")


@pytest.mark.parametrize(("value", "draft"), table("tone"))
def test_nobody_who_complains_is_spoken_to_shortly_or_lightly(value: str, draft: str) -> None:
    plain = {"customer": "My suitcase did not come and nobody tells me anything.", "complaint": True}
    assert said(draft, "register", **plain) == (value, "ok" if value == "fitting" else "hint")


@pytest.mark.parametrize(
    "draft", ["Gonna check that, dude.", "Yup, we see it.", "That's a bummer, wanna talk?"]
)
def test_slang_is_right_for_somebody_who_writes_so_and_making_light_of_it_never_is(draft: str) -> None:
    chats = {"customer": "hey guys wtf where is my bag", "complaint": True}
    assert said(draft, "register", **chats) == ("fitting", "ok")
    assert said(draft + " lol", "register", **chats) == ("too_casual", "hint")


WORDS = ["we", "have", "looked", "at", "the", "belt", "and", "at", "the", "van"]


@pytest.mark.parametrize(
    ("value", "draft"),
    [
        ("long_sentence", " ".join(WORDS * 4) + "."),
        ("easy", "\n".join("- " + " ".join(WORDS) for _line in range(6))),  # a list: a line is a sentence
        ("easy", (" ".join(WORDS) + ". ") * 6),
        ("long_sentence", " ".join(WORDS * 2) + " for 14.99 euros, e.g. " + " ".join(WORDS * 2)),
        ("easy", " ".join(WORDS * 2) + ".They " + " ".join(WORDS * 2)),
    ],
)
def test_a_sentence_ends_with_its_marks_or_its_line_and_not_inside_a_number(value: str, draft: str) -> None:
    assert said(draft, "reading")[0] == value


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "asked times rule we've through"),
        (2, "going client lately statement somewhere wouldn't"),
        (3, "usual idea curious area reliance"),
        (4, "experience anxiety reliable"),
    ],
)
def test_syllables_are_counted_as_they_are_spoken(count: int, words: str) -> None:
    assert {word: reading.syllables(word) for word in words.split()} == dict.fromkeys(words.split(), count)
