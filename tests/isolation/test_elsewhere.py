"""The ways in that are no page of a brand: search and its operators, sort keys, live topics, and pages for everybody."""

from __future__ import annotations

import re

import pytest

from hark.brands.permissions import Permission, Role, allowed
from hark.cases import search, watching
from hark.cases.context.queue import FILTERS, VIEWS
from tests import looping

from . import table
from .probing import ask
from .world import CANARY, COMMON

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]
SEARCH, QUEUE = "/b/ternway/search/", "/b/ternway/queue/"


@pytest.mark.parametrize("operator", ["", *search.OPERATORS])
def test_search_finds_only_what_is_ours_whatever_the_operator(world, operator):
    before = len(world.tally.failed)
    if operator:
        values = [
            f"{CANARY}-maya.example",
            f"{CANARY}-tag",
            f"{CANARY}-moreau",
            "practice",
            "2026-01-01",
            "open",
            "1",
        ]
        values += [*search.STATES] if operator in ("is", "in") else [*search.HAS] if operator == "has" else []
        values.append(str(world.theirs.rows["case"].pk))
        queries = [f"{operator}:{value} {COMMON}" for value in values] + [f"{operator}:{values[-1]}"]
    else:
        queries = [COMMON, f"-{COMMON}", f'"{COMMON}"', CANARY, "*", ""]
    for actor in world.actors:
        for query in queries if actor.name == "every role" else queries[:2]:
            answer = ask(actor, "get", SEARCH, {"q": query})
            found = re.search(f"{CANARY}-(post|other|third|fourth|answer|secret)", answer.text.lower())
            world.tally.expect(
                not found and answer.status < 500, "search", f"{actor.name} {query}: {answer.status}"
            )
    assert world.tally.failed[before:] == []


def test_a_search_for_our_own_words_does_find_them(world):
    """Else the test above would pass on a search that finds nothing."""
    page = ask(world.actor(Role.LEAD), "get", SEARCH, {"q": COMMON}).text
    assert "ours-post" in page
    assert "ours-secret" in page


def test_views_filters_and_pages_of_the_queue_show_only_ours(world):
    before = len(world.tally.failed)
    theirs = {"account": "account", "tag": "tag", "assignee": "member"}
    questions = [{"view": view} for view in VIEWS]
    for name in FILTERS:
        value = str(world.theirs.value(theirs[name])) if name in theirs else "1"
        questions += [{"view": view, name: value} for view in VIEWS]
    case = world.theirs.rows["case"]
    marks = [
        f"{case.hurts_at.isoformat()}_{case.pk}",
        str(case.pk),
        "9999-12-31T00:00:00_0",
        "'; --",
        "\x00",
        "٣",
    ]
    questions += [{side: mark} for side in ("before", "after") for mark in marks]
    questions += [
        {"sort": key, "order": key, "by": key}
        for key in ("brand", "brand__name", "person__name", "-pk", "text")
    ]
    for actor in world.actors:
        for question in questions if actor.name == "every role" else questions[::9]:
            answer = ask(actor, "get", QUEUE, question)
            what = f"{actor.name} {question}: {answer.status}"
            world.tally.expect(not answer.leaks and answer.status < 500, "sort keys", what)
    assert world.tally.failed[before:] == []


def test_live_topics_of_others_are_not_heard(world, live):
    before, theirs, ours = len(world.tally.failed), world.theirs, world.ours
    numbers = [theirs.rows[name].pk for name in ("case", "source_case", "private_case")]
    names = ["queue", "accounts", "crisis", *(f"case-{number}" for number in numbers)]
    names += [
        f"queue-{theirs.brand.pk}",
        f"accounts-{theirs.brand.pk}",
        f"crisis-{theirs.brand.pk}",
        f"chat-{theirs.rows['thread'].pk}",
        "case-0",
    ]
    for actor in world.actors:
        world.tally.expect(
            not live(actor, "nordhav", names), "live topics", f"{actor.name} in the other brand"
        )
        heard = live(actor, "ternway", names) or {}
        topics = {*heard.values()}
        fine = topics <= {f"{name}-{ours.brand.pk}" for name in ("queue", "accounts", "crisis")}
        world.tally.expect(fine, "live topics", f"{actor.name} hears {topics}")
        mine = live(actor, "ternway", ["queue", f"case-{ours.rows['case'].pk}"]) or {}
        reads = allowed(actor.roles, Permission.READ_TEAM_CASES)
        world.tally.expect(("queue" in mine) >= reads, "live topics", f"{actor.name} should hear the queue")
        world.tally.expect(
            (f"case-{ours.rows['case'].pk}" in mine) == reads,
            "live topics",
            f"{actor.name}, own case: {mine}",
        )
    assert world.tally.failed[before:] == []


def test_the_gate_answers_a_stranger_with_nothing():
    scope = {"query_string": b"brand=nordhav&topics=queue", "headers": []}
    assert looping.run(watching.gate(scope)) is None


@pytest.mark.parametrize(
    "route",
    [r for r in table.routes() if not r.in_brand and not r.is_third_party],
    ids=lambda route: route.route,
)
def test_pages_outside_a_brand_say_nothing_of_one(world, route):
    """Whatever their arguments: a number, a word, or nonsense."""
    before = len(world.tally.failed)
    hook_key = world.theirs.rows["account"].hook_key
    for actor in world.actors:
        for value in ("1", "made-up", "%00", hook_key):
            path = route.path("ternway", dict.fromkeys(route.arguments, value))
            for method in ("get", "post"):
                answer = ask(actor, method, path)
                what = f"{actor.name} {method} {path}: {answer.status}"
                world.tally.expect(not answer.leaks and answer.status != 500, "outside a brand", what)
                if route.access == "signed in" and not actor.member:
                    world.tally.expect(answer.status in (302, 405), "outside a brand", what)
            if not route.arguments:
                break
    assert world.tally.failed[before:] == []
