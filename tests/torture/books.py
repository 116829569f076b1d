"""What the product's tables must hold, worked out from the journals alone, and every difference in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

Rows = list[tuple[Any, ...]]


@dataclass
class Findings:
    """Differences by kind, and how many things were compared."""

    tried: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def same(self, kind: str, wanted: dict[Any, Any], found: dict[Any, Any]) -> None:
        """Every wanted one is there with this value, and nothing else is."""
        self.tried[kind] += len(wanted)
        for key in wanted.keys() - found.keys():
            self.failed.append(f"{kind} {key}: lost")
        for key in found.keys() - wanted.keys():
            self.failed.append(f"{kind} {key}: nobody sent it")
        for key in wanted.keys() & found.keys():
            if wanted[key] != found[key]:
                self.failed.append(f"{kind} {key}: {found[key]!r} instead of {wanted[key]!r}")

    def none(self, kind: str, rows: Rows) -> None:
        self.tried[kind] += 1
        self.failed += [f"{kind}: {row!r}" for row in rows]

    def lines(self) -> list[str]:
        return [f"{kind}: {count:,}" for kind, count in self.tried.items()]


@dataclass
class Journal:
    """What the witness was promised, put together."""

    events: list[dict[str, Any]]

    @classmethod
    def read(cls, path: Path) -> Journal:
        return cls([json.loads(line) for line in path.read_text().splitlines()])

    def first_accept_after(self, at: float) -> float | None:
        """Seconds from a kill to the answer of the first request that began after it."""
        answers = [event["acknowledged"] for event in self.events if event["began"] >= at]
        return min(answers) - at if answers else None

    def messages(self) -> dict[str, tuple[Any, ...]]:
        """id → text, version, earlier texts, deleted, private, author."""
        made: dict[str, tuple[Any, ...]] = {}
        for event in sorted(self.events, key=lambda event: event["version"]):
            before = made.get(event["id"])
            if event["type"] == "delete":
                assert before
                made[event["id"]] = ("", before[1], 0, True, event["private"], event["author"]["id"])
            else:
                version = f"{event['version']:09}"
                earlier = before[2] + 1 if before else 0
                made[event["id"]] = (
                    event["text"], version, earlier, False, event["private"], event["author"]["id"],
                )  # fmt: skip
        return made

    def per_author(self, of: Callable[[dict[str, Any]], bool] = lambda event: True) -> Counter[str]:
        posts = (event for event in self.events if event["type"] == "post" and of(event))
        return Counter(event["author"]["id"] for event in posts)


def compare(connection: psycopg.Connection[Any], journal: Journal, queued: Iterable[str]) -> Findings:
    """Everything that was promised against everything that is there, at one moment."""
    findings = Findings()

    def ask(statement: str) -> Rows:
        return connection.execute(statement).fetchall()

    _deliveries(findings, ask, journal)
    _messages(findings, ask, journal)
    _feed(findings, ask)
    _cases(findings, ask, journal)
    _history(findings, ask)
    _replies(findings, ask, set(queued))
    return findings


def compare_restored(connection: psycopg.Connection[Any], journal: Journal, before: float) -> Findings:
    """A restored backup that was begun `before` that moment: what had been acknowledged by then is there, once.

    It may hold more: what was stored while the backup began. Of that, what was read then is compared as ever.
    """
    findings = Findings()

    def ask(statement: str) -> Rows:
        return connection.execute(statement).fetchall()

    found = ask("SELECT event_key, state FROM channels_delivery")
    times = Counter(key for key, _ in found)
    known = {event["key"] for event in journal.events} | {
        key for (key,) in ask("SELECT key FROM practice_change")
    }
    promised = {event["key"] for event in journal.events if event["acknowledged"] < before}
    findings.tried["acknowledged deliveries"] += len(promised)
    findings.failed += [f"acknowledged delivery {key}: lost" for key in promised - times.keys()]
    findings.failed += [f"delivery {key}: {count} times" for key, count in times.items() if count > 1]
    findings.failed += [f"delivery {key}: nobody sent it" for key in times.keys() - known]
    findings.none("unreadable deliveries", [row for row in found if row[1] == UNREADABLE])
    read = {key for key, state in found if state not in (WAITING, UNREADABLE)}
    by_then = Journal([event for event in journal.events if event["key"] in read])
    _messages(findings, ask, by_then)
    _cases(findings, ask, by_then)
    _history(findings, ask)
    findings.none("replies that are not on the other side as often as they say", ask(SENT_OTHERWISE))
    return findings


WAITING, UNREADABLE = 0, 2  # channels_delivery.state
SENT_OTHERWISE = """
    SELECT r.key, r.state, count(w.id) FROM replies_reply r
    LEFT JOIN practice_post w ON w.key = r.key::text AND w.persona_id IS NULL
    GROUP BY r.id HAVING count(w.id) > 1 OR (r.state = 'sent' AND (count(w.id) <> 1 OR r.message_id IS NULL))
