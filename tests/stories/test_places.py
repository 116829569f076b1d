"""Two places of one brand: Lena's is shut for the night, and the account that they shared goes over to Sara's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from conftest import member
from hark.brands.models import Brand, Location
from hark.cases import actions as cases
from hark.cases.models import Case, Event
from hark.cases.regrouping import merge
from hark.channels.models import Account
from hark.clocks.models import Clock
from hark.journeys import relocation
from tests.stories.speaking import Network

pytestmark = pytest.mark.django_db
NINE_TO_FIVE = [[["09:00", "17:00"]]] * 5 + [[], []]
FRIDAY_EVENING = datetime(2026, 11, 20, 16, 50, tzinfo=UTC)  # Lisbon is on UTC in November


@pytest.fixture
def lisbon(ternway: Brand) -> Location:
    return Location.objects.create(brand=ternway, name="Lisbon", hours=NINE_TO_FIVE)


@pytest.fixture
def bergen(ternway: Brand) -> Location:
    return Location.objects.create(brand=ternway, name="Bergen", time_zone="Europe/Oslo")


@pytest.fixture
def lena(ternway, lisbon):
    found = member(ternway, "Lena Costa", "agent")
    found.locations.add(lisbon)
    return found


@pytest.fixture
def sara(ternway, bergen):
    found = member(ternway, "Sara Lie", "agent")
    found.locations.add(bergen)
    return found


@pytest.fixture
def at_lisbon(practice: Network, lisbon) -> Network:
    Account.objects.update(location=lisbon)
    return practice


def test_a_goal_counts_the_hours_of_the_place(at_lisbon, tomas, ternway):
    at_lisbon.says("maya", "@ternway my bag!", at=FRIDAY_EVENING.isoformat())
    case, clock = Case.objects.get(), Clock.objects.get()
    monday = datetime(2026, 11, 23, 9, 20, tzinfo=UTC)  # thirty minutes: ten on Friday, twenty on Monday
    assert (case.due_at, case.hurts_at, clock.due_at) == (monday, monday, monday)
    page = Client()
    page.force_login(tomas.user)
    assert "within 30 minutes of the hours of Lisbon" in page.get(f"/b/ternway/cases/{case.pk}/").text

    cases.set_priority(case, Case.Priority.HIGH, by=tomas)
    assert case.hurts_at == monday - timedelta(minutes=15)
    cases.set_priority(case, Case.Priority.URGENT, by=tomas)
    assert case.hurts_at == FRIDAY_EVENING


def test_an_earlier_message_that_comes_late_moves_the_goal_in_those_hours(at_lisbon):
    at_lisbon.says("maya", "@ternway and another thing", at=FRIDAY_EVENING.isoformat())
    at_lisbon.says("maya", "@ternway my bag!", at=(FRIDAY_EVENING - timedelta(minutes=15)).isoformat())
    due = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
    assert (Case.objects.get().due_at, Clock.objects.get().due_at) == (due, due)


def test_a_customer_who_writes_again_waits_in_those_hours_too(at_lisbon, tomas):
    at_lisbon.says("maya", "@ternway my bag!", at=(FRIDAY_EVENING - timedelta(hours=3)).isoformat())
    Case.objects.update(
        first_reply_at=FRIDAY_EVENING - timedelta(hours=2), state=Case.State.ANSWERED, due_at=None
    )
    at_lisbon.says("maya", "@ternway hello?", at=FRIDAY_EVENING.isoformat())
    assert Case.objects.get().hurts_at == datetime(2026, 11, 23, 9, 20, tzinfo=UTC)


def test_the_cases_of_an_account_go_where_it_goes(
    at_lisbon, practice, lisbon, bergen, ines, lena, sara, tomas, ruth
):
    at_lisbon.says("maya", "@ternway my bag!", at=FRIDAY_EVENING.isoformat())
    at_lisbon.says("ola", "@ternway all is well now", at=FRIDAY_EVENING.isoformat())
    open_one, closed = Case.objects.order_by("pk")
    Case.objects.filter(pk=closed.pk).update(state=Case.State.CLOSED, due_at=None)
    cases.assign(open_one, lena, by=ines)
    assert list(Case.objects.visible_to(lena).order_by("pk")) == [open_one, closed]
    assert not Case.objects.visible_to(sara).exists()

    page = Client()
    page.force_login(ines.user)
    path = f"/b/ternway/settings/accounts/{practice.account.pk}/location/"
    said = page.post(path, {"location": bergen.pk}, follow=True).text
    assert "2 cases went along." in said

    assert not Case.objects.visible_to(lena).exists()
    assert list(Case.objects.visible_to(sara).order_by("pk")) == [open_one, closed]
    assert Case.objects.visible_to(tomas).count() == 2  # belongs to no place, and sees them all
    assert not Case.objects.visible_to(ruth).exists()
    open_one.refresh_from_db()
    assert open_one.assignee is None
    assert open_one.due_at == FRIDAY_EVENING + timedelta(minutes=30)  # nobody knows Bergen's hours
    assert Clock.objects.get(case=open_one).due_at == open_one.due_at
    kinds = open_one.events.values_list("kind", flat=True)
    assert {Event.Kind.LOCATED, Event.Kind.UNASSIGNED} <= set(kinds)
    assert not closed.events.filter(kind=Event.Kind.LOCATED).exists()
    assert "put the case into Bergen" in page_of(tomas, f"/b/ternway/cases/{open_one.pk}/history/")
    assert page_of(lena, f"/b/ternway/cases/{open_one.pk}/") == "404"

    at_lisbon.says("maya", "@ternway and now?")
    assert Case.objects.get(person=open_one.person).location == bergen
    assert "0 cases" not in page.post(path, {"location": bergen.pk}, follow=True).text  # it is there already


def page_of(who, path: str) -> str:
    client = Client()
    client.force_login(who.user)
    answer = client.get(path)
    return answer.text if answer.status_code == 200 else str(answer.status_code)


def test_what_was_merged_away_goes_along_and_what_began_elsewhere_stays(
    at_lisbon, lisbon, bergen, ines, lena, sara
):
    at_lisbon.says("maya", "@ternway my bag!")
    at_lisbon.says("ola", "@ternway mine too")
    into, source = Case.objects.order_by("pk")
    merge(source, into=into, by=ines)
    other = Account.objects.get()
    other.pk, other.external_id, other.hook_key = None, "elsewhere", "another-key"
    other.save()
    elsewhere = Network(other)
    elsewhere.says("rui", "@ternway hello")
    relocation.relocate(at_lisbon.account, bergen, by=ines)
    assert set(Case.objects.visible_to(sara)) == {into, source}
    assert Case.objects.visible_to(lena).get().person.name.startswith("Rui")

    relocation.relocate(at_lisbon.account, None, by=ines)
    assert not Case.objects.visible_to(sara).exists()
    assert Case.objects.visible_to(ines).count() == 3
    assert Case.objects.get(pk=into.pk).hurts_at <= timezone.now() + timedelta(minutes=30)
