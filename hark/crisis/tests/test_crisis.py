"""A crisis: declared by a lead, seen by everybody, and no approved text leaves as it is until it is over."""

import pytest

from hark.brands.permissions import Role
from hark.cases.models import Case, Event
from hark.cases.tests.pages import Pages, only_case
from hark.crisis import actions
from hark.crisis.models import Incident
from hark.journeys import reply as journey
from hark.journeys.coaching import Held
from hark.playbook import actions as playbook
from hark.playbook.content import Block, Content, Fact, Value
from hark.replies.models import Reply
from hark.replies.tests.test_coach_pages import coach
from hark.web.problems import NotPossible

ISSUE = "Lifts in hall B out of order"
FIXED = "The lifts in hall B have been out of order since Friday. Staff at {entrance} carry pushchairs and walk with you."
SAID = FIXED.format(entrance="both entrances")
GREETED = f"Hi Maya, we are so sorry to hear that. {SAID} Thank you for your patience!"
OWN = f"Hi Maya, four flights with a pushchair and a newborn: what a start. {SAID} Ana at the north entrance knows that you come."


@pytest.fixture
def case(practice, ternway, ines):
    ternway.voice = {"known_issues": [ISSUE]}
    ternway.save()
    ines.roles = [Role.MANAGER]
    ines.save()
    content = Content(
        title="Lifts in hall B",
        blocks=(Block("own", "how it is for them"), Block("any", FIXED)),
        facts=(Fact("entrance", (Value("both entrances"),)),),
    )
    playbook.approve(playbook.write(ternway, content, by=ines), by=ines)
    practice.says("maya", "No lifts in hall B and I am here with a pushchair, out of my mind")
    return only_case()


def send(member, case, text, **more):
    case.refresh_from_db()
    return journey.queue(case, by=member, private=False, text=text, seen_version=case.version, **more)


def test_a_greeting_around_an_approved_text_is_not_enough_once_a_crisis_is_declared(
    case, tomas, ines, ternway
):
    actions.declare(ternway, what="No lift runs in hall B", issue=ISSUE, by=ines)
    with pytest.raises(Held, match="No lift runs in hall B"):
        send(tomas, case, GREETED)
    assert send(tomas, case, OWN)


def test_without_a_crisis_it_leaves_and_after_its_end_as_well(case, tomas, ines, ternway):
    incident = actions.declare(ternway, what="No lift runs in hall B", by=ines)
    with pytest.raises(Held):
        send(tomas, case, GREETED)
    assert actions.end(incident, outcome="They run again", by=ines)
    assert send(tomas, case, GREETED)


def test_the_coach_says_so_while_somebody_types_and_praises_words_of_ones_own(case, tomas, ines, ternway):
    actions.declare(ternway, what="No lift runs in hall B", issue=ISSUE, by=ines)
    said = [coach(Pages(tomas), case, text).content.decode() for text in (GREETED, OWN)]
    assert "in a crisis no approved text leaves as it is" in said[0]
    assert "Own words, in a crisis" in said[1]


def test_whoever_has_the_right_sends_it_all_the_same_with_a_reason_on_record(case, tomas, ines, ternway):
    actions.declare(ternway, what="No lift runs in hall B", by=ines)
    with pytest.raises(NotPossible, match="Ask a lead"):
        send(tomas, case, GREETED, why_held="I want to")
    assert send(ines, case, GREETED, why_held="She asked for exactly this")
    event = Event.objects.get(kind=Event.Kind.COACH_OVERRIDDEN)
    assert (event.member, event.why, event.detail["checks"]) == (
        ines,
        "She asked for exactly this",
        ["crisis"],
    )


def test_the_bare_text_leaves_by_no_way_at_all_crisis_or_not(case, ines, ternway):
    with pytest.raises(NotPossible, match="Approved words alone"):
        send(ines, case, SAID)
    actions.declare(ternway, what="No lift runs in hall B", by=ines)
    with pytest.raises(NotPossible, match="Approved words alone"):
        send(ines, case, SAID, why_held="Quick")
    assert not Reply.objects.exists()


def test_a_crisis_of_an_issue_touches_those_who_speak_of_it_and_no_others(
    case, practice, tomas, ines, ternway
):
    actions.declare(ternway, what="No lift runs in hall B", issue=ISSUE, by=ines)
    practice.says("omar", "Where do I find the lost property office?")
    other = Case.objects.exclude(pk=case.pk).get()
    assert send(tomas, other, GREETED.replace("Maya", "Omar"))


def test_a_lead_declares_and_ends_it_everybody_sees_it_and_the_history_keeps_both_names(
    case, ines, tomas, vera
):
    ines.roles = [Role.LEAD]
    ines.save()
    lead = Pages(ines)
    assert "No crisis yet." in lead.reads("crises/")
    assert lead.post("crises/", what="  ").status_code == 422
    assert lead.post("crises/", what="Fire", issue="none of ours").status_code == 422
    for _press in range(2):
        assert lead.post("crises/", what="No lift runs in hall B", issue=ISSUE).status_code == 302
    incident = Incident.objects.get()
    for somebody in (tomas, vera):
        assert "Crisis: No lift runs in hall B" in Pages(somebody).reads("queue/")
        assert "Crisis: No lift runs in hall B" in Pages(somebody).reads("crises/banner/")
        assert Pages(somebody).get("crises/").status_code == 403
        assert Pages(somebody).post("crises/", what="x").status_code == 403
        assert Pages(somebody).post(f"crises/{incident.pk}/end/").status_code == 403
    assert lead.post(f"crises/{incident.pk}/end/", outcome="Both run again").status_code == 302
    assert lead.post(f"crises/{incident.pk}/end/", outcome="Second press").status_code == 302
    assert "No lift runs" not in Pages(tomas).reads("queue/")
    page = lead.reads("crises/")
    assert "Both run again" in page
    assert "Second press" not in page
    assert page.count("Ines Faria") >= 2


def test_only_a_lead_or_manager_of_the_brand_may_and_two_ends_are_one(case, ternway, ines, tomas, ruth):
    for stranger in (tomas, ruth):
        with pytest.raises(NotPossible, match="Your role"):
            actions.declare(ternway, what="Fire", by=stranger)
    incident = actions.declare(ternway, what="Fire", by=ines)
    with pytest.raises(NotPossible, match="Your role"):
        actions.end(incident, by=ruth)
    assert [actions.end(incident, by=ines), actions.end(incident, by=ines)] == [True, False]
