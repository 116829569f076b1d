"""Every queue of the installation: how much waits in it, and for how long the oldest has waited. One query, by indexes."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import connection

KEEP_SECONDS = 3.0  # who asks more often is told the same

# The oldest live delivery is found by one step a brand; history (an import) may wait and does not count as late.
SQL = """
    WITH RECURSIVE brand AS (
        (SELECT brand_id AS id FROM channels_delivery WHERE state = 0 ORDER BY brand_id LIMIT 1)
        UNION ALL
        SELECT (SELECT d.brand_id FROM channels_delivery d
                WHERE d.state = 0 AND d.brand_id > brand.id ORDER BY d.brand_id LIMIT 1)
        FROM brand WHERE brand.id IS NOT NULL
    ), oldest AS (
        SELECT min(first.received_at) AS at FROM brand CROSS JOIN LATERAL (
            SELECT received_at FROM channels_delivery
            WHERE state = 0 AND brand_id = brand.id AND NOT is_history ORDER BY id LIMIT 1
        ) AS first
    ), queue (name, depth, since) AS (
        SELECT 'deliveries', count(*), (SELECT at FROM oldest) FROM channels_delivery WHERE state = 0
        UNION ALL SELECT 'unreadable', count(*), min(received_at) FROM channels_delivery WHERE state = 2
        UNION ALL SELECT 'outbox', count(*), min(due_at) FROM replies_reply WHERE state IN ('queued', 'sending', 'unsure')
        UNION ALL SELECT 'copies', count(*), min(copy_at) FROM cases_media WHERE copy_at IS NOT NULL
        UNION ALL SELECT 'snoozes', count(*), min(until) FROM cases_snooze WHERE ended_at IS NULL AND until <= now()
        UNION ALL SELECT 'jobs', count(*), min(since) FROM (
            SELECT coalesce(scheduled_at, (SELECT min(at) FROM procrastinate_events e WHERE e.job_id = j.id)) AS since
            FROM procrastinate_jobs j WHERE status = 'todo'
        ) AS job
    )
    SELECT name, depth, greatest(0, coalesce(extract(epoch FROM now() - since), 0))::float FROM queue
"""


@dataclass(frozen=True)
class Queue:
    """`oldest_seconds`: how long the oldest is overdue; 0 when nothing waits or nothing is due yet."""

    name: str
    depth: int
    oldest_seconds: float


_known: tuple[float, list[Queue]] = (0.0, [])


def measure(fresh: bool = False) -> list[Queue]:
    """All queues now, or as they were a moment ago. Raises DatabaseError."""
    global _known
    if fresh or time.monotonic() - _known[0] > KEEP_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute(SQL)
            _known = (time.monotonic(), [Queue(*row) for row in cursor.fetchall()])
    return _known[1]
