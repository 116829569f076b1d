"""The server side of the practice network: its clock, and who comes when.

Everything follows from the seed, the scenarios and what the brand does; `advance(now)` plays up to a moment.
Writers take the lock of their world, so the feed's ids rise in the order in which they can be read.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from . import acts, scenarios
from .models import Act, Change, Persona, Play, World

FIRST_ONES = 8  # come at once, so that a new console has something to show
FIRST_SECONDS = (0.4, 1.2)
THEN_SECONDS = (20.0, 60.0)
WAIT_SECONDS = 30.0  # when enough are unanswered, the next one looks again after this
FORGOTTEN = timedelta(hours=2)  # who was not answered for so long counts no more
ASLEEP = timedelta(minutes=2)  # nobody read the feed for so long: newcomers wait until somebody does


class NoWorld(LookupError):
    """The practice network knows no such account."""


def open_world(
    external_id: str,
    *,
    handle: str = "",
    name: str = "",
    seed: str = "",
    pace: float = 1.0,
    is_live: bool = True,
    arrivals: bool = True,
    patience: int = 30,
    now: datetime | None = None,
) -> World:
    """A new corner for a brand's account. `is_live`: follows the wall clock; else only `advance` moves it."""
    now = now or timezone.now()
    return World.objects.create(
        external_id=external_id,
        handle=handle or external_id,
        name=name or external_id,
        seed=seed or external_id,
        pace=pace,
        is_live=is_live,
        patience=patience,
        clock=now,
        next_arrival_at=now if arrivals else None,
    )


def locked(external_id: str) -> World:
    """The world, for this transaction alone. Raises NoWorld."""
    try:
        return World.objects.select_for_update().get(external_id=external_id)
    except World.DoesNotExist:
        raise NoWorld(external_id) from None


def now_in(world: World) -> datetime:
    return timezone.now() if world.is_live else world.clock


def live(external_id: str) -> None:
    """Let the wall clock move a live world; after a long sleep newcomers start from now."""
    world = World.objects.filter(external_id=external_id).first()
    if world is None:
        raise NoWorld(external_id)
    now = timezone.now()
    if not world.is_live:
        return
    slept = now - world.clock > ASLEEP
    if slept or _soonest(world) <= now or now - world.clock > ASLEEP / 4:
        with transaction.atomic():
            if slept:
                World.objects.filter(pk=world.pk, next_arrival_at__lt=now).update(next_arrival_at=now)
            advance(external_id, now)


@transaction.atomic
def advance(external_id: str, now: datetime) -> int:
    """Play everything that is due up to `now`, each at its own time; how many entries the feed grew by."""
    world = locked(external_id)
    changes = Change.objects.filter(world=world).order_by("-id").values_list("id", flat=True)
    last = changes.first() or 0
    while (moment := _soonest(world)) <= now:
        act = _due(world).filter(due_at__lte=moment).first()
        if act is not None:
            acts.perform(world, act)
        else:
            _somebody_comes(world, moment)
    world.clock = max(world.clock, now)
    world.save()
    return changes.filter(id__gt=last).count()


@transaction.atomic
def play(external_id: str, scenario: str, at: datetime | None = None, round_: int = 0) -> Play:
    """Start one scenario now (or then), besides those that come by themselves. Raises KeyError for an unknown one."""
    world = locked(external_id)
    begun = _begin(world, scenario, at or now_in(world), round_)
    world.save()
    return begun


@transaction.atomic
def fault(external_id: str, kind: str, *, times: int = 1, seconds: float = 1.0) -> None:
    """Let the next calls fail.

    rate_limit, server_error, refused, expired: nothing is published. lost_answer: published, and the answer lost.
    blind: the next look whether something was published can't tell.
    """
    if kind not in {"rate_limit", "server_error", "lost_answer", "refused", "expired", "blind"}:
        raise ValueError(f"the practice network has no fault “{kind}”")
    world = locked(external_id)
    world.faults = [*world.faults, *({"kind": kind, "seconds": seconds} for _ in range(times))]
    world.save(update_fields=["faults"])


def _due(world: World) -> QuerySet[Act]:
    return Act.objects.filter(
        play__world=world, done_at=None, dropped_at=None, due_at__isnull=False
    ).order_by("due_at", "id")


def _soonest(world: World) -> datetime:
    far = datetime.max.replace(tzinfo=timezone.get_default_timezone())
    act = _due(world).values_list("due_at", flat=True).first() or far
    return min(act, world.next_arrival_at or far)


def _somebody_comes(world: World, at: datetime) -> None:
    """The next scenario begins, unless so many wait for an answer that people would rather go elsewhere."""
    if world.plays.filter(answered_at=None, started_at__gt=at - FORGOTTEN).count() >= world.patience:
        world.next_arrival_at = at + timedelta(seconds=WAIT_SECONDS / world.pace)
        return
    order = _order(world)
    round_, position = divmod(world.arrivals, len(order))
    _begin(world, order[position], at, round_)
    world.arrivals += 1
    bounds = FIRST_SECONDS if world.arrivals < FIRST_ONES else THEN_SECONDS
    pause = random.Random(f"{world.seed}:{world.arrivals}").uniform(*bounds)
    world.next_arrival_at = at + timedelta(seconds=pause / world.pace)


def _order(world: World) -> list[str]:
    """Those for the opening first, then the others, shuffled by the seed."""
    known = scenarios.all_scenarios()
    names = list(known)
    random.Random(world.seed).shuffle(names)
    return sorted(names, key=lambda name: not known[name].opening)


def _begin(world: World, name: str, at: datetime, round_: int) -> Play:
    scenario = scenarios.all_scenarios()[name]
    position = list(scenarios.all_scenarios()).index(name)
    number = world.plays.count() + 1
    begun = Play.objects.create(world=world, number=number, scenario=name, started_at=at)
    people = {
        key: Persona.objects.get_or_create(
            world=world,
            external_id=scenarios.slug(part.handle),
            defaults={
                "handle": part.handle,
                "name": part.name,
                "followers": part.followers,
                "open_dm": part.open_dm,
            },
        )[0]
        for key, part in scenarios.cast(scenario, position, round_).items()
    }
    acts.plan(world, begun, scenario, people)
    return begun


def forget(external_id: str) -> None:
    """Take a world down, with everything in it."""
    World.objects.filter(external_id=external_id).delete()