"""
Ask = Callable[[str], Rows]


def _deliveries(findings: Findings, ask: Ask, journal: Journal) -> None:
    stored = Counter(row[0] for row in ask("SELECT event_key FROM channels_delivery"))
    fed = Counter(row[0] for row in ask("SELECT key FROM practice_change"))
    findings.same("acknowledged deliveries", Counter(event["key"] for event in journal.events) + fed, stored)
    findings.none(
        "waiting or unreadable deliveries",
        ask("SELECT event_key, state, problem FROM channels_delivery WHERE state NOT IN (1, 3) LIMIT 5"),
    )


def _messages(findings: Findings, ask: Ask, journal: Journal) -> None:
    rows = ask(
        """
        SELECT m.external_id, m.text, m.version, jsonb_array_length(m.earlier), m.deleted_at IS NOT NULL, m.private,
               p.external_id
        FROM cases_message m LEFT JOIN customers_profile p ON p.id = m.profile_id
        WHERE NOT EXISTS (SELECT FROM practice_post w WHERE w.external_id = m.external_id)
        """
    )
    findings.same("messages", journal.messages(), {row[0]: row[1:] for row in rows})


def _feed(findings: Findings, ask: Ask) -> None:
    findings.tried["messages of the feed"] += ask("SELECT count(*) FROM practice_post")[0][0]
    findings.none(
        "messages of the feed that are lost",
        ask(
            """
            SELECT w.external_id FROM practice_post w
            WHERE NOT EXISTS (SELECT FROM cases_message m WHERE m.external_id = w.external_id)
            """
        ),
    )


def _cases(findings: Findings, ask: Ask, journal: Journal) -> None:
    """One case for each customer: its counts, its clock and its milestones follow from what was said and sent."""
    rows = ask(
        """
        SELECT p.external_id, c.id, c.message_count - (SELECT count(*) FROM replies_reply r
                                                       WHERE r.case_id = c.id AND r.state = 'sent'),
               c.has_private OR false,
               (SELECT count(*) FROM clocks_clock k WHERE k.case_id = c.id),
               (c.first_reply_at IS NULL) = (SELECT bool_and(k.stopped_at IS NULL) FROM clocks_clock k
                                             WHERE k.case_id = c.id),
               (c.first_reply_at IS NULL) = NOT EXISTS (SELECT FROM replies_reply r
                                                        WHERE r.case_id = c.id AND r.state = 'sent')
        FROM cases_case c JOIN customers_profile p ON p.person_id = c.person_id
        WHERE NOT EXISTS (SELECT FROM practice_persona w WHERE w.external_id = p.external_id)
        """
    )
    findings.none(
        "customers with two cases", [(who, n) for who, n in Counter(row[0] for row in rows).items() if n > 1]
    )
    findings.none(
        "messages without a case",
        ask(
            "SELECT external_id FROM cases_message WHERE case_id IS NULL AND deleted_at IS NULL AND NOT outbound"
        ),
    )
    # A post that was deleted before anybody could read it belongs to no case (docs/durability.md).
    never_seen = {row[0] for row in ask("SELECT external_id FROM cases_message WHERE case_id IS NULL")}
    seen = journal.per_author(lambda event: event["id"] not in never_seen)
    in_private = journal.per_author(lambda event: event["private"] and event["id"] not in never_seen)
    answered = {row[0] for row in ask("SELECT DISTINCT case_id FROM replies_reply WHERE private")}
    findings.same(
        "cases",
        {who: (count, who in in_private, 1, True, True) for who, count in seen.items()},
        {row[0]: (row[2], row[0] in in_private if row[1] in answered else row[3], *row[4:]) for row in rows},
    )
    findings.none(
        "cases whose messages don't add up",
        ask(
            """
            SELECT c.id, c.message_count, c.version, said.inbound, said.sent
            FROM cases_case c CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE NOT outbound) AS inbound, count(r.id) AS sent
                FROM cases_message m LEFT JOIN replies_reply r ON r.message_id = m.id WHERE m.case_id = c.id
            ) said
            WHERE c.message_count <> said.inbound + said.sent
            """
        ),
    )


def _history(findings: Findings, ask: Ask) -> None:
    """It is written with what it tells, or not at all."""
    findings.none(
        "cases whose history doesn't tell what happened",
        ask(
            """
            SELECT c.id, told.*, said.*
            FROM cases_case c
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE kind = 'opened') AS opened,
                       coalesce(sum((detail->>'messages')::int) FILTER (WHERE kind IN ('opened', 'message')), 0) AS heard,
                       count(*) FILTER (WHERE kind = 'replied') AS replied
                FROM cases_event e WHERE e.case_id = c.id
            ) told
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE NOT m.outbound) AS heard,
                       (SELECT count(*) FROM replies_reply r WHERE r.case_id = c.id AND r.state = 'sent') AS replied
                FROM cases_message m WHERE m.case_id = c.id
            ) said
            WHERE told.opened <> 1 OR told.heard <> said.heard OR told.replied <> said.replied
            """
        ),
    )


def _replies(findings: Findings, ask: Ask, queued: set[str]) -> None:
    """Each that an agent saw queued went out once by the network's own ledger; refused ones never did."""
    rows = ask("SELECT key::text, state, failure_code, message_id IS NOT NULL FROM replies_reply")
    known = {row[0] for row in rows}
    findings.tried["replies"] += len(rows)
    findings.failed += [f"reply {key}: forgotten" for key in queued - known]
    of_a_play = "key = '' AND EXISTS (SELECT FROM practice_act a WHERE a.post_id = p.id)"
    ledger = Counter(
        row[0]
        for row in ask(f"SELECT key FROM practice_post p WHERE persona_id IS NULL AND NOT ({of_a_play})")
    )
    for key, state, code, has_message in rows:
        finished = (state == "sent" and has_message) or (state == "refused" and code == "gone")
        if not finished:
            findings.failed.append(f"reply {key}: stuck in {state} {code}")
        if ledger.pop(key, 0) != (1 if state == "sent" else 0):
            findings.failed.append(f"reply {key}: {state}, but not once on the other side")
    findings.failed += [f"reply {key}: sent by nobody" for key in ledger]
    findings.none(
        "sent replies that share a message or have none",
        ask(
            """
            SELECT external_id, count(*) FROM cases_message WHERE outbound GROUP BY external_id HAVING count(*) > 1
            """
        ),
    )
