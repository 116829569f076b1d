"""The operations page: the last day in pictures, what is amiss and what to do, who runs, what was slow or failed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from hark.brands.access import operators
from hark.ops import doctor, environment, lastday, machine, queues
from hark.ops.models import BackupRun

MOST = 20
STATEMENTS_SQL = """
    SELECT query, calls, mean_exec_time, max_exec_time FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY mean_exec_time DESC LIMIT 10
"""


@dataclass
class Slow:
    """Queries of one text that took long. `page`: where the last one was asked, or the process."""

    sql: str
    times: int = 0
    worst_ms: int = 0
    page: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Trouble:
    """One line of the log."""

    at: datetime | None
    level: str
    process: str
    event: str
    words: str
    request_id: str


@require_GET
@never_cache
@operators
def page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    day = lastday.read(now)
    findings = doctor.look(environment.read())
    context = {
        "charts": lastday.charts(day),
        "amiss": [finding for finding in findings if finding.state != "ok"],
        "fine": [finding for finding in findings if finding.state == "ok"],
        "arrived": lastday.count(day.total(lambda s, b: s.get("new", {}).get("messages"), latest=12)),
        "answered": lastday.count(day.total(lambda s, b: s.get("new", {}).get("replies"), latest=12)),
        "probe": day.last_probe,
        "probe_took": lastday.seconds(day.last_probe.seconds)
        if day.last_probe and day.last_probe.seconds
        else "",
        "probes_are_on": settings.HARK_PROBE_SECONDS > 0,
        "queues": queues.measure(),
        "free": lastday.size(machine.free_bytes(settings.HARK_DATA)),
        "backup": BackupRun.objects.filter(problem="").order_by("-started_at").first(),
        "streams": lastday.count(day.newest.get("streams", 0)),
        "processes": [(one, lastday.size(one.memory_bytes)) for one in machine.processes(settings.HARK_DATA)],
        "slow": slow_queries(machine.troubles(settings.HARK_DATA, "slow_query")),
        "slow_ms": settings.HARK_SLOW_QUERY_MS,
        "statements": statements(),
        "troubles": [trouble(line) for line in machine.troubles(settings.HARK_DATA, "-slow_query")[:MOST]],
        "now": now,
    }
    return render(request, "ops/operations.html", context)


def slow_queries(lines: Iterable[dict[str, Any]]) -> list[Slow]:
    """By their text, the worst first."""
    found: dict[str, Slow] = {}
    for line in lines:  # newest first
        sql = str(line.get("sql", ""))
        slow = found.setdefault(
            sql, Slow(sql, page=str(line.get("page") or line.get("process", "")), at=_time(line))
        )
        slow.times += 1
        slow.worst_ms = max(slow.worst_ms, int(line.get("ms", 0)))
    return sorted(found.values(), key=lambda slow: -slow.worst_ms)[:MOST]


def trouble(line: dict[str, Any]) -> Trouble:
    """A line in words: what happened, and the last line of its traceback or what else it says."""
    told = {"timestamp", "level", "process", "event", "logger", "request_id", "exception", "page"}
    rest = {name: value for name, value in line.items() if name not in told}
    exception = str(line.get("exception", "")).strip().splitlines()
    words = (
        exception[-1]
        if exception
        else " · ".join(
            f"{name}: {value if isinstance(value, str) else json.dumps(value)}"
            for name, value in rest.items()
        )
    )
    return Trouble(
        _time(line),
        str(line.get("level", "")),
        str(line.get("process", "")),
        str(line.get("event", ""))[:200],
        words[:300],
        str(line.get("request_id", "")),
    )


def statements() -> list[tuple[str, int, str, str]]:
    """What PostgreSQL itself has counted, where pg_stat_statements is there and may be read; slowest on average first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_stat_statements') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(STATEMENTS_SQL)
        return [
            (
                " ".join(query.split())[:300],
                calls,
                lastday.seconds(mean / 1000),
                lastday.seconds(worst / 1000),
            )
            for query, calls, mean, worst in cursor.fetchall()
        ]


def _time(line: dict[str, Any]) -> datetime | None:
    return parse_datetime(str(line.get("timestamp", "")))
