"""The same question gets the same answer, in words of one's own; and a question nobody can answer is asked, once for all."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import member
from hark.brands.models import Brand, Location
from hark.cases.models import Case
from hark.cases.tests.pages import Pages
from hark.channels.networks.practice.models import Post
from hark.journeys import closing, policy, reply
from hark.playbook import actions, uses
from hark.playbook.content import Block, Content, Fact, Value
from hark.playbook.known import contradictions, facts_for
from hark.playbook.models import Answer, Gap, Use, Waiting
from hark.playbook.precedents import earlier
from hark.playbook.suggesting import suggest
from hark.replies.actions import draft_of, withdraw
from hark.replies.models import Reply
from hark.web.problems import NotPossible

pytestmark = pytest.mark.django_db

PUSHCHAIR = Content(
    title="Loan pushchair at the airport",
    wordings=("Can I borrow a pushchair while mine is repaired?",),
    blocks=(
        Block("own", "Open with what happened to this person."),
        Block(
            "any",
            "A loan pushchair is free for as long as the repair takes. The desk is open until {closing time}.",
        ),
        Block("private", "If you hired one meanwhile, we pay up to {limit} today without any forms."),
    ),
    facts=(
        Fact("closing time", (Value("22:00"), Value("23:30", location=None, lang="pt"))),
        Fact("limit", (Value("€80"),)),
    ),
)
OWN = "Maya, what a landing, with a one-year-old on your arm! "


@pytest.fixture
def mara(ternway):
    return member(ternway, "Mara Lund", "manager")


@pytest.fixture
def pushchair(ternway, mara):
    version = actions.write(ternway, PUSHCHAIR, by=mara)
    policy.approve(version, by=mara)
    return Answer.objects.get(pk=version.answer_id)


@pytest.fixture
def maya(practice):
    Brand.objects.update(undo_seconds=0)
    practice.says("maya", "@ternway the frame is broken, did you mean it about a loan pushchair?")
    return Case.objects.get(person__name="Maya")


def say(case, by, text, **more):
    case.refresh_from_db()
    rows = reply.queue(case, by=by, text=text, **{"private": False, "seen_version": case.version, **more})
    while reply.deliver():
        pass
    return rows


def change(answer, by, **facts):
    """The policy changes in one place."""
    answer.refresh_from_db()
    old = answer.current.content
    new = tuple(Fact(f.name, (Value(facts[f.name]),)) if f.name in facts else f for f in old.facts)
    version = actions.write(
        answer.brand, replace(old, facts=new), by=by, answer=answer, based_on=answer.versions.first().number
    )
    policy.approve(version, by=by)


def ledger():
    return [post.text for post in Post.objects.filter(persona=None).order_by("id")]


def test_the_right_answer_is_proposed_as_the_message_arrives(pushchair, maya, ternway, mara):
    other = Content(
        "Wifi on board", blocks=(Block("own", "Warm."), Block("any", "Wifi is free on every flight."))
    )
    policy.approve(actions.write(ternway, other, by=mara), by=mara)

    assert [hit.answer for hit in suggest(ternway.pk, maya.messages.get().text)] == [pushchair.pk]
    assert [hit.answer for hit in suggest(ternway.pk, "any chance of borrowed pushchairs?")] == [pushchair.pk]
    assert suggest(ternway.pk, "thank you so much, you are the best") == []
    actions.retire(pushchair, by=mara, why="No more loans")
    assert suggest(ternway.pk, maya.messages.get().text) == []


def test_approved_words_alone_never_leave(pushchair, maya, tomas):
    text = uses.put_in(pushchair, maya, by=tomas, private=False)
    assert text == (
        "⟦Open with what happened to this person.⟧\n"
        "A loan pushchair is free for as long as the repair takes. The desk is open until 22:00."
    )
    fixed = text.split("\n")[1]
    for unedited in (text, fixed, f"Hi Maya. {fixed}", fixed.upper(), f"Maya: {fixed.split('. ')[0]}."):
        with pytest.raises(NotPossible, match=r"own words|Add your own"):
            say(maya, tomas, unedited)
    assert ledger() == []

    say(maya, tomas, OWN + fixed)
    assert ledger() == [OWN + fixed]
    use = Use.objects.get()
    assert (use.answer, use.reply.author, use.facts) == (
        pushchair,
        tomas,
        [{"name": "closing time", "value": "22:00"}],
    )


def test_pasted_from_elsewhere_the_floor_holds_too_and_the_use_is_known(pushchair, maya, tomas):
    fixed = "A loan pushchair is free for as long as the repair takes."
    with pytest.raises(NotPossible, match="Add your own"):
        say(maya, tomas, fixed)
    say(maya, tomas, OWN + fixed)
    assert Use.objects.get().answer == pushchair


def test_what_is_for_private_stays_out_of_public(pushchair, maya, tomas, practice):
    assert "€80" not in uses.put_in(pushchair, maya, by=tomas, private=False)
    private = uses.put_in(pushchair, maya, by=tomas, private=True).split("\n")[2]
    with pytest.raises(NotPossible, match="private messages alone"):
        say(maya, tomas, OWN + private)
    practice.says("maya", "Here, in private", private=True, thread="dm")
    say(maya, tomas, OWN + private, private=True)
    assert Use.objects.get(reply__isnull=False).facts == [{"name": "limit", "value": "€80"}]


def test_an_answer_that_has_ended_is_not_said(pushchair, maya, tomas):
    fixed = uses.put_in(pushchair, maya, by=tomas, private=False).split("\n")[1]
    Answer.objects.update(valid_until=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotPossible, match="does not hold any more"):
        say(maya, tomas, OWN + fixed)
    pushchair.refresh_from_db()
    with pytest.raises(NotPossible, match="does not hold today"):
        uses.put_in(pushchair, maya, by=tomas, private=False)


def test_facts_follow_the_place_the_language_and_the_season(pushchair, maya, ternway, mara, tomas):
    bergen = Location.objects.create(brand=ternway, name="Bergen")
    today = timezone.localdate().strftime("%m-%d")
    values = (
        Value("22:00"),
        Value("20:00", location=bergen.pk),
        Value("19:00", location=bergen.pk, starts=today, ends=today),
    )
    content = replace(PUSHCHAIR, facts=(Fact("closing time", values), PUSHCHAIR.facts[1]))
    version = actions.write(ternway, content, by=mara, answer=pushchair, based_on=1)
    policy.approve(version, by=mara)
    pushchair.refresh_from_db()

    assert "until 22:00" in uses.put_in(pushchair, maya, by=tomas, private=False)
    maya.location = bergen
    maya.save()
    assert "until 19:00" in uses.put_in(pushchair, maya, by=tomas, private=False)


def test_a_changed_fact_shows_where_it_was_said_and_flags_the_next_draft(pushchair, maya, tomas, mara, ruth):
    fixed = uses.put_in(pushchair, maya, by=tomas, private=False).split("\n")[1]
    [row] = say(maya, tomas, OWN + fixed)
    week_ago = timezone.now() - timedelta(days=7)
    assert uses.stale(pushchair, tomas, week_ago) == []

    change(pushchair, mara, **{"closing time": "20:00"})
    pushchair.refresh_from_db()
    [place] = uses.stale(pushchair, tomas, week_ago)
    assert (place.use.reply, place.said, place.now, place.told_since) == (row, "22:00", "20:00", False)
    assert uses.stale(pushchair, ruth, week_ago) == []
    assert uses.stale(pushchair, tomas, timezone.now() + timedelta(seconds=1)) == []
    page = Pages(tomas).reads(f"playbook/answers/{pushchair.pk}/said/", days=7)
    assert "closing time 22:00 → 20:00" in page

    facts = facts_for(maya, "")
    [found] = contradictions("Come to the desk, it is open until 22:00.", facts)
    assert (found.fact.name, found.said, found.fact.value) == ("closing time", "22:00", "20:00")
    assert found.fact.text == "The desk is open until 20:00."
    assert {"closing", "pushchair"} <= {*found.fact.topics}
    assert contradictions("It is not 22:00 but 20:00, sorry.", facts) == []

    say(maya, tomas, "Maya, I told you something old a minute ago. The desk is open until 20:00.")
    assert [one.told_since for one in uses.stale(pushchair, tomas, week_ago)] == [True]


def test_an_old_fact_in_free_words_is_found_too(pushchair, maya, tomas, mara):
    say(maya, tomas, "Maya, for the pushchair you hired we pay 80 euros, I promise, come by.")
    change(pushchair, mara, limit="€150")
    pushchair.refresh_from_db()
    [found] = uses.said_freely(pushchair, tomas, timezone.now() - timedelta(days=7))
    assert (found.message.case, found.name, found.said) == (maya, "limit", "€80")


def test_what_others_were_told_stands_beside(maya, tomas, practice, ruth):
    say(maya, tomas, "Maya, yes: a loan pushchair waits at the desk in hall B, free until yours is repaired.")
    closing.close_silently(maya, by=tomas, reason="Settled in public")
    practice.says("omar", "hello, my pushchair frame is broken, is there a loan for me?")
    message = Case.objects.get(person__name="Omar").messages.get()

    [found] = earlier(tomas, message)
    assert (found.told.case, found.told.member) == (maya, tomas)
    assert earlier(ruth, message) == []
    assert "waits at the desk in hall B" in Pages(tomas).reads(f"cases/{message.case_id}/answers/")


def test_a_short_thank_you_does_not_take_the_answer_away(pushchair, maya, tomas, practice):
    practice.says("maya", "Oh thank goodness, a person.", parent=maya.messages.get().external_id)
    assert maya.messages.count() == 2
    page = Pages(tomas).reads(f"cases/{maya.pk}/answers/")
    assert pushchair.title in page
    assert "For “" in page


def test_an_answer_counts_what_became_of_it(pushchair, maya, tomas):
    fixed = uses.put_in(pushchair, maya, by=tomas, private=False).split("\n")[1]
    say(maya, tomas, OWN + fixed)
    closing.close_silently(maya, by=tomas, reason="Settled in public")
    page = Pages(tomas).reads(f"playbook/answers/{pushchair.pk}/")
    assert "Used once, by one of you" in page
    assert "100 of 100 cases" in page
    assert "How it sounded when it went well" in page


def test_taken_back_and_sent_again_it_is_one_use_of_what_left(pushchair, maya, tomas):
    Brand.objects.update(undo_seconds=60)
    fixed = uses.put_in(pushchair, maya, by=tomas, private=False).split("\n")[1]
    maya.refresh_from_db()
    press = uuid.uuid4()
    for _twice in range(2):
        [row] = reply.queue(
            maya, by=tomas, private=False, text=OWN + fixed, seen_version=maya.version, press=press
        )
    assert Use.objects.count() == 1
    withdraw(row, by=tomas)
    Brand.objects.update(undo_seconds=0)
    say(maya, tomas, OWN + fixed)
    assert Use.objects.filter(reply__state=Reply.State.SENT).count() == 1


# A question without an answer ------------------------------------------------------------------------


def ask(case, by, asked, **more):
    given = {
        "question": "May the loan fly home with me?",
        "due_at": timezone.now() + timedelta(hours=4),
        "press": uuid.uuid4(),
    }
    return policy.ask(case, by=by, asked=asked, **{**given, **more})


def test_a_gap_is_asked_held_answered_to_everybody_and_becomes_the_answer(maya, tomas, mara, practice):
    practice.says("omar", "can the loan pushchair fly home with me?")
    omar = Case.objects.get(person__name="Omar")
    gap = ask(maya, tomas, mara)
    policy.join(gap, omar, by=tomas)
    policy.join(gap, omar, by=tomas)

    holding = draft_of(maya, tomas, False)
    assert "asking the people who decide" in holding
    with pytest.raises(NotPossible, match="your own words"):
        say(maya, tomas, holding)
    say(maya, tomas, "You’d like to take it home on Sunday, Maya." + holding.split("⟧")[1])
    maya.refresh_from_db()
    assert maya.state == Case.State.ANSWERED

    policy.answer(
        gap,
        by=mara,
        text="The loan may fly home with you and comes back within two weeks.",
        own="Open warmly.",
    )
    maya.refresh_from_db()
    assert maya.state == Case.State.WAITING
    assert len(ledger()) == 1  # Hark has sent nothing by itself
    own = {maya: "you have a quiet flight home ahead", omar: "and your daughter need not wait for it"}
    for case in (maya, omar):
        draft = draft_of(case, tomas, False)
        assert "may fly home with you" in draft
        with pytest.raises(NotPossible, match="your own words"):
            say(case, tomas, draft)
        say(
            case,
            tomas,
            f"Good news, {case.person.name}, {own[case]}. " + draft.rsplit("⟧")[-1].strip(),
        )
    assert set(Waiting.objects.values_list("reply__state", flat=True)) == {Reply.State.SENT}
    assert len(ledger()) == 3
    assert [hit.answer for hit in suggest(maya.brand_id, "will the loan fly home with us?")] == [
        gap.answer_id or Gap.objects.get().answer_id
    ]


def test_a_partner_answers_and_somebody_with_the_right_approves(maya, tomas, pia, mara, ines, mailoutbox):
    gap = ask(maya, tomas, pia)
    page = Pages(pia)
    assert page.get("playbook/answers/").status_code == 403
    assert "May the loan fly home" in page.reads("playbook/questions/")
    answered = page.post(
        f"playbook/questions/{gap.pk}/", text="It may fly home with you for two weeks.", own="Open warmly."
    )
    assert answered.status_code == 302
    assert "may fly home" not in draft_of(maya, tomas, False)

    version = Answer.objects.get().versions.get()
    assert Pages(ines).post(f"playbook/versions/{version.pk}/approve/").status_code == 403
    for _twice in range(2):
        Pages(mara).post(f"playbook/versions/{version.pk}/approve/")
    assert draft_of(maya, tomas, False).count("may fly home") == 1


def test_nothing_of_a_gap_happens_twice(maya, tomas, mara, ines):
    press = uuid.uuid4()
    gap = ask(maya, tomas, mara, press=press)
    assert ask(maya, tomas, mara, press=press) == gap
    assert (Gap.objects.count(), Waiting.objects.count(), maya.notes.count()) == (1, 1, 1)

    policy.answer(gap, by=mara, text="It may fly home with you for two weeks.", own="Open warmly.")
    with pytest.raises(NotPossible, match="Mara Lund has answered already"):
        policy.answer(gap, by=mara, text="It may not.", own="Open warmly.")
    with pytest.raises(NotPossible, match="answered meanwhile"):
        policy.join(gap, maya, by=tomas)
    assert Answer.objects.count() == 1
    assert draft_of(maya, tomas, False).count("may fly home") == 1
