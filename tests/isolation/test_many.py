"""Probes by chance, as many as are asked for: every address, method, role and kind of id, smuggled values, questions, topics."""

from __future__ import annotations

import random

import pytest

from hark.cases import search
from hark.cases.context.queue import FILTERS, VIEWS
from hark.cases.models import Case
from tests.torture.telling import FIXED_SEED, count, random_seed

from . import table
from .probing import CLOSED, alike, ask, ask_kept, crossings, kitchen_sink, missing, undone
from .world import CANARY, COMMON

pytestmark = [pytest.mark.django_db, pytest.mark.torture, pytest.mark.timeout(4 * 3600)]
ROUTES = table.in_brands()
METHODS = ("get", "post", "head", "put", "patch", "delete", "options")
QUESTIONS = ("/b/ternway/search/", "/b/ternway/queue/", "/b/ternway/people/", "/b/ternway/settings/members/")
FORMS = (
    "{0}",
    "-{0}",
    "+{0}",
    " {0}",
    "0{0}",
    "{0}.0",
    "{0}%00",
    "{0}/../1",
    "0x{0}",
    "{0}e0",
    "{0},1",
    "{0}]",
    "١{0}",
)
LOOK_FOR_CROSSINGS = 10  # one in so many


def test_probes_by_chance_find_nothing_of_another_brand(world, live, tell):
    seeds = [FIXED_SEED, random_seed()]
    probes, tried, before = count("PROBES", 200), 0, len(world.tally.failed)
    kinds = (_foreign_brand, _foreign_id, _foreign_id, _odd_id, _smuggled, _question)
    while tried < probes:
        chance = random.Random(seeds[tried % 2] * 1_000_003 + tried)
        actor = chance.choice(world.actors)
        tried += chance.choice(kinds)(world, actor, chance)
        if tried % 7 == 0:
            tried += _topic(world, live, actor, chance)
    tell("G6", "probes of other brands and roles", tried, world.tally.failed[before:], seeds)


def _values(world, route):
    samples = {name: route.sample_of(name) for name in route.arguments}
    return [
        {name: place.value(sample) for name, sample in samples.items()}
        for place in (world.ours, world.theirs)
    ]


def _foreign_brand(world, actor, chance):
    """A brand where one has no seat is as one that does not exist."""
    route, method = chance.choice(ROUTES), chance.choice(METHODS)
    _own, theirs = _values(world, route)
    paths = route.path("nordhav", theirs), route.path("no-such-brand", theirs)
    sent = kitchen_sink(world.theirs) if method in ("get", "post") and chance.random() < 0.3 else None
    got, nothing = (ask(actor, method, path, sent) for path in paths)
    closed = got.status == (302 if actor.member is None else 404) or got.status == 405
    what = f"{actor.name} {method} {paths[0]}: {got.status}"
    world.tally.expect(closed and not got.leaks, "foreign brand", what)
    if actor.member:
        world.tally.expect(alike(got, nothing, paths), "as if no such brand", what)
    return 2


def _foreign_id(world, actor, chance):
    """A row of another brand is as one that does not exist."""
    route = chance.choice([route for route in ROUTES if route.rows])
    method, (own, theirs) = chance.choice(METHODS), _values(world, route)
    name = chance.choice(route.rows)
    paths = [route.path("ternway", {**own, name: one[name]}) for one in (theirs, missing(own))]
    got, nothing = (ask(actor, method, path) for path in paths)
    closed = got.status in CLOSED or (actor.member is None and got.status == 302)
    what = f"{actor.name} {method} {paths[0]}: {got.status}"
    if method == "options" or actor.member is None:
        closed = closed or got.status == 200
    world.tally.expect(closed and not got.leaks, "foreign id", what)
    if actor.member:
        world.tally.expect(alike(got, nothing, paths), "as if no such id", what)
    return 2


