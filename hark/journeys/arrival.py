"""A message arrives: from a claimed batch of deliveries to cases on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import structlog
from django.db import DatabaseError, DataError, IntegrityError, ProgrammingError, transaction

from hark.brands.models import Brand
from hark.cases import keeping, opening
from hark.channels import actions as channels
from hark.channels import intake, reading
from hark.channels.base import Author
from hark.channels.models import Delivery
from hark.channels.reading import Incoming
from hark.clocks import actions as clocks
from hark.customers.recognition import Identity, recognise
from hark.live import bus, topics
from hark.moves import actions as moves

log = structlog.get_logger(__name__)

BATCH = 500  # deliveries in one transaction


def work(most: int = BATCH) -> int:
    """Take in what waits, brand by brand; how many deliveries that was. Another worker's brand is left to it."""
    done = 0
    for brand_id in intake.brands_waiting():
        try:
            with transaction.atomic():
                deliveries = intake.claim(brand_id, most)
                take_in(deliveries)
                done += len(deliveries)
        except (DatabaseError, ValueError, TypeError, KeyError, AttributeError, LookupError) as problem:
            if isinstance(problem, DatabaseError) and not _is_about_the_data(problem):
                raise
            log.exception("arrival.batch_failed", brand=brand_id)
            done += one_by_one(brand_id, most)
    return done


def take_in(deliveries: list[Delivery]) -> None:
    """Put every message of a claimed batch where somebody will see it: a handful of statements, one commit.

    All of one brand, under its arrival lock. Safe to run twice: a message is unique by account and external id.
    A delivery whose shape the network changed is set aside as unreadable, shown, and blocks nobody.
    """
    if not deliveries:
        return
    brand = Brand.objects.get(pk=deliveries[0].brand_id)
    incoming, unreadable = reading.read_all(deliveries)
    intake.set_aside(unreadable)
    handed_off = moves.cases_of(brand, {one.message.handoff_token for one in incoming})
    people = recognise(brand.pk, *_authors(incoming, handed_off))
    kept = keeping.keep(brand.pk, incoming, people)
    touched = opening.open_or_join(brand, kept, {token: case for token, (case, _) in handed_off.items()})
    keeping.write(brand.pk, kept)
    clocks.start(brand, touched)
    moves.note_followed(brand, touched)
    intake.mark_read(deliveries)
    channels.note_heard({delivery.account_id for delivery in deliveries})
    bus.publish(
        topics.queue(brand.pk),
        *(topics.case(one.case_id) for one in kept if one.case_id),
        *(topics.chat(one.thread_id) for one in kept),
        *([topics.accounts(brand.pk)] if unreadable else []),
    )  # heard on commit


def one_by_one(brand_id: int, most: int) -> int:
    """One delivery of a batch can't be stored: find it, set it aside with the reason, take in the others."""
    with transaction.atomic():
        deliveries = intake.claim(brand_id, most)
        for delivery in deliveries:
            try:
                with transaction.atomic():
                    take_in([delivery])
            except Exception as problem:
                log.exception("arrival.set_aside", delivery=delivery.pk)
                intake.set_aside([(delivery, f"it could not be stored: {type(problem).__name__}: {problem}")])
    return len(deliveries)


def _authors(
    incoming: Iterable[Incoming], handed_off: Mapping[str, tuple[int, int]]
) -> tuple[list[tuple[str, Author]], dict[Identity, int]]:
    """Who wrote, and who of them is known by the hand-off that they followed."""
    authors: list[tuple[str, Author]] = []
    belongs_to: dict[Identity, int] = {}
    for _delivery, account, message in incoming:
        if message.author and not message.by_brand and message.kind in ("created", "edited"):
            authors.append((account.channel, message.author))
            if message.handoff_token in handed_off:
                belongs_to[account.channel, message.author.external_id[:255]] = handed_off[
                    message.handoff_token
                ][1]
    return authors, belongs_to


def _is_about_the_data(problem: DatabaseError) -> bool:
    """A value that PostgreSQL refuses, as opposed to a server that went away."""
    return isinstance(problem, DataError | IntegrityError | ProgrammingError)
