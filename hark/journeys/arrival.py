"""A message arrives: from a claimed batch of deliveries to cases on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

import structlog
from django.db import DataError, Error, IntegrityError, ProgrammingError, transaction

from hark import counting
from hark.cases import echoes, keeping, mending, opening
from hark.channels import actions as channels
from hark.channels import intake, reading
from hark.channels.base import Author
from hark.channels.models import Delivery
from hark.channels.reading import Incoming
from hark.clocks import actions as clocks
from hark.customers.recognition import Identity, recognise
from hark.live import bus, topics
from hark.moves import actions as moves

from . import returning

log = structlog.get_logger(__name__)

BATCH = 500  # deliveries in one transaction
# Code and database of different versions: the batch waits for the migration. https://www.postgresql.org/docs/current/errcodes-appendix.html
OTHER_SCHEMA = {
    "42P01",
    "42703",
    "42883",
    "42501",
}  # undefined table, column, function; insufficient privilege


@dataclass
class Story:
    """What became of a batch, by ids: one line of the log joins deliveries, messages, cases and topics."""

    deliveries: list[int] = field(default_factory=list)
    set_aside: list[int] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)
    cases: list[int] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    opened: int = 0

    def tell(self) -> None:
        """Once it is committed."""
        if not self.deliveries:
            return
        counting.MESSAGES.inc(len(self.messages))
        counting.CASES.inc(self.opened)
        counting.SET_ASIDE.inc(len(self.set_aside))
        log.info("arrival.read", **asdict(self))


def work(most: int = BATCH) -> int:
    """Take in what waits, of all brands in one pass; how many deliveries that was."""
    try:
        with transaction.atomic():
            deliveries = intake.claim(most)
            story = take_in(deliveries)
        story.tell()
        return len(deliveries)
    except Exception as problem:
        if not _is_about_the_data(problem):
            raise
        log.exception("arrival.batch_failed")
        return one_by_one(most)


def take_in(deliveries: list[Delivery]) -> Story:
    """Put every message of a claimed batch where somebody will see it: a handful of statements, one commit.

    Under the arrival locks of their brands. Safe to run twice: a message is unique by account and external id.
    A delivery whose shape the network changed is set aside as unreadable, shown, and blocks nobody.
    """
    if not deliveries:
        return Story()
    heard, unreadable = reading.read_all(deliveries)
    intake.set_aside(unreadable)
    incoming = [one for one in heard if one.message.kind != "undelivered"]
    handed_off = moves.cases_of({(one.account.brand_id, one.message.handoff_token) for one in incoming})
    people = recognise(*_authors(incoming, handed_off))
    echoes.adopt(incoming)
    kept = keeping.keep(incoming, people)
    touched = opening.open_or_join(kept, {token: case for token, (case, _) in handed_off.items()})
    keeping.write(kept)
    clocks.start(touched)
    clocks.follow(mending.mend(touched, kept))
    moves.note_followed(touched)
    returning.note(one for one in heard if one.message.kind == "undelivered")
    intake.mark_read(deliveries)
    channels.note_heard({delivery.account_id for delivery in deliveries})
    published = dict.fromkeys(
        [
            *(topics.queue(delivery.brand_id) for delivery in deliveries),
            *(topics.case(one.case_id) for one in kept if one.case_id),
            *(topics.chat(one.thread_id) for one in kept),
            *(topics.accounts(delivery.brand_id) for delivery, _ in unreadable),
        ]
    )
    bus.publish(*published)  # heard on commit
    return Story(
        deliveries=[delivery.pk for delivery in deliveries],
        set_aside=[delivery.pk for delivery, _ in unreadable],
        messages=[one.id for one in kept if one.is_new and one.id],
        cases=list(dict.fromkeys(one.case_id for one in kept if one.case_id)),
        opened=sum(1 for place in touched if place.is_new),
        published=list(published),
    )


def one_by_one(most: int) -> int:
    """A delivery of the batch can't be stored: find it, set it aside with the reason, take in the others."""
    stories: list[Story] = []
    with transaction.atomic():
        deliveries = intake.claim(most)
        for delivery in deliveries:
            try:
                with transaction.atomic():
                    stories.append(take_in([delivery]))
            except Exception as problem:
                if not _is_about_the_data(problem):
                    raise
                log.exception("arrival.set_aside", delivery=delivery.pk)
                intake.set_aside([(delivery, f"it could not be stored: {type(problem).__name__}: {problem}")])
                stories.append(Story(deliveries=[delivery.pk], set_aside=[delivery.pk]))
    for story in stories:
        story.tell()
    return len(deliveries)


def _authors(
    incoming: Iterable[Incoming], handed_off: Mapping[str, tuple[int, int]]
) -> tuple[list[tuple[int, str, Author]], dict[Identity, int]]:
    """Who wrote, and who of them is known by the hand-off that they followed."""
    authors: list[tuple[int, str, Author]] = []
    belongs_to: dict[Identity, int] = {}
    for _delivery, account, message in incoming:
        if message.author and not message.by_brand and message.kind in ("created", "edited"):
            authors.append((account.brand_id, account.channel, message.author))
            if message.handoff_token in handed_off:
                identity = account.brand_id, account.channel, message.author.external_id[:255]
                belongs_to[identity] = handed_off[message.handoff_token][1]
    return authors, belongs_to


def _is_about_the_data(problem: Exception) -> bool:
    """A value that PostgreSQL or our own code can't take; not a server that went away, a deadlock, or another schema.

    Nor a disk that takes no more (the list of erasures): the batch waits for room.
    """
    if isinstance(problem, OSError):
        return False
    if getattr(problem.__cause__, "sqlstate", None) in OTHER_SCHEMA:
        return False
    return not isinstance(problem, Error) or isinstance(
        problem, DataError | IntegrityError | ProgrammingError
    )
