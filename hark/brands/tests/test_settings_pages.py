"""What administrators and managers set for their brand."""

import pytest

from hark.brands import actions
from hark.brands.models import Brand, Location, Member, Team, User

SETTINGS = "/b/ternway/settings/"
RULES = {
    "name": "Ternway",
    "time_zone": "Europe/Oslo",
    "target": "30",
    "own_minutes": "",
    "reopening": "reopen",
    "reopening_days": "7",
    "undo_seconds": "8",
    "agents_see_all": "on",
}


def rules(client, **changes):
    return client.post(f"{SETTINGS}rules/", {**RULES, **changes})


def test_a_target_is_one_of_the_presets_or_a_number_of_ones_own(as_member, ines, ternway):
    client = as_member(ines)
    page = client.get(f"{SETTINGS}rules/").text
    for words in ("5 minutes", "15 minutes", "30 minutes", "1 hour", "2 hours", "another time"):
        assert words in page
    for target, own, minutes in (("120", "", 120), ("own", "45", 45), ("5", "999", 5)):
        assert rules(client, target=target, own_minutes=own).status_code == 302
        ternway.refresh_from_db()
        assert ternway.first_response_minutes == minutes
    rules(client, target="own", own_minutes="45")
    assert 'value="45"' in client.get(f"{SETTINGS}rules/").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": "own"},
        {"target": "own", "own_minutes": "0"},
        {"target": "own", "own_minutes": "9999999999"},
        {"target": "own", "own_minutes": "½"},
        {"target": "7"},
        {"time_zone": "Mars/Olympus"},
        {"name": ""},
        {"name": "x" * 81},
        {"name": "nul\x00byte"},
        {"reopening": "perhaps"},
        {"reopening_days": "-1"},
        {"reopening_days": "366"},
        {"undo_seconds": "61"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_said_and_changes_nothing(as_member, ines, ternway, wrong):
    before = Brand.objects.filter(pk=ternway.pk).values().get()
    answer = rules(as_member(ines), **wrong)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text or "field__error" in answer.text
    assert Brand.objects.filter(pk=ternway.pk).values().get() == before


def test_rules_are_saved(as_member, ines, ternway):
    rules(as_member(ines), name="Ternway Air", reopening="new", undo_seconds="0", agents_see_all="")
    ternway.refresh_from_db()
    assert (
        ternway.name,
        ternway.time_zone,
        ternway.reopening,
        ternway.undo_seconds,
        ternway.agents_see_all,
    ) == (
        "Ternway Air",
        "Europe/Oslo",
        "new",
        0,
        False,
    )


def test_settings_open_on_the_first_page_one_may_see(as_member, ines, tomas, vera):
    assert as_member(ines).get(SETTINGS)["Location"] == f"{SETTINGS}rules/"
    assert as_member(vera).get(SETTINGS)["Location"] == "/profile"
    assert as_member(tomas).get(f"{SETTINGS}rules/").status_code == 403
    assert as_member(tomas).get(f"{SETTINGS}members/").status_code == 403


def test_members_are_shown_with_roles_and_counted(as_member, ines, tomas, ruth):
    page = as_member(ines).get(f"{SETTINGS}members/").text
    assert "tomas@ternway.example" in page
    assert '<span class="tag">administrator</span>' in page
    assert "Ruth" not in page
    assert 'Members<span class="count">2</span>' in page


def test_roles_teams_and_locations_of_a_member_change(as_member, ines, tomas, ternway, nordhav):
    care, shop = (
        Team.objects.create(brand=ternway, name="Care"),
        Location.objects.create(brand=ternway, name="Bergen"),
    )
    theirs = Team.objects.create(brand=nordhav, name="Nordhav care")
    client, path = as_member(ines), f"{SETTINGS}members/{tomas.pk}/"
    assert "Nordhav care" not in client.get(path).text

    assert client.post(path, {"roles": ["agent"], "teams": [theirs.pk]}).status_code == 422
    client.post(path, {"roles": ["viewer", "approver"], "teams": [care.pk], "locations": [shop.pk]})

    tomas.refresh_from_db()
    assert (tomas.roles, [*tomas.teams.all()], [*tomas.locations.all()]) == (
        ["viewer", "approver"],
        [care],
        [shop],
    )


def test_a_refused_change_says_why_and_keeps_everything(as_member, ines):
    path = f"{SETTINGS}members/{ines.pk}/"
    answer = as_member(ines).post(path, {"roles": ["lead"]})
    assert (answer.status_code, "at least one administrator" in answer.text) == (422, True)
    answer = as_member(ines).post(f"{path}remove/", follow=True)
    assert "at least one administrator" in answer.text
    ines.refresh_from_db()
    assert (ines.roles, ines.left_at) == (["lead", "administrator"], None)


def test_who_is_removed_is_out_at_once(as_member, client, ines, tomas):
    client.force_login(tomas.user)
    assert client.get(SETTINGS).status_code == 302
    actions.remove_member(tomas, by=ines)
    assert client.get(SETTINGS).status_code == 404
    assert "no brand has offered you a seat" in client.get("/").text


def test_an_administrator_may_leave_when_another_stays(as_member, ines, tomas):
    actions.change_roles(tomas, ["administrator"], by=ines)
    assert as_member(ines).post(f"{SETTINGS}members/{ines.pk}/remove/")["Location"] == "/"
    assert not Member.objects.active().filter(pk=ines.pk).exists()


def test_teams_are_made_renamed_and_filled(as_member, ines, tomas, ternway):
    client = as_member(ines)
    made = client.post(f"{SETTINGS}teams/", {"name": " Care "})
    team = Team.objects.get(brand=ternway)
    assert made["Location"] == f"{SETTINGS}teams/{team.pk}/"
    assert "exists already" in client.post(f"{SETTINGS}teams/", {"name": "CARE"}).text

    client.post(f"{SETTINGS}teams/{team.pk}/", {"name": "Night care", "members": [tomas.pk]})
    assert [(t.name, [*t.members.all()]) for t in Team.objects.all()] == [("Night care", [tomas])]
    assert "1 member<" in client.get(f"{SETTINGS}teams/").text


def test_locations_are_added_and_renamed(as_member, ines, ternway):
    client = as_member(ines)
    client.post(f"{SETTINGS}locations/", {"name": "Bergen"})
    place = Location.objects.get(brand=ternway)
    client.post(f"{SETTINGS}locations/{place.pk}/", {"name": "Bergen, harbour"})
    assert [*Location.objects.values_list("name", flat=True)] == ["Bergen, harbour"]


def test_a_profile_sets_name_zone_and_colours(as_member, tomas):
    client = as_member(tomas)
    assert (
        client.post("/profile", {"name": "Tom", "time_zone": "Europe/Lisbon", "theme": "dark"}).status_code
        == 302
    )
    tomas.user.refresh_from_db()
    assert (tomas.user.name, tomas.user.time_zone, tomas.user.theme) == ("Tom", "Europe/Lisbon", "dark")
    assert 'data-theme="dark"' in client.get("/profile").text
    for wrong in ({"name": ""}, {"time_zone": "Mars/Olympus"}, {"theme": "pink"}):
        values = {"name": "Tom", "time_zone": "UTC", "theme": "dark", **wrong}
        assert client.post("/profile", values).status_code == 422


def test_an_empty_installation_is_set_up_by_whoever_comes_first(client, db):
    values = {"brand": "Sund", "time_zone": "Europe/Oslo", "name": "Mia", "email": "mia@sund.example"}
    assert client.post("/set-up", {**values, "password": "short"}).status_code == 422
    assert not Brand.objects.exists()

    assert (
        client.post("/set-up", {**values, "password": "three blue herons"})["Location"]
        == "/b/sund/settings/rules/"
    )
    mia = Member.objects.get()
    assert (mia.brand.time_zone, mia.roles, mia.user.is_superuser) == (
        "Europe/Oslo",
        ["administrator", "manager"],
        True,
    )
    assert client.get("/b/sund/settings/rules/").status_code == 200


def test_later_only_operators_set_up_brands(client, ines):
    for who in (None, ines.user):
        if who:
            client.force_login(who)
        assert client.get("/set-up").status_code == 403
        assert client.post("/set-up", {"brand": "Mine", "time_zone": "UTC"}).status_code == 403
    client.force_login(actions.add_user("op@x.example", operator=True))
    client.post("/set-up", {"brand": "Second", "time_zone": "UTC"})
    assert Member.objects.get(brand__slug="second").user.email == "op@x.example"


def test_the_start_page_offers_a_choice_of_brands(as_member, ruth, ines, ternway):
    actions.add_member(ternway, ruth.user.email, ["viewer"])
    page = as_member(ruth).get("/").text
    assert "/b/ternway/queue/" in page
    assert "/b/nordhav/queue/" in page


@pytest.mark.parametrize("page", ["rules/", "members/", "teams/", "locations/"])
def test_a_page_costs_the_same_for_few_and_for_many(
    as_member, ines, ternway, page, django_assert_max_num_queries
):
    for n in range(30):
        member = actions.add_member(ternway, f"m{n}@ternway.example", ["agent"], name=f"Member {n}")
        team = Team.objects.create(brand=ternway, name=f"Team {n}")
        team.members.add(member)
        Location.objects.create(brand=ternway, name=f"Place {n}")
        actions.invite(ternway, f"i{n}@x.example", ["agent"], by=ines)
    client = as_member(ines)
    with django_assert_max_num_queries(14):
        client.get(f"{SETTINGS}{page}")


def test_who_runs_the_brand_and_reads_no_cases_begins_at_the_settings(client, ternway):
    user = User.objects.create_user("boss@ternway.example", "a long enough password", name="Op Erator")
    Member.objects.create(brand=ternway, user=user, roles=["administrator"])
    client.force_login(user)

    assert client.get("/").headers["location"] == "/b/ternway/settings/"
    page = client.get("/b/ternway/settings/", follow=True)
    assert page.status_code == 200
    assert "/b/ternway/queue/" not in page.text  # nothing that would be refused is offered or asked for
    assert "/b/ternway/search/" not in page.text
