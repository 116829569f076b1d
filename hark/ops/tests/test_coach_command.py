"""`hark coach check`: any line in, a line out, and no database needed."""

import json

from click.testing import CliRunner

from hark.ops.cli import cli


def check(*lines: str | bytes) -> tuple[list[dict], int]:
    given = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    result = CliRunner().invoke(cli, ["coach", "check", "-"], input=given)
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")], result.exit_code


def findings(**line: object) -> dict[str, dict]:
    [answer], code = check(json.dumps({"id": 1, "network": "x", "public": True} | line))
    assert code == 0
    return {one["check"]: one for one in answer["findings"]}


def test_a_draft_comes_back_with_every_finding_its_level_its_place_and_its_reason():
    found = findings(
        draft="It was our mistake. What's your order number?", customer="late!", customer_name="Maya"
    )
    assert (found["apology"]["value"], found["apology"]["level"]) == ("admits_fault", "hold")
    assert (found["asks_private_data"]["value"], found["asks_private_data"]["level"]) == ("in_public", "hold")
    assert found["apology"]["span"] == [7, 18]
    assert "our mistake" in found["apology"]["reason"]
    assert found["name"]["level"] == "hint"
    assert set(found) >= {"name", "feeling", "offers_help", "moves_private", "promise", "stock", "near_copy"}


def test_a_handle_is_no_name_and_where_no_name_is_known_nothing_is_missed():
    for shown in (None, "user_12", "xX_gamer_Xx", "@maya", "🦄"):
        found = findings(draft="Dear @user123, we are looking into it.", customer="hi", customer_name=shown)
        assert (found["name"]["value"], found["name"]["level"]) == ("missing", "ok")
    assert (
        findings(draft="Hi Maya, hello", customer="hi", customer_name="Maya Lind")["name"]["value"] == "used"
    )
    assert (
        findings(draft="Hi Tom, hello", customer="hi", customer_name="Maya Lind")["name"]["level"] == "hint"
    )


def test_what_is_no_draft_gets_a_line_that_says_so_and_the_others_are_still_read():
    answers, code = check(
        '{"id": "a", "draft": ""}', "", "nonsense", b'{"draft": "\xff"}', '{"id": "b", "draft": "שלום 😀"}'
    )
    assert code == 1
    assert [answer["id"] for answer in answers] == ["a", None, None, "b"]
    assert "Line 3" in answers[1]["error"]


def test_a_huge_draft_is_read_to_its_twenty_thousandth_character():
    assert findings(draft="we will sorry the DM your " * 100_000)["moves_private"]["value"] == "yes"


def test_in_a_crisis_an_approved_text_is_held_and_without_one_it_is_not():
    text = "Trains on line 4 stop at Harbour Square until Monday."
    held = findings(draft=f"Hi Maya! {text}", customer_name="Maya", crisis=True, blocks=[text])["crisis"]
    assert (held["value"], held["level"]) == ("unchanged", "hold")
    assert findings(draft=text, crisis="line 4", blocks=[text])["crisis"]["reason"].startswith("“line 4”")
    assert findings(draft=text, blocks=[text])["crisis"]["value"] == "none"
    assert findings(draft=text, crisis=None, blocks=None)["crisis"]["level"] == "ok"
