"""Places of business: Lena works in Lisbon and sees Lisbon's cases, whatever her role; the others see them all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from conftest import member
from hark.brands import hours
from hark.brands.models import Brand, Location, Member
from hark.cases.models import Case
from hark.cases.reviews import by_place
from hark.channels import actions, intake
from hark.channels.base import Envelope
from hark.channels.models import Account
from hark.channels.shapes import encoded
from hark.customers.models import Person
from hark.journeys import arrival

pytestmark = pytest.mark.django_db
ACCOUNT = "accounts/1/locations/{}"
STARS = ["ONE", "TWO", "THREE", "FOUR", "FIVE"]


@pytest.fixture
def lisbon(ternway: Brand) -> Account:
    return place(ternway, "Lisbon")


@pytest.fixture
def porto(ternway: Brand) -> Account:
    return place(ternway, "Porto")


@pytest.fixture
def lena(ternway: Brand, lisbon: Account) -> Member:
    found = member(ternway, "Lena Costa", "agent")
    found.locations.add(lisbon.location)
    return found


def place(brand: Brand, name: str) -> Account:
    fields = {"external_id": ACCOUNT.format(name), "handle": f"Ternway {name}", "location": name}
    return actions.connect(brand, "google_business", fields)


def review(account: Account, own: str, stars: int, words: str, answer: str = "") -> Case:
    at = timezone.now().isoformat()
    told = {
        "name": f"{account.external_id}/reviews/{own}", "reviewer": {"displayName": own}, "starRating": STARS[stars - 1],
        "comment": words, "createTime": at, "updateTime": at,
    }  # fmt: skip
    if answer:
        told["reviewReply"] = {"comment": answer, "updateTime": at}
    intake.append(account, [Envelope(own, encoded(told))])
    while arrival.work():
        pass
    return Case.objects.get(messages__external_id=told["name"], messages__outbound=False)


def page(who: Member, path: str) -> str:
    client = Client()
    client.force_login(who.user)
    answer = client.get(f"/b/ternway/{path}")
    return answer.text if answer.status_code == 200 else str(answer.status_code)


def test_a_review_is_of_its_place_and_only_its_people_see_it(lisbon, porto, lena, tomas, ines):
    here, there = review(lisbon, "Rita", 2, "cold coffee here"), review(porto, "Sam", 1, "long wait there")
    assert (here.location, there.location) == (lisbon.location, porto.location)
    assert set(Case.objects.visible_to(tomas)) == {here, there}
    assert list(Case.objects.visible_to(lena)) == [here]

    queue = page(lena, "queue/")
    assert "cold coffee" in queue
    assert "long wait" not in queue
    assert page(lena, f"cases/{there.pk}/") == "404"
    assert "long wait" not in page(lena, "search/?q=wait")
    assert "Sam" not in page(lena, "people/")
    assert page(lena, f"people/{there.person_id}/") == "404"
    assert not Person.objects.visible_to(lena).exists()
    assert "Ternway Porto" not in page(lena, "settings/channels/")
    assert "Porto" not in page(lena, "queue/reviews/")

    there.assignee = lena  # what is hers she sees, wherever it is
    there.save()
    assert set(Case.objects.visible_to(lena)) == {here, there}


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "viewer"])
@pytest.mark.parametrize("all_see_all", [True, False])
def test_the_limit_holds_for_every_role_and_setting(lisbon, porto, ternway, role, all_see_all):
    Brand.objects.update(agents_see_all=all_see_all)
    here = review(lisbon, "Rita", 2, "here")
    review(porto, "Sam", 1, "there")
    whole = place(ternway, "")
    whole.location = None
    whole.save()
    review(whole, "Ana", 3, "nowhere")
    limited = member(ternway, "Lia Reis", role)
    limited.locations.add(lisbon.location)
    assert list(Case.objects.visible_to(limited)) == [here]
    free = member(ternway, "Max Low", role)
    assert Case.objects.visible_to(free).count() == 3


def test_the_queue_is_narrowed_to_a_place(lisbon, porto, tomas):
    review(lisbon, "Rita", 2, "cold coffee here")
    review(porto, "Sam", 1, "long wait there")
    shown = page(tomas, f"queue/?view=team&location={porto.location_id}")
    assert "long wait there" in shown
    assert "cold coffee here" not in shown
    assert "<select" in shown
    assert "Lisbon" in shown


def test_reviews_by_place(lisbon, porto, tomas, ruth):
    review(lisbon, "Rita", 5, "lovely", answer="Thank you!")
    review(lisbon, "Ana", 2, "cold")
    review(porto, "Sam", 1, "slow")
    rows = by_place(tomas, timezone.now() - timedelta(days=30))
    assert [(str(one.account.location), one.count, one.average, one.low, one.unanswered) for one in rows] == [
        ("Lisbon", 2, 3.5, 1, 1),
        ("Porto", 1, 1.0, 1, 1),
    ]
    shown = page(tomas, "queue/reviews/")
    assert "3.5" in shown
    assert not by_place(ruth, timezone.now() - timedelta(days=30))


def test_an_account_is_put_into_a_place_and_what_begins_there_belongs_to_it(ternway, ines, lisbon, nordhav):
    whole = place(ternway, "")
    client = Client()
    client.force_login(ines.user)
    path = f"/b/ternway/settings/accounts/{whole.pk}/"
    assert "the whole brand" in client.get(path).text
    client.post(f"{path}location/", {"location": lisbon.location_id})
    whole.refresh_from_db()
    assert whole.location == lisbon.location
    foreign = Location.objects.create(brand=nordhav, name="Bergen")
    client.post(f"{path}location/", {"location": foreign.pk})
    whole.refresh_from_db()
    assert whole.location == lisbon.location
    assert review(whole, "Rita", 3, "hm").location == lisbon.location


def test_hours_are_typed_as_people_write_them_and_told_in_the_places_own_time(ternway, ines):
    client = Client()
    client.force_login(ines.user)
    path = "/b/ternway/settings/locations/"
    fields = {
        "name": "Funchal",
        "time_zone": "Atlantic/Madeira",
        "day0": "9:00-12:30, 14:00–18:00",
        "day4": "22.00–2.00",
    }
    assert client.post(path, fields | {"day1": "all day"}).status_code == 422
    client.post(path, fields)
    found = Location.objects.get(name="Funchal")
    assert found.hours[0] == [["09:00", "12:30"], ["14:00", "18:00"]]
    assert "22:00–02:00" in client.get(f"{path}{found.pk}/").text

    def told(day: int, hour: int, minute: int = 0) -> str:
        return hours.told(found.hours, "UTC", datetime(2026, 11, day, hour, minute, tzinfo=UTC))

    assert told(23, 10) == "open until 12:30"  # a Monday
    assert told(23, 13) == "closed, opens 14:00"
    assert told(24, 9) == "closed, opens Fri 22:00"
    assert told(28, 1) == "open until 02:00"  # Friday's, after midnight
    assert hours.told([], "UTC", timezone.now()) == ""
