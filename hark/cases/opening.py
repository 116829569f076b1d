"""Which case a message belongs to: the open one of its author, a closed one that reopens, or a new one.

The rule, in order (docs/arrival.md#which-case):
1. a message that carries a hand-off token joins the case that handed off;
2. an author with an open case in the same thread joins that one, else their open case that was active last, wherever
   it is: a follow-up joins, and so does a direct message after a public post;
3. a case resolved or closed within the brand's days wakes up again, if the brand says so;
4. otherwise a new case begins, which remembers the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from hark import bulk
from hark.brands.models import Brand, Location

from .keeping import Kept, json
from .models import Case, Event, Snooze, Step
from .place import Place
from .urgency import hurts_at

SNIPPET = 280  # characters of the last message that a queue row shows


def open_or_join(kept: Iterable[Kept], handed_off: Mapping[str, int]) -> list[Place]:
    """Give every new message of a customer its case, and write the cases. `handed_off`: token → case.

    The brand's own messages join the case of the message they answer, if there is one.
    """
    batch = list(kept)
    new = sorted((one for one in batch if one.is_new), key=lambda one: one.published_at)
    spoken = [one for one in new if one.is_by_customer and one.deleted_at is None]
    again = [one for one in batch if one.speaks_again and not one.is_new and one.deleted_at is None]
    places = _candidates(spoken, [*handed_off.values(), *(one.stored_case_id for one in again)], again)
    by_person: dict[int, list[Place]] = {}
    for place in places.values():
        by_person.setdefault(place.person_id, []).append(place)
    for one in spoken:
        invited = places.get(handed_off.get(one.message.handoff_token, 0))
        if invited is None or invited.brand.pk != one.brand.pk:
            invited = _choose(one, by_person)
        _hear(invited, one)
    for one in again:
        if here := places.get(one.stored_case_id or 0):
            _hear(here, one)
    touched = list({id(one.place): one.place for one in [*spoken, *again] if one.place}.values())
    fresh = [place for place in touched if place.is_new]
    for place, pk in zip(fresh, bulk.ids_for(Case, len(fresh)), strict=True):
        place.id = pk
    _join_own(new)
    _insert(fresh)
    _update([place for place in touched if not place.is_new])
    _tell(touched, batch)
    return touched


def _choose(one: Kept, by_person: dict[int, list[Place]]) -> Place:
    """The case of this message by rules 2 to 4. A person belongs to one brand, and so do their cases."""
    brand, person_id = one.brand, one.person_id
    mine = by_person.setdefault(person_id, [])
    if one.message.facts.get("archived"):
        mine = [place for place in mine if place.archived]
        if mine:
            return mine[-1]
    open_ones = [place for place in mine if place.state < Case.State.RESOLVED]
    if open_ones:
        here = [place for place in open_ones if one.thread_id in place.threads]
        return max(here or open_ones, key=lambda place: place.last_activity_at)
    since = one.published_at - timedelta(days=brand.reopening_days)
    recent = [place for place in mine if place.last_activity_at >= since and not place.archived]
    if recent and brand.reopening == Brand.Reopening.REOPEN:
        return max(recent, key=lambda place: place.last_activity_at)
    place = _begin(one, person_id, max(mine, key=lambda place: place.last_activity_at, default=None))
    by_person[person_id].append(place)
    return place


def _begin(one: Kept, person_id: int, before: Place | None) -> Place:
    at = one.published_at
    archived = bool(one.message.facts.get("archived"))
    state = Case.State.CLOSED if archived else Case.State.WAITING
    place = Place(
        0, one.brand, person_id, state, at, at, at, one.account.channel,
        follows=before, is_new=True, archived=archived, location=one.account.location,
    )  # fmt: skip
    place.waits_since = at
    return place


def _hear(place: Place, one: Kept) -> None:
    """The customer says one more thing in this case."""
    message, at = one.message, (one.edited_at or one.published_at) if one.speaks_again else one.published_at
    one.place = place
    if message.visibility == "private":
        place.went_private = place.went_private or not place.has_private
        place.has_private = True
    if at >= place.last_activity_at or not place.snippet:
        place.snippet = " ".join(one.text.split())[:SNIPPET]
        place.snippet_lang = message.lang[:16]
        place.channel = one.account.channel
    place.threads.add(one.thread_id)
    place.news += 1
    place.new_messages += one.is_new
    place.last_customer_at = max(place.last_customer_at, at)
    place.last_activity_at = max(place.last_activity_at, at)
    if place.archived:
        place.opened_at = min(place.opened_at, at)
    elif at < place.opened_at:
        place.is_mended = True  # mending.py: the wait counts from here
    if place.archived or place.state == Case.State.WAITING or message.facts.get("automatic"):
        return  # an answering machine wakes nobody
    place.woke = place.woke or place.state == Case.State.SNOOZED
    place.reopened = place.reopened or place.state in (Case.State.RESOLVED, Case.State.CLOSED)
    place.state = Case.State.WAITING
    place.waits_since = at


# Row by row along the indexes of case and person (OFFSET 0 keeps it so), whatever the planner believes of a table that
# fills faster than its statistics: as one condition it read every open case of the brand for each batch, and kept that plan.
CANDIDATES_SQL = """
    WITH named AS MATERIALIZED (
        SELECT c.* FROM unnest(%s::bigint[]) AS said(id),
            LATERAL (SELECT * FROM cases_case WHERE id = said.id OFFSET 0) c
    ), theirs AS MATERIALIZED (
        SELECT c.* FROM unnest(%s::bigint[]) AS who(id),
            LATERAL (SELECT * FROM cases_case WHERE person_id = who.id OFFSET 0) c
    ), found AS (
        SELECT * FROM named UNION ALL
        SELECT * FROM theirs
        WHERE (state < 3 OR last_activity_at >= %s OR (imported AND %s)) AND id NOT IN (SELECT id FROM named)
    )
    SELECT c.id, c.brand_id, c.person_id, c.state, c.opened_at, c.last_activity_at, c.last_customer_at, c.channel,
           c.first_reply_at, c.hurts_at, c.priority, c.snippet, c.snippet_lang, c.has_private, c.imported, c.location_id,
           CASE WHEN count(*) OVER (PARTITION BY c.person_id) > 1
                THEN (SELECT array_agg(DISTINCT m.thread_id) FROM cases_message m WHERE m.case_id = c.id)
                ELSE '{}' END
    FROM found c
    WHERE c.brand_id = ANY(%s) AND c.state < 5
