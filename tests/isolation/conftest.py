"""One world for the whole folder: built once, inside a transaction that is rolled back at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from hark.cases import watching

from .probing import Actor, Tally, actors
from .world import CANARY, Place, people_of, settle

TALLY = pytest.StashKey[Tally]()


@dataclass
class World:
    ours: Place
    theirs: Place
    actors: list[Actor]
    tally: Tally

    def actor(self, name: str) -> Actor:
        return next(actor for actor in self.actors if actor.name == name)


@pytest.fixture(scope="package")
def world(request: pytest.FixtureRequest, django_db_setup: Any, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            cache.clear()
            ours, theirs = settle("ternway", "ours"), settle("nordhav", CANARY.title())
            found = World(ours, theirs, [*actors(people_of(ours.brand))], Tally())
            request.config.stash[TALLY] = found.tally
            yield found
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture
def live(world):
    """What `/live` lets an actor watch. The gate asks in another thread; here it asks in ours, to see the same world."""

    def allowed_topics(actor, brand, names):
        cookie = actor.client.cookies.get(settings.SESSION_COOKIE_NAME)
        header = f"{settings.SESSION_COOKIE_NAME}={cookie.value}" if cookie else ""
        return watching._allowed(header, brand, names)

    return allowed_topics


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    tally = config.stash.get(TALLY, None)
    if tally and tally.tried:
        parts = ", ".join(f"{count:,} {kind}" for kind, count in tally.tried.most_common())
        total = sum(tally.tried.values())
        terminalreporter.write_line(
            f"Isolation: {total:,} probes tried ({parts}); {len(tally.failed)} failed"
        )
