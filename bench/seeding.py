"""A brand with many cases, in minutes: SQL of our own, past every check that a bulk load may skip.

Of a thousand cases 150 wait, 100 were answered, 50 sleep, 100 are resolved and 600 closed. A tenth is the first agent's,
2 % carry a tag, 5 % are urgent, 10 % are in Portuguese, one in 10,000 is in Icelandic, 20 % went private; where that would be
less than a page of 25 that wait, there are as many as fill one. Three messages each, the second of them ours; the words come
from 10,000 texts, indexed by the product's own rules. Later cases have higher ids.

`stored` keeps a seeded installation for the next figure of the same run.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import psycopg

from hark.cases.words import vector

from .harness import Run
from .installation import Desk, Installation, remove
from .posts import planted

TABLES = (
    "customers_person",
    "customers_profile",
    "cases_thread",
    "cases_case",
    "cases_message",
    "clocks_clock",
    "cases_event",
)
SAID = 10_000
EACH = 3  # messages of a case
STATES = "(ARRAY[0,4,4,1,4,4,0,3,4,5,4,4,4,1,4,0,4,3,4,2])[1 + mod(n, 20)]"

STATEMENTS = (
    """INSERT INTO customers_person (id, brand_id, name, about)
       SELECT person + n, brand, 'Customer ' || n, '' FROM seed""",
    """INSERT INTO customers_profile (id, brand_id, person_id, channel, external_id, handle, name, avatar_url, followers, verified)
       SELECT profile + n, brand, person + n, 'practice', 'seed' || n, 'seed' || n || '.example', 'Customer ' || n, '',
              n % 5000, false FROM seed""",
    """INSERT INTO cases_thread (id, brand_id, account_id, external_id, private)
       SELECT thread + n, brand, account, 'seed' || n, false FROM seed""",
    f"""INSERT INTO cases_case (id, brand_id, person_id, assignee_id, state, arc, priority, opened_at, arrived_at, first_reply_at,
              last_customer_at, last_activity_at, hurts_at, due_at, snippet, snippet_lang, channel, has_private, unread,
              message_count, version)
       SELECT case_ + n, brand, person + n, CASE WHEN n / 20 % every(10) = 0 THEN member END, state,
              CASE WHEN state = 4 THEN 4 WHEN state = 3 THEN 3 WHEN state = 0 THEN 0 ELSE 1 END,
              CASE WHEN n / 20 % every(20) = 1 THEN 1 ELSE 3 END, at, at, CASE WHEN state > 0 THEN at + interval '8 s' END,
              at, at + interval '10 min' * state, at + interval '30 min', CASE WHEN state = 0 THEN at + interval '30 min' END,
              left(text, 280),
              CASE WHEN state = 0 AND n / 20 % every(1500) = 4 THEN 'is' WHEN n / 20 % every(10) = 3 THEN 'pt' ELSE 'en' END,
              'practice', n / 20 % every(5) = 2, state = 0, {EACH}, 1
       FROM seed JOIN said ON said.i = n % said_count""",
    f"""INSERT INTO cases_message (id, brand_id, thread_id, case_id, profile_id, member_id, account_id_at, external_id, outbound,
              private, text, lang, published_at, arrived_at, search)
       SELECT message + n * {EACH} + k, brand, thread + n, case_ + n, CASE WHEN k <> 1 THEN profile + n END,
              CASE WHEN k = 1 THEN member END, account, 'seed' || n || '.' || k, k = 1, false, text, 'en',
              at + k * interval '8 s', at + k * interval '8 s', search
       FROM seed CROSS JOIN generate_series(0, {EACH - 1}) k JOIN said ON said.i = (n + k * 3333) % said_count
       ORDER BY n, k""",
    """INSERT INTO clocks_clock (id, brand_id, case_id, kind, started_at, due_at, stopped_at)
       SELECT clock + n, brand, case_ + n, 'first_response', at, at + interval '30 min',
              CASE WHEN state > 0 THEN at + interval '8 s' END FROM seed""",
    """INSERT INTO cases_event (id, brand_id, case_id, kind, detail, at)
       SELECT event + n, brand, case_ + n, 'opened', '{"channel": "practice", "messages": 1}', at FROM seed""",
    """INSERT INTO cases_snooze (brand_id, case_id, at, until, reason)
       SELECT brand, case_ + n, at, now() + interval '300 days', '' FROM seed WHERE state = 2""",
    """INSERT INTO cases_case_tags (case_id, tag_id)
       SELECT case_ + n, (SELECT min(id) FROM cases_tag WHERE brand_id = brand) FROM seed WHERE n / 20 % every(50) = 4""",
)  # fmt: skip


def full_pages(statement: str, count: int) -> str:
    """`every(50)` is 50, or less where a fiftieth of so many cases would not fill a page: 30 that wait fill one."""
    return re.sub(r"every\((\d+)\)", lambda found: str(min(int(found[1]), max(5, count // 200))), statement)


def seed_cases(
    connection: psycopg.Connection[Any], desk: Desk, count: int, texts: Callable[[int], list[str]] = planted
) -> None:
    """`count` cases of this brand, spread over 300 days, in the words of `texts`. Needs the rights of a superuser."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL session_replication_role = replica"
        )  # no triggers: the rows fit each other by construction
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        cursor.execute(
            "CREATE TEMP TABLE said (i int PRIMARY KEY, text text, search tsvector) ON COMMIT DROP"
        )
        with cursor.copy("COPY said FROM STDIN") as sink:
            for number, text in enumerate(texts(SAID)):
                sink.write_row((number, text, vector(text)))
        first = [
            _reserve(cursor, table, count * (EACH if table == "cases_message" else 1)) for table in TABLES
        ]
        cursor.execute(
            f"""
            CREATE TEMP TABLE seed ON COMMIT DROP AS
            SELECT n, {STATES}::smallint AS state,
                   date_trunc('second', now()) - interval '1 s' * ((%s - n) * (25920000.0 / %s)) AS at,
                   %s::bigint AS brand, %s::bigint AS account, %s::bigint AS member, {SAID} AS said_count,
                   %s::bigint AS person, %s::bigint AS profile, %s::bigint AS thread, %s::bigint AS case_,
                   %s::bigint AS message, %s::bigint AS clock, %s::bigint AS event
            FROM generate_series(0, %s) n
            """,
            [count, count, desk.brand, desk.account, desk.member, *first, count - 1],
        )
        cursor.execute("ANALYZE said, seed")
        with _without_indexes(cursor):
            for statement in STATEMENTS:
                cursor.execute(full_pages(statement, count))
    connection.execute("VACUUM ANALYZE")


