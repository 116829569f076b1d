"""How a brand sounds: written down once, heard by the coach from then on."""

import pytest

from conftest import member
from hark.brands.permissions import Role
from hark.cases.models import Event
from hark.cases.tests.pages import Pages, only_case
from hark.channels.base import Receipt
from hark.channels.networks.practice.adapter import Practice
from hark.journeys import policy
from hark.journeys import reply as journey
from hark.journeys.coaching import Held
from hark.playbook import actions
from hark.playbook.content import Block, Content, Fact, Value
from hark.replies.models import Reply

from .test_coach_pages import BAD, coach

VOICE = {
    "avoid": "guys\n\n guys ", "prefer": "ticket → case\nfolks -> people", "stock": "we value your business", "exclamations": "1",
    "sign_off": "^AB", "link_domains": "https://ternway.example/help\nwww.ternway.example", "near_copy_percent": "100",
    "known_issues": "Belt in hall B breaks pushchairs",
}  # fmt: skip


@pytest.fixture
def mara(ternway):
    return member(ternway, "Mara Lund", "manager")


@pytest.fixture
def case(practice):
    practice.says("maya", "Your belt broke my pushchair, I am furious")
    return only_case()


def test_a_manager_writes_it_down_and_the_coach_goes_by_it(case, mara, tomas, ternway):
    page = Pages(mara)
    assert page.post("settings/voice/", **VOICE).status_code == 302
    ternway.refresh_from_db()
    assert ternway.voice["avoid"] == ["guys"]
    assert ternway.voice["prefer"] == [["ticket", "case"], ["folks", "people"]]
    assert ternway.voice["link_domains"] == ["ternway.example"]
    assert "folks → people" in page.reads("settings/voice/")

    said = coach(
        Pages(tomas), case, "Hi guys! We value your business! Read https://x.example 👍"
    ).content.decode()
    for words in ("does not say “guys”", "without emoji", "list of canned ones", "x.example is not among"):
        assert words in said
    assert "signs with “^TO”" in coach(Pages(tomas), case, "Your belt, Maya?").content.decode()
    assert "signs with" not in coach(Pages(tomas), case, "Your belt, Maya? ^TO").content.decode()


def test_a_verified_known_issue_may_be_admitted_and_nothing_else(case, mara, tomas, practice):
    Pages(mara).post("settings/voice/", **VOICE)
    words = coach(Pages(tomas), case, "It was our mistake, Maya.").content.decode()
    assert "coach__finding--hold" not in words
    practice.says("omar", "You lost my suitcase")
    other = type(case).objects.exclude(pk=case.pk).get()
    assert "coach__finding--hold" in coach(Pages(tomas), other, "It was our mistake, Omar.").content.decode()


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("prefer", "ticket"), ("prefer", "a → b → c"), ("link_domains", "not a site"), ("near_copy_percent", ""),
        ("near_copy_percent", "5"),
        ("avoid", "x" * 121), ("stock", "\n".join(map(str, range(201)))), ("exclamations", "-1"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_and_kept_on_the_page(mara, ternway, field, words):
    answer = Pages(mara).post("settings/voice/", **{**VOICE, field: words})
    assert answer.status_code == 422
    assert words[:120] in answer.content.decode()
    ternway.refresh_from_db()
    assert ternway.voice == {}


def test_only_who_sets_the_rules_may(tomas):
    assert Pages(tomas).get("settings/voice/").status_code == 403
    assert Pages(tomas).post("settings/voice/", **VOICE).status_code == 403


def test_a_threshold_of_the_brand_decides_what_is_a_copy(case, practice, mara, tomas, ternway):
    text = "Hi Maya, the desk in hall B has one ready for you until ten tonight, just show them your name."
    journey.queue(case, by=tomas, private=False, text=text, seen_version=case.version)
    practice.says("omar", "Mine came off broken too")
    other = type(case).objects.exclude(pk=case.pk).get()
    near = text.replace("Maya", "Omar").replace("your name", "this")
    assert "the same as a reply" in coach(Pages(tomas), other, near).content.decode()
    Pages(mara).post("settings/voice/", **VOICE)
    assert "the same as a reply" not in coach(Pages(tomas), other, near).content.decode()


def test_the_customers_details_are_not_said_back_in_public(case, practice, tomas, ines):
    practice.says("maya", "Call me on 020 7946 0958")
    case.refresh_from_db()
    draft = "Maya, we'll ring 0207 946 0958 tonight."
    assert "Their phone number would stand in public" in coach(Pages(tomas), case, draft).content.decode()
    with pytest.raises(Held):
        journey.queue(case, by=tomas, private=False, text=draft, seen_version=case.version)
    assert not Reply.objects.exists()


def test_an_old_value_of_the_answer_of_record_is_pointed_at_and_mended_in_one_press(
    case, mara, tomas, ternway
):
    def content(hour: str) -> Content:
        return Content(
            title="Loan pushchair at the airport", about="When the belt broke one.", wordings=("Belt broke my pushchair",),
            blocks=(Block("own", "Open with what happened."), Block("any", "A loan pushchair is ready until {closing time}.")),
            facts=(Fact("closing time", (Value(hour),)),),
        )  # fmt: skip

    first = actions.write(ternway, content("22:00"), by=mara, subject="Baggage")
    policy.approve(first, by=mara)
    policy.approve(
        actions.write(ternway, content("20:00"), by=mara, answer=first.answer, based_on=1), by=mara
    )
    draft = "Maya, a loan pushchair is ready until 22:00."
    assert "is not what “Loan pushchair" in coach(Pages(tomas), case, draft).content.decode()
    assert "until 20:00" in coach(Pages(tomas), case, draft, repair="contradiction").content.decode()


def test_a_promise_in_the_draft_is_one_press_from_being_kept_track_of(case, tomas):
    words = coach(Pages(tomas), case, "Maya, I'll call you by Friday 10:00.").content.decode()
    assert "You promise: “I&#x27;ll call you by Friday 10:00”" in words
    assert f"/cases/{case.pk}/promise/?words=I%27ll%20call%20you%20by%20Friday%2010%3A00" in words


def test_a_held_correction_goes_with_a_reason_of_who_may_and_with_none_of_who_may_not(
    case, tomas, ines, monkeypatch
):
    monkeypatch.setattr(Practice, "send", lambda self, connection, reply: Receipt(f"out-{reply.key}"))
    monkeypatch.setattr(
        Practice, "edit", lambda self, connection, external_id, text, facts: Receipt(external_id)
    )
    ines.roles = [Role.LEAD]
    ines.save()
    journey.queue(case, by=tomas, private=False, text="Hi Maya, we are on it.", seen_version=case.version)
    Reply.objects.update(due_at=case.opened_at)
    journey.deliver()
    path = f"messages/{Reply.objects.get().message_id}/correct/"

    assert "why_held" not in Pages(ines).reads(path)  # nothing is held yet
    held = Pages(tomas).post(path, text=BAD, why_held="I know better")
    assert held.status_code == 422
    assert "why_held" not in held.content.decode()
    assert "why_held" in Pages(ines).post(path, text=BAD).content.decode()
    assert Pages(ines).post(path, text=BAD, why_held="Legal has verified it").status_code == 302
    assert Event.objects.get(kind=Event.Kind.COACH_OVERRIDDEN).why == "Legal has verified it"
