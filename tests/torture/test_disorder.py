"""Networks deliver at least once and in any order: what stands in the tables must not depend on it.

One brand gets every event once and in order, the other three times, shuffled, in batches of any size. Which differences
are legitimate is said in docs/durability.md#out-of-order; everything else must be equal.
"""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hark.brands.models import Brand
from hark.cases.models import Case, Message
from hark.channels import intake
from hark.channels.base import Envelope
from hark.channels.models import Account, Delivery
from hark.channels.networks.practice import events
from hark.clocks.models import Clock
from hark.journeys import arrival

from .telling import FIXED_SEED, count, random_seed

pytestmark = [pytest.mark.torture, pytest.mark.django_db, pytest.mark.timeout(6 * 3600)]

EVENTS = count("EVENTS", 1_500)
SEEDS = [FIXED_SEED, random_seed()]
BEGAN = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
HOURS = 36


def account_of(slug: str) -> Account:
    brand = Brand.objects.create(name=slug.title(), slug=slug)
    account = Account(brand=brand, channel="practice", external_id=slug, handle=f"@{slug}")
    account.seal({"hook_secret": "s"})
    account.save()
    return account


def story(chance: random.Random, count: int) -> list[events.Event]:
    """Posts, edits and deletions over a day and a half, in the order in which they happened."""
    told: list[events.Event] = []
    living: list[events.Event] = []
    step = timedelta(hours=HOURS) / count
    for number in range(count):
        at = BEGAN + step * number
        if living and chance.random() < 0.2:
            before = living.pop(chance.randrange(len(living)))
            if chance.random() < 0.25:
                told.append(
                    events.Event(
                        f"{before.id}.gone",
                        before.id,
                        at,
                        "delete",
                        before.thread,
                        version=before.version + 1,
                    )
                )
                continue
            post = _post(
                before.id, at, before.author, before.thread, before.private, before.version + 1, "edit"
            )
        else:
            who = f"p{chance.randint(1, max(4, count // 8))}"
            private = chance.random() < 0.2
            thread = f"dm-{who}" if private else f"t{chance.randint(1, max(4, count // 5))}"
            author = events.Writer(who, f"{who}.example", who.title())
            post = _post(f"m{number}", at, author, thread, private, 1, "post")
        told.append(post)
        living.append(post)
    return told


def _post(
    name: str, at: datetime, author: Any, thread: str, private: bool, version: int, kind: Any
) -> events.Event:
    return events.Event(
        f"{name}.{version}", name, at, kind, thread, private=private, author=author, version=version,
        text=f"{name}, said the {version}. time",
    )  # fmt: skip


def deliver(account: Account, told: list[events.Event], chance: random.Random | None, times: int = 1) -> None:
    order = list(told) * times
    if chance:
        chance.shuffle(order)
    while order:
        size = chance.choice([1, 3, 20, 100, 1000]) if chance else 100
        intake.append(account, [Envelope(event.key, events.encode(event)) for event in order[:size]])
        del order[:size]
        if not chance or chance.random() < 0.7:
            arrival.work()
    while arrival.work():
        pass


@pytest.mark.parametrize("seed", SEEDS, ids=["fixed seed", "random seed"])
def test_three_deliveries_in_any_order_come_to_the_same_as_one_in_order(seed, tell, db):
    chance = random.Random(seed)
    told = story(chance, EVENTS // len(SEEDS))
    orderly, shuffled = account_of("orderly"), account_of("shuffled")
    deliver(orderly, told, None)
    deliver(shuffled, told, chance, times=3)

    gone = {event.id for event in told if event.type == "delete"}
    touched = {event.author.id for event in told if event.id in gone and event.author}
    tried, failed, sums = 0, [], []
    for name, rows in (("messages", messages), ("cases", cases), ("clocks", clocks)):
        wanted, found = rows(orderly, gone, touched), rows(shuffled, gone, touched)
        tried += len(wanted)
        failed += [
            f"{name} {key}: {found.get(key)} instead of {wanted.get(key)}"
            for key in sorted(wanted.keys() | found.keys())
            if wanted.get(key) != found.get(key)
        ]
        sums.append(hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()[:12])
    assert not Delivery.objects.unreadable().exists()
    assert tried > len(told) / 2
    tell("G2", f"disorder: {len(told):,} events × 3, rows compared", tried, failed, [seed], f"sums {sums}")


def messages(account: Account, gone: set[str], touched: set[str]) -> dict[str, Any]:
    """Every message; of a deleted one only that nothing of it is left."""
    found = {}
    for one in Message.objects.filter(brand=account.brand).select_related("thread", "profile"):
        before = [(was["text"], was["until"]) for was in one.earlier]
        blank = (one.text, one.search, before, one.is_deleted)
        found[one.external_id] = blank if one.external_id in gone else (
            *blank, one.thread.external_id, one.profile and one.profile.external_id, one.version, one.private,
            one.published_at, one.edited_at, one.case_id is None,
        )  # fmt: skip
    return found


def cases(account: Account, gone: set[str], touched: set[str]) -> dict[str, Any]:
    """Every case, by its customer; of those who deleted something, only which living messages it holds."""
    found: dict[str, Any] = {}
    for case in Case.objects.filter(brand=account.brand).select_related("person"):
        said = case.messages.exclude(external_id__in=gone).order_by("published_at")
        living = tuple(said.values_list("external_id", flat=True))
        who = case.person.profiles.get().external_id
        assert who not in found, "two cases for one customer"
        whole = (
            case.state, case.arc, case.opened_at, case.last_customer_at, case.last_activity_at, case.hurts_at, case.due_at,
            case.message_count, case.version, case.has_private, case.snippet,
        )  # fmt: skip
        if living or who not in touched:
            found[who] = (living,) if who in touched else (living, *whole)
    return found


def clocks(account: Account, gone: set[str], touched: set[str]) -> dict[str, Any]:
    running = Clock.objects.filter(brand=account.brand).select_related("case__person")
    return {
        clock.case.person.name: (clock.started_at, clock.due_at, clock.stopped_at)
        for clock in running
        if clock.case.person.profiles.get().external_id not in touched
    }
