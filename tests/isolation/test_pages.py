"""Nobody sees what is not theirs: every address of a brand, every method, every role, generated from the URL table."""

from __future__ import annotations

import random
from itertools import product

import pytest

from tests.torture.telling import random_seed

from . import table
from .probing import CLOSED, alike, ask, ask_kept, crossings, kitchen_sink, missing, reading, undone

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]
ROUTES = table.in_brands()
METHODS = ("get", "post")


def test_every_page_says_who_may_open_it():
    silent = [route.route for route in table.routes() if route.access is None and not route.is_third_party]
    assert not silent, f"These views need @member_may, @any_member, @signed_in or @public: {silent}"


def test_pages_of_a_brand_are_for_its_members_alone():
    loose = [route.route for route in ROUTES if not isinstance(route.access, tuple)]
    assert not loose, f"Below /b/<brand>/ a view carries @member_may or @any_member: {loose}"
    assert len(ROUTES) > 40


def test_every_argument_has_a_sample():
    unnamed = [
        (route.route, name) for route in ROUTES for name in route.arguments if route.sample_of(name) is None
    ]
    assert not unnamed, f"Name a sample of world.py in table.SAMPLES for: {unnamed}"


def test_the_world_holds_every_sample(world):
    for _, _, sample in table.SAMPLES:
        if sample not in table.PLAIN:
            assert world.ours.rows[sample].pk != world.theirs.rows[sample].pk
    assert not crossings()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_an_address_gives_nothing_away(world, route):
    tally, before = world.tally, len(world.tally.failed)
    samples = {name: route.sample_of(name) for name in route.arguments}
    own = {name: world.ours.value(sample) for name, sample in samples.items()}
    theirs = {name: world.theirs.value(sample) for name, sample in samples.items()}
    ghost, nowhere = missing(own), route.path("no-such-brand", theirs)
    foreign, ours = route.path("nordhav", theirs), route.path("ternway", own)
    prying = pry(world, route)
    for actor, method in product(world.actors, METHODS):
        who = f"{actor.name} {method} {route.route}"
        if actor.member is None:
            for path in (foreign, ours):
                out = ask(actor, method, path)
                is_asked_in = out.status == 302 and "/accounts/login/" in out.where
                tally.expect(is_asked_in and not out.leaks, "stranger", who)
            continue
        inside = ask(actor, method, ours)
        if actor.roles and route.opens_for(actor.roles):
            tally.expect(inside.status < 500 and not inside.leaks, "own page", f"{who}: {inside.status}")
        else:
            tally.expect(inside.status in CLOSED, "role too low", f"{who}: {inside.status}")
        if actor not in prying:
            continue
        answer = ask(actor, method, foreign)
        tally.expect(answer.status == 404 and not answer.leaks, "foreign brand", f"{who}: {answer.status}")
        tally.expect(
            alike(answer, ask(actor, method, nowhere), (foreign, nowhere)), "as if no such brand", who
        )
        for name in route.rows:
            mixed, none = {**own, name: theirs[name]}, {**own, name: ghost[name]}
            paths = (route.path("ternway", mixed), route.path("ternway", none))
            got, nothing = (ask(actor, method, path) for path in paths)
            tally.expect(got.status in CLOSED and not got.leaks, "foreign id", f"{who} {name}: {got.status}")
            tally.expect(alike(got, nothing, paths), "as if no such id", f"{who} {name}: {got.status}")
    assert world.tally.failed[before:] == []


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_values_that_name_rows_of_another_brand_do_nothing(world, route):
    """Somebody who may do everything here sends ids from there: in all fields at once, then in each that the view reads."""
    actor = world.actor("every role")
    tally, before = world.tally, len(world.tally.failed)
    path = route.path("ternway", {n: world.ours.value(route.sample_of(n)) for n in route.arguments})
    ours, theirs = kitchen_sink(world.ours), kitchen_sink(world.theirs)

    def smuggle(method, values, what):
        with undone():
            answer = ask_kept(actor, method, path, values)
            what = f"{method} {route.route} {what}: {answer.status}"
            tally.expect(not answer.leaks and answer.status < 500, "smuggled value", what)
            if method == "post" and answer.status < 400:
                crossed = crossings()
                tally.expect(not crossed, "rows that cross", f"{what} {crossed}")

    with reading() as read:
        for method in METHODS:
            smuggle(method, theirs, "all")
        with undone():
            ask_kept(actor, "post", path, ours)
    for name in references(theirs):
        if name in read:
            smuggle("post", {**ours, name: theirs[name]}, name)
    assert world.tally.failed[before:] == []


def test_what_a_view_reads_is_noticed(world):
    path = f"/b/ternway/cases/{world.ours.value('case')}/assign/"
    with reading() as read, undone():
        ask_kept(world.actor("every role"), "post", path, kitchen_sink(world.ours))
    assert "to" in read
    assert "owner" not in read


def pry(world, route):
    """Whoever may do everything here, and one more by chance; test_many.py sends everybody everywhere."""
    others = [actor for actor in world.actors if actor.member and actor.name != "every role"]
    return [world.actor("every role"), random.Random(f"{random_seed()} {route.route}").choice(others)]


def references(sink):
    """The fields that name rows."""
    return [name for name, value in sink.items() if not isinstance(value, str) and name != "roles"]


def test_a_row_that_crosses_is_noticed(world):
    with undone():
        type(world.ours.rows["case"]).objects.filter(pk=world.ours.value("case")).update(
            person=world.theirs.rows["person"]
        )
        world.ours.rows["member"].teams.add(world.theirs.rows["team"])
        assert {"Case.person", "Member.teams"} <= set(crossings())
    assert not crossings()
