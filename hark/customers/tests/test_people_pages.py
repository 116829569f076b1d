"""People, and how two of them turn out to be one."""

import pytest

from hark.cases import actions
from hark.cases.models import Case
from hark.cases.tests.pages import Pages
from hark.customers import merging
from hark.customers.models import Merge, Person, Profile
from hark.web.problems import NotPossible


@pytest.fixture
def maya(practice):
    practice.says("maya", "My pushchair is broken")
    return Person.objects.get()


def twin(maya: Person) -> Person:
    """The same handle, on another network."""
    other = Person.objects.create(brand=maya.brand, name="M. Lindqvist")
    Profile.objects.create(
        brand=maya.brand, person=other, channel="bluesky", external_id="did:plc:1", handle="@Maya.example"
    )
    return other


def test_people_are_found_by_the_beginning_of_a_name_or_handle(practice, tomas):
    practice.says("maya", "One")
    practice.says("ruud", "Two")
    pages = Pages(tomas)
    assert "Maya" in pages.reads("people/")
    assert "Ruud" not in pages.reads("people/", q="may")
    assert "Maya" in pages.reads("people/", q="MAYA.exam")
    assert "Nobody by that name" in pages.reads("people/", q="xyz' OR 1=1 & | ! :* \\")


def test_the_list_goes_on_by_key(ternway, tomas):
    Person.objects.bulk_create(Person(brand=ternway, name=f"Person {n:03d}") for n in range(50))
    pages = Pages(tomas)
    first = pages.get("people/")
    second = pages.reads("people/", before=first.context["next"])
    assert len(first.context["people"]) == 40
    assert "Person 009" in second
    assert "Person 010" not in second


def test_a_page_shows_the_person_their_profiles_and_cases(maya, tomas, django_assert_max_num_queries):
    pages = Pages(tomas)
    with django_assert_max_num_queries(15):
        page = pages.reads(f"people/{maya.pk}/")
    assert "maya.example" in page
    assert "My pushchair is broken" in page


def test_what_the_team_knows_is_changed_and_mistakes_keep_what_was_typed(maya, tomas, vera):
    pages = Pages(tomas)
    assert (
        pages.post(f"people/{maya.pk}/", name="Maya Lindqvist", about="Flies with a child").status_code == 302
    )
    maya.refresh_from_db()
    assert (maya.name, maya.about) == ("Maya Lindqvist", "Flies with a child")
    refused = pages.post(f"people/{maya.pk}/", name="x" * 300, about="kept words")
    assert refused.status_code == 422
    assert "kept words" in refused.content.decode()
    assert Pages(vera).post(f"people/{maya.pk}/", name="Nope", about="").status_code == 403


def test_one_person_on_two_networks_is_suggested_confirmed_and_undone(maya, tomas):
    other = twin(maya)
    pages = Pages(tomas)
    page = pages.reads(f"people/{maya.pk}/")
    assert "M. Lindqvist may be the same person. The same handle" in page

    assert "One person or two?" in pages.reads(f"people/{maya.pk}/join/{other.pk}/")
    assert pages.post(f"people/{maya.pk}/join/{other.pk}/").status_code == 302
    assert {profile.channel for profile in maya.profiles.all()} == {"practice", "bluesky"}
    assert pages.get(f"people/{other.pk}/")["Location"] == f"/b/ternway/people/{maya.pk}/"
    assert "Tomas Oliveira joined M. Lindqvist into this person" in pages.reads(f"people/{maya.pk}/")

    assert pages.post(f"people/joined/{Merge.objects.get().pk}/undo/").status_code == 302
    assert [profile.channel for profile in maya.profiles.all()] == ["practice"]
    assert [profile.channel for profile in other.profiles.all()] == ["bluesky"]


def test_cases_move_with_the_person_and_back(practice, tomas):
    practice.says("maya", "One")
    practice.says("maya.two", "Two")
    kept, gone = Person.objects.order_by("pk")
    theirs = gone.cases.get()
    row = merging.merge(gone, into=kept, by=tomas)
    assert kept.cases.count() == 2
    practice.says("maya", "Three, after joining", thread="elsewhere")
    merging.undo(row, by=tomas)
    assert gone.cases.get() == theirs
    with pytest.raises(NotPossible, match="undone already"):
        merging.undo(row, by=tomas)


def test_people_that_can_not_be_joined(maya, tomas, ruth):
    other = twin(maya)
    foreign = Person.objects.create(brand=ruth.brand, name="Maya")
    with pytest.raises(NotPossible):
        merging.merge(maya, into=maya, by=tomas)
    with pytest.raises(NotPossible):
        merging.merge(foreign, into=maya, by=tomas)
    merging.merge(other, into=maya, by=tomas)
    with pytest.raises(NotPossible):
        merging.merge(other, into=maya, by=tomas)
    assert Pages(tomas).get(f"people/{maya.pk}/join/{foreign.pk}/").status_code == 404


def test_whoever_sees_no_people_reaches_a_person_through_a_case(maya, pia, ines, ruth):
    pages = Pages(pia)
    assert pages.get("people/").status_code == 403
    assert pages.get(f"people/{maya.pk}/").status_code == 404
    actions.write_note(Case.objects.get(), "@pia have a look", by=ines)
    assert pages.get(f"people/{maya.pk}/").status_code == 200
    assert Pages(ruth).get(f"people/{maya.pk}/").status_code == 404
    assert Pages(ruth, "nordhav").get(f"people/{maya.pk}/").status_code == 404