"""


def _candidates(spoken: list[Kept], named: Iterable[int | None], again: list[Kept]) -> dict[int, Place]:
    """The cases that these people have, as far back as a case of theirs may reopen, and those that are named."""
    if not spoken and not again:
        return {}
    brands = {one.brand.pk: one.brand for one in [*spoken, *again]}
    people = list({one.person_id for one in spoken})
    cases = list(set(named) - {None})
    since = min((one.published_at for one in spoken), default=timezone.now())
    since -= timedelta(days=max(brand.reopening_days for brand in brands.values()))
    history = any(one.message.facts.get("archived") for one in spoken)
    with connection.cursor() as cursor:
        cursor.execute(CANDIDATES_SQL, [cases, people, since, history, list(brands)])
        rows = cursor.fetchall()
    named_places = {row[15] for row in rows} - {None}
    locations = Location.objects.in_bulk(named_places) if named_places else {}
    return {row[0]: _place(brands[row[1]], row, locations.get(row[15])) for row in rows}


def _place(brand: Brand, row: tuple[Any, ...], location: Location | None) -> Place:
    place = Place(row[0], brand, *row[2:15])
    place.location = location
    place.threads = set(row[16] or ())
    return place


def _join_own(new: list[Kept]) -> None:
    """The brand's own posts, written elsewhere, stand in the case of what they answer."""
    own = [one for one in new if one.message.by_brand and one.message.parent]
    if not own:
        return
    fresh = {(one.account.pk, one.message.external_id): one.place for one in new}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT m.account_id_at, m.external_id, m.case_id FROM cases_message m
            JOIN unnest(%s::bigint[], %s::text[]) AS wanted(account_id_at, external_id)
                USING (account_id_at, external_id)
            """,
            [[one.account.pk for one in own], [one.message.parent[:512] for one in own]],
        )
        stored = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
    for one in own:
        key = (one.account.pk, one.message.parent[:512])
        one.place = fresh.get(key)
        one.stored_case_id = stored.get(key)


def _insert(fresh: list[Place]) -> None:
    bulk.insert(
        Case,
        ["id", "brand_id", "person_id", "state", "opened_at", "last_customer_at", "last_activity_at", "hurts_at",
         "due_at", "snippet", "snippet_lang", "channel", "has_private", "unread", "message_count", "version",
         "imported", "follows_id", "location_id"],
        [
            (
                place.id, place.brand.pk, place.person_id, place.state, place.opened_at, place.last_customer_at,
                place.last_activity_at,
                hurts_at(place.opened_at, place.priority, place.brand, place.location),
                None if place.archived else place.due_at,
                place.snippet, place.snippet_lang, place.channel, place.has_private, not place.archived,
                place.new_messages, place.new_messages, place.archived, place.follows.id if place.follows else None,
                place.location.pk if place.location else None,
            )
            for place in fresh
        ],
    )  # fmt: skip


def _update(joined: list[Place]) -> None:
    if not joined:
        return
    for place in joined:
        if place.waits_since is not None or place.hurts_at is None:
            since = place.waits_since if place.first_reply_at else place.opened_at
            place.hurts_at = hurts_at(since or place.opened_at, place.priority, place.brand, place.location)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE cases_case c SET
                state = new.state, opened_at = new.opened_at, last_customer_at = new.spoke_at, last_activity_at = new.active_at,
                hurts_at = new.hurts_at, snippet = new.snippet, snippet_lang = new.lang, channel = new.channel,
                has_private = new.private, unread = new.state = 0, message_count = c.message_count + new.count,
                version = c.version + new.news, arc = CASE WHEN new.reopened THEN least(c.arc, 3) ELSE c.arc END
            FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
                        %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::int[], %s::int[],
                        %s::boolean[])
                AS new(id, state, opened_at, spoke_at, active_at, hurts_at, snippet, lang, channel, private, count, news,
                       reopened)
            WHERE c.id = new.id
            """,
            [
                list(column)
                for column in zip(
                    *(
                        (
                            place.id, int(place.state), place.opened_at, place.last_customer_at,
                            place.last_activity_at, place.hurts_at,
                            place.snippet, place.snippet_lang, place.channel, place.has_private, place.new_messages,
                            place.news, place.reopened,
                        )
                        for place in joined
                    ),
                    strict=True,
                )
            ],
        )  # fmt: skip
    now = timezone.now()
    if woke := [place.id for place in joined if place.woke]:
        Snooze.objects.filter(case__in=woke, ended_at=None).update(ended_at=now)
    if reopened := [place.id for place in joined if place.reopened]:
        Step.objects.filter(case__in=reopened, name=Case.Arc.BOOK_CLOSED, superseded_at=None).update(
            superseded_at=now
        )


def _tell(touched: list[Place], batch: list[Kept]) -> None:
    """The history: opened, spoke, woke, reopened; edited and deleted."""
    entries: list[tuple[int, int, str, str]] = []
    for place in touched:
        here = place.brand.pk, place.id
        if place.is_new:
            kind = Event.Kind.IMPORTED if place.archived else Event.Kind.OPENED
            entries.append((*here, kind, json({"channel": place.channel, "messages": place.new_messages})))
            continue
        if place.new_messages:
            said = Event.Kind.IMPORTED if place.archived else Event.Kind.MESSAGE
            entries.append((*here, said, json({"messages": place.new_messages})))
        if place.woke:
            entries.append((*here, Event.Kind.WOKEN, "{}"))
        if place.reopened:
            entries.append((*here, Event.Kind.REOPENED, "{}"))
    for one in batch:
        if one.case_id and not one.is_new:
            detail = json({"message": one.id})
            entries += [(one.brand.pk, one.case_id, kind, detail) for kind in sorted(one.events)]
    bulk.insert(Event, ["brand_id", "case_id", "kind", "detail"], entries)
