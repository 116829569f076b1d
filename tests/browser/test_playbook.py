"""An answer of record in a real browser: put in at the caret, made one's own, sent; and its pages for whoever listens to them."""

import os

import pytest
from playwright.sync_api import expect

from conftest import member
from hark.brands.models import Brand
from hark.cases.models import Case
from hark.journeys import policy
from hark.playbook import actions
from hark.playbook.content import Block, Content, Fact, Value
from hark.playbook.models import Gap, Use
from hark.replies.models import Reply
from tests.axe import violations

from .test_console import address, case_of, desk  # noqa: F401  (fixtures)

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOAN = Content(
    title="Loan pushchair at the airport",
    about="When one comes off the belt damaged.",
    wordings=("Can I borrow a pushchair?",),
    blocks=(
        Block("own", "Open with what happened."),
        Block("any", "A loan pushchair is free for as long as the repair takes, until {closing time}."),
        Block("private", "Bring your bag tag to the desk, please."),
    ),
    facts=(Fact("closing time", (Value("22:00", checked="2026-01-01"),)),),
)


def test_an_answer_is_used_made_ones_own_and_asked_for_where_none_is(practice, tomas, desk, ternway):  # noqa: F811
    Brand.objects.update(undo_seconds=1)
    mara = member(ternway, "Mara Lund", "manager")
    version = actions.write(ternway, LOAN, by=mara, subject="Baggage")
    policy.approve(version, by=mara)
    practice.says("maya", "The pushchair frame is broken, can I borrow one?")
    maya = case_of("Maya")
    page = desk(tomas, viewport={"width": 1440, "height": 900}).open(f"cases/{maya.pk}/")

    panel = page.locator("#case-answers")
    expect(panel).to_contain_text("until 22:00")
    text = page.locator("#reply-text")
    text.fill("Hello Maya!")
    panel.get_by_role("button", name="Use").dblclick()
    expect(text).to_have_value(
        "Hello Maya!\n⟦Open with what happened.⟧\n"
        "A loan pushchair is free for as long as the repair takes, until 22:00."
    )
    page.get_by_role("button", name="Reply in public").click()
    expect(page.locator("#reply").get_by_role("alert")).to_contain_text("in your own words first")
    assert not Reply.objects.exists()

    text.evaluate("field => field.setSelectionRange(field.value.indexOf('⟦'), field.value.indexOf('⟧') + 1)")
    page.keyboard.type("What a landing, with a baby on your arm.")
    page.get_by_role("button", name="Reply in public").click()
    expect(page.locator(".post--ours")).to_contain_text("What a landing")
    assert Use.objects.get(reply__isnull=False).facts == [{"name": "closing time", "value": "22:00"}]
    expect(panel).to_contain_text("until 22:00")  # it stays when the case has changed
    assert violations(page) == []

    page.locator("#ask-owner").click()
    page.get_by_label("The question, without anybody’s name").fill("May it fly home?")
    page.get_by_role("button", name="Ask", exact=True).dblclick()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(panel).to_contain_text("Mara decides")
    assert Gap.objects.count() == 1
    assert Case.objects.get(pk=maya.pk).notes.count() == 1


def test_its_pages_are_clean_for_whoever_listens(practice, desk, ternway):  # noqa: F811
    mara = member(ternway, "Mara Lund", "manager", "agent")
    version = actions.write(ternway, LOAN, by=mara, subject="Baggage")
    actions.suggest_better(version.answer, "Say that it may fly home.", by=mara)
    practice.says("maya", "May it fly home?")
    answer, waiting = f"playbook/answers/{version.answer_id}/", f"playbook/versions/{version.pk}/"
    seat = desk(mara, viewport={"width": 390, "height": 844})
    for path in (
        "playbook/answers/", answer, waiting, f"{answer}edit/", f"{answer}said/", f"{answer}retire/",
        "playbook/answers/import/", "playbook/questions/", f"cases/{case_of('Maya').pk}/answers/",
    ):  # fmt: skip
        for colours in ("light", "dark"):
            page = seat.open(path)
            page.emulate_media(color_scheme=colours)
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