@contextmanager
def stored(
    run: Run, name: str, cases: int, texts: Callable[[int], list[str]] = planted
) -> Iterator[tuple[Installation, Desk]]:
    """Hark with so many cases, running. Seeded once; what is kept for the next figure goes away with the run."""
    folder = run.kept / f"{name}-{cases}"
    note = folder / "desk.json"
    if folder.exists() and not note.exists():
        remove(folder)  # half seeded
    hark = Installation(folder)
    try:
        hark.start()
        if not note.exists():
            [desk] = hark.desks()
            began = time.monotonic()
            with hark.connect() as connection:
                seed_cases(connection, desk, cases, texts)
            run.say(f"seeded {cases:,} cases, {cases * EACH:,} messages in {time.monotonic() - began:.0f} s")
            note.write_text(json.dumps(asdict(desk)))
        yield hark, Desk(**json.loads(note.read_text()))
    finally:
        hark.stop()


def _reserve(cursor: psycopg.Cursor[Any], table: str, count: int) -> int:
    """The first of `count` ids that nobody else will get."""
    cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
    [first] = cursor.fetchone() or [0]
    cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first + count])
    return int(first)


@contextmanager
def _without_indexes(cursor: psycopg.Cursor[Any]) -> Iterator[None]:
    """Plain indexes are dropped meanwhile and built anew: many times faster than keeping them row by row."""
    cursor.execute(
        """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
        WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary
          AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
        """,
        [list(TABLES)],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        cursor.execute(definition)
