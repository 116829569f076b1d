"""One world for the whole folder: built once, inside a transaction that is rolled back at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from .probing import Actor, Tally, actors
from .world import CANARY, Place, people_of, settle


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
            yield found
            _say(request, found.tally)
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def _say(request: pytest.FixtureRequest, tally: Tally) -> None:
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter:
        parts = ", ".join(f"{count:,} {kind}" for kind, count in tally.tried.most_common())
        total = sum(tally.tried.values())
        reporter.write_line(f"\nIsolation: {total:,} probes tried ({parts}); {len(tally.failed)} failed")
