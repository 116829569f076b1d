"""The intake log: `append` and `claim`. PostgreSQL now; a distributed log can take its place behind these names.

Store first, acknowledge after. The network's own identity of an event makes a redelivery a no-op.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from .base import Envelope
from .models import Account, Delivery

WAKE = "hark_arrivals"  # the NOTIFY channel that wakes workers

# One statement for both writers: this one (Django's connection) and the edge (its own, asynchronous).
APPEND_SQL = f"""
    INSERT INTO {Delivery._meta.db_table} (brand_id, account_id, event_key, raw, state, problem, is_history, recovered)
    SELECT *, %s::boolean, %s::boolean FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bytea[], %s::smallint[], %s::text[])
    ON CONFLICT (account_id, event_key) DO NOTHING
"""  # noqa: S608  (a table name of ours)


def append(
    account: Account, envelopes: Sequence[Envelope], *, is_history: bool = False, recovered: bool = False
) -> int:
    """Store events of one account, durably when the surrounding transaction commits; how many were new.

    History (an import) is read after whatever is live, however much of it there is. `recovered`: it had been missed.
    """
    if not envelopes:
        return 0
    columns = rows(
        [(account.brand_id, account.pk, envelope, Delivery.State.WAITING, "") for envelope in envelopes]
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(APPEND_SQL, [is_history, recovered, *columns])
        new: int = cursor.rowcount
        if new:
            cursor.execute("SELECT pg_notify(%s, '')", [WAKE])
    return new


def rows(deliveries: Iterable[tuple[int, int, Envelope, int, str]]) -> list[list[Any]]:
    """The columns of APPEND_SQL. PostgreSQL's text holds no NUL: an event key keeps its other characters."""
    brands, accounts, keys, raws, states, problems = [], [], [], [], [], []
    for brand_id, account_id, envelope, state, problem in deliveries:
        brands.append(brand_id)
        accounts.append(account_id)
        keys.append(envelope.event_key.replace("\0", "")[:512])
        raws.append(envelope.raw)
        states.append(int(state))
        problems.append(problem)
    return [brands, accounts, keys, raws, states, problems]


def brands_waiting() -> list[int]:
    """Brands with something to read, by hops over the index of what waits: as quick with a million rows as with ten."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE waiting AS (
                (SELECT brand_id FROM channels_delivery WHERE state = 0 ORDER BY brand_id LIMIT 1)
                UNION ALL
                SELECT (SELECT d.brand_id FROM channels_delivery d
                        WHERE d.state = 0 AND d.brand_id > waiting.brand_id ORDER BY d.brand_id LIMIT 1)
                FROM waiting WHERE waiting.brand_id IS NOT NULL
            )
            SELECT brand_id FROM waiting WHERE brand_id IS NOT NULL
            """
        )
        return [row[0] for row in cursor.fetchall()]


CLAIM_SQL = """
    SELECT d.* FROM unnest(%s::bigint[]) AS brand(id) CROSS JOIN LATERAL (
        SELECT * FROM channels_delivery WHERE brand_id = brand.id AND state = 0 ORDER BY is_history, id LIMIT %s
    ) AS d ORDER BY d.is_history, d.id
"""


def claim(most: int) -> list[Delivery]:
    """The oldest waiting deliveries of every brand that no other worker has, for this transaction alone; shared fairly.

    One worker reads a brand at a time: a follow-up can't overtake the post it follows, and no two workers open
    two cases for one person. The locks and the claim end with the transaction, whatever happens to the worker.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM unnest(%s::bigint[]) AS brand(id)"
            " WHERE pg_try_advisory_xact_lock(hashtext('hark.arrival'), id::int)",
            [brands_waiting()[:most]],
        )
        locked = [row[0] for row in cursor.fetchall()]
    if not locked:
        return []
    return list(Delivery.objects.raw(CLAIM_SQL, [locked, -(-most // len(locked))]))


def mark_read(deliveries: Iterable[Delivery]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE channels_delivery SET state = %s WHERE id = ANY(%s) AND state = %s",
            [int(Delivery.State.READ), [delivery.pk for delivery in deliveries], int(Delivery.State.WAITING)],
        )


def set_aside(unreadable: Iterable[tuple[Delivery, str]]) -> None:
    """Keep what can't be read, with the problem, where an administrator sees it. It blocks nobody."""
    problems = {delivery.pk: problem[:2000].replace("\0", "") for delivery, problem in unreadable}
    if not problems:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE channels_delivery d SET state = %s, problem = new.problem
            FROM unnest(%s::bigint[], %s::text[]) AS new(id, problem) WHERE d.id = new.id
            """,
            [int(Delivery.State.UNREADABLE), list(problems), list(problems.values())],
        )


def replay(deliveries: Iterable[Delivery]) -> int:
    """Read these again, after a fix; how many there were."""
    count = Delivery.objects.filter(
        pk__in=[delivery.pk for delivery in deliveries], state=Delivery.State.UNREADABLE
    ).update(state=Delivery.State.WAITING, problem="")
    if count:
        wake()
    return count


def wake() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [WAKE])


def blank(delivery_ids: Iterable[int | None]) -> None:
    """Blank raw deliveries of a post that its author deleted; the stub of the row stays."""
    Delivery.objects.filter(pk__in=[pk for pk in delivery_ids if pk]).update(
        raw=b"", state=Delivery.State.BLANKED
    )
