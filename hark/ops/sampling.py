"""Once a minute: the installation in numbers, for the pictures of the operations page."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone

from hark import counting
from hark.brands.models import PROBE
from hark.ops import machine, queues
from hark.ops.models import Sample

log = structlog.get_logger(__name__)

# What is new since the last sample, found from the end of each table's key. The probe's own doesn't count.
NEW_SQL = """
    SELECT (SELECT coalesce(max(id), 0) FROM cases_message), (SELECT coalesce(max(id), 0) FROM cases_case),
        (SELECT count(*) FROM cases_message m WHERE m.id > %s AND NOT m.outbound AND m.brand_id <> probe.id),
        (SELECT count(*) FROM cases_case c WHERE c.id > %s AND c.brand_id <> probe.id),
        (SELECT count(*) FROM cases_message m WHERE m.id > %s AND m.member_id IS NOT NULL),
        pg_database_size(current_database())
    FROM (SELECT coalesce((SELECT id FROM brands_brand WHERE slug = %s), 0) AS id) AS probe
"""


def work() -> int:
    """Write this minute's sample, unless another process has; 0, for there is no second one to write."""
    now = timezone.now().replace(second=0, microsecond=0)
    sample, mine = Sample.objects.get_or_create(at=now)
    if mine:
        before = Sample.objects.filter(at__lt=now).order_by("-at").first()
        sample.numbers = look(before.numbers if before else {})
        sample.save(update_fields=["numbers"])
    return 0


def look(before: dict[str, Any]) -> dict[str, Any]:
    """The numbers of now. `last` says from where the next sample counts; `pages` and `counted` only ever rise."""
    last = before.get("last")
    with connection.cursor() as cursor:
        start = last or {"message": 2**62, "case": 2**62}  # nobody knows what is new at the first look
        cursor.execute(NEW_SQL, [start["message"], start["case"], start["message"], PROBE])
        message, case, messages, cases, replies, size = cursor.fetchone()
    return {
        "last": {"message": message, "case": case},
        "new": {"messages": messages, "cases": cases, "replies": replies},
        "queues": {queue.name: [queue.depth, round(queue.oldest_seconds, 1)] for queue in queues.measure()},
        "pages": _pages(),
        "counted": {
            "errors": counting.total("hark_log_lines_total", level="error"),
            "failed_pages": counting.total("hark_pages_total", status="5xx"),
            "slow_queries": counting.total("hark_slow_queries_total"),
        },
        "streams": counting.total("hark_live_connections"),
        "database_bytes": size,
        "disk_free_bytes": machine.free_bytes(settings.HARK_DATA),
        "memory": {one.name: one.memory_bytes for one in machine.processes(settings.HARK_DATA)},
    }


def _pages() -> dict[str, float]:
    """How many pages were served within each bound (seconds) so far, all pages together."""
    bounds: dict[str, float] = {}
    for metric in counting.collect():
        for sample in metric.samples:
            if sample.name == "hark_page_seconds_bucket":
                bounds[sample.labels["le"]] = bounds.get(sample.labels["le"], 0.0) + sample.value
    return bounds