def _odd_id(world, actor, chance):
    """An id of another kind of row, or one that is written oddly."""
    route = chance.choice([route for route in ROUTES if route.rows])
    own, _ = _values(world, route)
    foreign = chance.choice(list(world.theirs.rows.values())).pk
    odd = chance.choice([*FORMS, "0", "-1", "9" * 19, "9" * 30, "null"]).format(foreign)
    path = route.path("ternway", {**own, chance.choice(route.rows): odd})
    answer = ask(actor, chance.choice(METHODS), path)
    world.tally.expect(
        not answer.leaks and answer.status < 500, "odd id", f"{actor.name} {path}: {answer.status}"
    )
    return 1


def _smuggled(world, actor, chance):
    """Ids from there in the fields of a page of one's own."""
    route, method = chance.choice(ROUTES), chance.choice(("get", "post", "post"))
    own, _ = _values(world, route)
    theirs, values = kitchen_sink(world.theirs), kitchen_sink(world.ours)
    for name in chance.sample(list(theirs), chance.randint(1, 6)):
        values[name] = theirs[name]
    path = route.path("ternway", own)
    with undone():
        answer = ask_kept(actor, method, path, values)
        what = f"{actor.name} {method} {path} {values}: {answer.status}"
        world.tally.expect(not answer.leaks and answer.status < 500, "smuggled value", what)
        if method == "post" and answer.status < 400 and chance.random() * LOOK_FOR_CROSSINGS < 1:
            world.tally.expect(not (crossed := crossings()), "rows that cross", f"{what} {crossed}")
    return 1


def _question(world, actor, chance):
    """Search, filters, sort keys and paging, alone and together."""
    row = str(chance.choice(list(world.theirs.rows.values())).pk)
    words = [
        CANARY,
        f"{CANARY}-tag",
        f"{CANARY}-maya.example",
        COMMON,
        row,
        "*",
        "'",
        '"',
        "%",
        "open",
        "2026-01-01",
    ]
    asked = {"q": " ".join(_term(chance, words) for _ in range(chance.randint(1, 4)))}
    asked |= {name: chance.choice([*words, *VIEWS]) for name in chance.sample([*FILTERS, "view", "page"], 2)}
    for name in chance.sample(
        ["sort", "order", "order_by", "by", "before", "after", "filter", "brand", "brand_id"], 2
    ):
        keys = [
            "brand",
            "brand__slug",
            "-brand__members__user__password",
            "person__name",
            "pk",
            "text",
            row,
            f"9999_{row}",
        ]
        asked[name] = chance.choice(keys)
    asked[chance.choice(["brand", "person__brand__slug", "id", "member__user__email__startswith"])] = (
        "nordhav"
    )
    path = chance.choice(QUESTIONS)
    answer = ask(actor, "get", path, asked)
    text = answer.text.lower()
    for said in asked.values():  # a page may repeat the question
        text = text.replace(said.lower(), "").replace(
            said.lower().replace('"', "&quot;").replace("'", "&#x27;"), ""
        )
    told = any(
        f"{CANARY}-{word}" in text
        for word in ("post", "other", "third", "fourth", "answer", "secret", "out", "note")
    )
    world.tally.expect(
        not told and answer.status < 500, "questions", f"{actor.name} {path} {asked}: {answer.status}"
    )
    return 1


def _term(chance, words):
    operator = chance.choice(["", "", *search.OPERATORS])
    return f"{chance.choice(['', '-'])}{operator}{':' if operator else ''}{chance.choice(words)}"


def _topic(world, live, actor, chance):
    """Nothing of theirs is heard, whichever brand is named."""
    row = chance.choice(list(world.theirs.rows.values())).pk
    kind = chance.choice(["case", "queue", "accounts", "chat", "member", "person", "brand"])
    brand = chance.choice(["nordhav", "ternway"])
    names = [f"{kind}-{row}", f"{kind}-{world.theirs.brand.pk}", f"case-{world.theirs.rows['case'].pk}"]
    heard = {*(live(actor, brand, names) or {}).values()}
    ours = {f"case-{pk}" for pk in Case.objects.filter(brand=world.ours.brand).values_list("pk", flat=True)}
    world.tally.expect(heard <= ours, "live topics", f"{actor.name} {brand} {names}: {heard}")
    return 1
