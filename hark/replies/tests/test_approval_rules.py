"""When a second person is asked for: what a rule may look at, and who makes rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import member
from hark.cases.actions import add_tag
from hark.cases.tests.pages import Pages, only_case, words_of
from hark.journeys import second_person
from hark.playbook import actions as playbook
from hark.playbook import uses
from hark.playbook.content import Block, Content
from hark.replies.models import ApprovalRule

pytestmark = pytest.mark.django_db


def test_all_conditions_of_a_rule_must_hold(case, tomas, ternway, rule):
    def needed(private=False, text="Hello"):
        case.refresh_from_db()
        return second_person.rule_for(case, by=tomas, text=text, private=private)

    assert needed() == rule  # the customer said "injured"
    rule.words = ["jury"]  # stands inside a word only
    rule.save()
    assert needed() is None
    rule.words = []
    rule.public_only, rule.priority, rule.newcomer_days = True, 2, 30
    rule.tag = add_tag(case, "press", by=tomas)
    rule.save()
    assert needed() is None  # the priority is normal
    case.priority = 1
    case.save()
    assert (needed(), needed(private=True)) == (rule, None)
    tomas.joined_at = timezone.now() - timedelta(days=31)
    assert needed() is None


def rule_of(case, by, text="Hello", private=False):
    case.refresh_from_db()
    return second_person.rule_for(case, by=by, text=text, private=private)


def test_a_risk_in_what_the_customer_or_the_reply_says_needs_a_second_person(case, practice, tomas, rule):
    rule.words, rule.risks = [], ["legal", "self_harm"]
    rule.save()
    assert rule_of(case, tomas) is None  # an injury is another risk
    assert rule_of(case, tomas, "Our lawyer will call yours") == rule
    practice.says("maya", "Then I will sue you")
    assert rule_of(case, tomas) == rule
    rule.risks = ["press"]
    rule.save()
    assert rule_of(case, tomas) is None


def test_an_amount_above_the_limit_needs_one_and_one_at_the_limit_does_not(case, practice, tomas, rule):
    rule.words, rule.money_above = [], 500
    rule.save()
    assert rule_of(case, tomas, "We refund €500 today") is None
    assert rule_of(case, tomas, "We refund €500.01 today") == rule
    practice.says("maya", "I want my 1.200 € back")
    assert rule_of(case, tomas) == rule
    rule.money_above = 0  # any amount at all
    rule.save()
    assert rule_of(case, tomas, "Hello") == rule


def test_a_topic_is_a_known_issue_that_is_spoken_of_or_the_subject_of_a_fitting_answer(
    practice, ternway, tomas, rule
):
    ternway.voice = {"known_issues": ["Belt in hall B breaks pushchairs"]}
    ternway.save()
    content = Content(
        title="Bicycles on board", wordings=("May I bring my bicycle?",),
        blocks=(Block("own", "how far they ride"), Block("any", "Bicycles travel free in carriage 9.")),
    )  # fmt: skip
    answer = playbook.write(ternway, content, by=tomas, subject="Baggage").answer
    boss = member(ternway, "Mara Lund", "manager")
    playbook.approve(answer.versions.get(), by=boss)
    practice.says("omar", "May I bring my bicycle along?")
    case = only_case()
    rule.words, rule.topic = [], "Baggage"
    rule.save()
    assert rule_of(case, tomas) == rule
    rule.topic = "Belt in hall B breaks pushchairs"
    rule.save()
    assert rule_of(case, tomas) is None
    assert rule_of(case, tomas, "The belt in hall B is broken") == rule
    practice.says("omar", "And your belt broke both our pushchairs")
    assert rule_of(case, tomas) == rule


def test_a_used_answer_makes_its_subject_the_topic_whatever_the_customer_says(practice, ternway, tomas, rule):
    content = Content(
        title="Zeppelins", blocks=(Block("own", "x"), Block("any", "They fly on Sundays alone."))
    )
    boss = member(ternway, "Mara Lund", "manager")
    version = playbook.write(ternway, content, by=boss, subject="Airships")
    playbook.approve(version, by=boss)
    practice.says("omar", "Hello?")
    case = only_case()
    rule.words, rule.topic = [], "Airships"
    rule.save()
    assert rule_of(case, tomas) is None
    version.answer.refresh_from_db()
    uses.put_in(version.answer, case, by=tomas, private=False)
    assert rule_of(case, tomas) == rule


def test_a_regulated_brand_has_one_rule_for_all_and_its_other_rules_speak_first(case, ines, tomas, rule):
    pages = Pages(ines)
    assert Pages(tomas).post("settings/approvals/regulated/", reach="all").status_code == 403
    for reach in ("public", "public", "all"):
        assert pages.post("settings/approvals/regulated/", reach=reach).status_code == 302
    one = ApprovalRule.objects.get(regulated=True)
    assert (
        rule_of(case, tomas) == rule
    )  # “Sensitive: injury”, though “Regulated trade” comes first in the alphabet
    rule.delete()
    assert (rule_of(case, tomas), rule_of(case, tomas, private=True)) == (one, one)
    pages.post("settings/approvals/regulated/", reach="public")
    assert (rule_of(case, tomas), rule_of(case, tomas, private=True)) == (one, None)
    pages.post(f"settings/approvals/{one.pk}/", name="Bank", minutes="5", words="never", topic="x")
    one.refresh_from_db()
    assert (one.name, one.minutes, one.words, one.topic) == ("Bank", 5, [], "")
    pages.post("settings/approvals/regulated/", reach="nonsense")
    assert ApprovalRule.objects.filter(regulated=True).exists()
    pages.post("settings/approvals/regulated/", reach="")
    assert rule_of(case, tomas) is None


def test_the_page_tells_every_condition_and_refuses_what_there_is_not(ternway, ines):
    ternway.voice = {"known_issues": ["Lift in hall B"]}
    ternway.save()
    pages = Pages(ines)
    given = {
        "name": "Money",
        "minutes": "9",
        "topic": "Lift in hall B",
        "risks": ["legal", "press"],
        "money_above": "500",
    }
    assert pages.post("settings/approvals/", **given).status_code == 302
    shown = pages.reads("settings/approvals/")
    for words in (
        "about: Lift in hall B",
        "risk of: a lawsuit, the police or a regulator; press",
        "an amount above 500",
    ):
        assert words in shown
    assert "every reply Escalated" not in shown
    for wrong in (
        {"topic": "none of ours"},
        {"risks": ["boredom"]},
        {"money_above": "-1"},
        {"money_above": "9" * 30},
    ):
        assert pages.post("settings/approvals/", **{**given, **wrong}).status_code == 422
    assert ApprovalRule.objects.count() == 1
    ternway.voice = {}
    ternway.save()
    made = ApprovalRule.objects.get()  # a topic that is gone stays what the rule says
    assert pages.post(f"settings/approvals/{made.pk}/", **given).status_code == 302


def test_rules_are_made_by_who_runs_the_brand(ternway, ines, tomas):
    assert Pages(tomas).get("settings/approvals/").status_code == 403
    pages = Pages(ines)
    assert "Every reply leaves with one person’s press." in pages.reads("settings/approvals/")
    assert "Only Ines Faria may approve" in pages.reads("settings/approvals/")
    refused = pages.post("settings/approvals/", name="", words="lawyer", minutes="0")
    assert (refused.status_code, "lawyer" in words_of(refused)) == (422, True)
    pages.post("settings/approvals/", name="Law", words="lawyer\nsue*\n\n", minutes="30")
    made = ApprovalRule.objects.get()
    assert (made.words, made.minutes, made.brand) == (["lawyer", "sue*"], 30, ternway)
    pages.post(f"settings/approvals/{made.pk}/", name="Law", words="", minutes="30")
    assert "every reply" in pages.reads("settings/approvals/")
    pages.post(f"settings/approvals/{made.pk}/remove/")
    assert not ApprovalRule.objects.exists()
