"""Brands, and the seats in them."""

import pytest

from hark.brands import actions
from hark.brands.actions import NotPossible
from hark.brands.models import Member, User


def test_a_brand_gets_an_address_of_its_own_and_an_owner_who_may_run_it(db):
    mia = actions.add_user("Mia@Sund.example", name="Mia")
    first = actions.add_brand("Sund & Sønner", owner=mia)
    second = actions.add_brand("Sund & Sønner")

    assert mia.email == "mia@sund.example"
    assert (first.slug, second.slug) == ("sund-snner", "sund-snner-2")
    assert Member.objects.get(brand=first).roles == ["administrator", "manager"]


def test_a_name_without_latin_letters_still_gets_an_address(db):
    assert actions.add_brand("東京").slug == "brand"


def test_a_short_name_that_is_taken_is_refused(ternway):
    with pytest.raises(NotPossible, match="ternway"):
        actions.add_brand("Ternway", slug="ternway")


def test_a_member_who_left_comes_back_to_the_same_seat(ines, tomas):
    actions.remove_member(tomas, by=ines)
    assert not Member.objects.active().filter(pk=tomas.pk).exists()

    back = actions.add_member(tomas.brand, "TOMAS@ternway.example", ["viewer"])
    assert (back.pk, back.roles, back.left_at) == (tomas.pk, ["viewer"], None)
    assert User.objects.filter(email__iexact="tomas@ternway.example").count() == 1


@pytest.mark.parametrize("roles", [[], ["captain"]])
def test_a_seat_needs_known_roles(ternway, roles):
    with pytest.raises(NotPossible):
        actions.add_member(ternway, "x@ternway.example", roles)
    assert not User.objects.filter(email="x@ternway.example").exists()


def test_the_last_administrator_stays_one(ines, tomas):
    with pytest.raises(NotPossible, match="at least one administrator"):
        actions.change_roles(ines, ["lead"], by=ines)
    with pytest.raises(NotPossible, match="at least one administrator"):
        actions.remove_member(ines, by=ines)

    actions.change_roles(tomas, ["agent", "administrator"], by=ines)
    actions.change_roles(ines, ["lead"], by=ines)
    assert Member.objects.get(pk=ines.pk).roles == ["lead"]


def test_a_switched_off_user_counts_as_no_administrator(ines, tomas):
    actions.change_roles(tomas, ["administrator"], by=ines)
    tomas.user.is_active = False
    tomas.user.save()
    with pytest.raises(NotPossible):
        actions.remove_member(ines, by=ines)


def test_a_manager_can_not_make_administrators_nor_become_one(ines, tomas, vera):
    actions.change_roles(tomas, ["manager"], by=ines)
    actions.change_roles(vera, ["agent"], by=tomas)

    for attempt in (
        lambda: actions.change_roles(tomas, ["manager", "administrator"], by=tomas),
        lambda: actions.change_roles(ines, ["lead"], by=tomas),
        lambda: actions.remove_member(ines, by=tomas),
        lambda: actions.invite(tomas.brand, "x@ternway.example", ["administrator"], by=tomas),
    ):
        with pytest.raises(NotPossible, match="Only an administrator"):
            attempt()


def test_nobody_manages_members_of_another_brand(ines, ruth):
    with pytest.raises(NotPossible, match="another brand"):
        actions.remove_member(ines, by=ruth)
    with pytest.raises(NotPossible, match="another brand"):
        actions.invite(ines.brand, "x@nordhav.example", ["agent"], by=ruth)


def test_an_agent_manages_nobody(tomas, vera):
    with pytest.raises(NotPossible, match="may not manage"):
        actions.change_roles(vera, ["agent"], by=tomas)
