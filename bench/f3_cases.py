"""F3, cases made: deliveries lie stored; how many a second become cases in the queue, and what COPY into the same table makes.

A: COPY of ready rows into the delivery table, nothing more. B: the same bytes as waiting deliveries, each by a stranger,
taken in by the worker: person, thread, case, message, clock, history and search index, until the last one shows in the queue.
"""

from __future__ import annotations

import http.client
import time

from .harness import Goal, Result, Run, alternate, median
from .installation import Desk, Installation, installed
from .posts import bodies

# The comparison with the peers' ticket making (aims 50 × and 500 ×) joins with their scripts; until then there is no mark.
GOAL = Goal(
    "F3", "cases made a second ÷ COPY rows a second into the delivery table", "×", aim=None, least=None
)
COPY = "COPY channels_delivery (brand_id, account_id, event_key, raw, state) FROM STDIN"
READ, WAITING = 1, 0
BOUND_SECONDS = 300


def measure(run: Run) -> Result:
    count, copied = run.size(20_000, 300, "cases"), run.size(100_000, 300, "rows")
    with installed(run.folder) as hark:
        desk, spare = hark.desks(2)
        numbers = iter(range(1000))
        made, wrong = [0], []

        def copy() -> float:
            rows = ready(spare, copied, f"c{next(numbers):03}x", READ)
            began = time.perf_counter()
            with hark.connect() as connection, connection.cursor() as cursor, cursor.copy(COPY) as sink:
                sink.write(rows)
            return copied / (time.perf_counter() - began)

        def take_in(amount: int = count) -> float:
            prefix = f"t{next(numbers):03}x"
            rows = ready(desk, amount, prefix, WAITING)
            with hark.connect() as connection:
                with connection.transaction(), connection.cursor() as cursor:
                    with cursor.copy(COPY) as sink:
                        sink.write(rows)
                    cursor.execute("SELECT pg_notify('hark_arrivals', '')")
                began = time.perf_counter()
                while connection.execute(
                    "SELECT EXISTS (SELECT FROM channels_delivery WHERE state = 0)"
                ).fetchone()[0]:  # type: ignore[index]
                    if time.perf_counter() - began > BOUND_SECONDS:
                        raise TimeoutError(f"deliveries still wait after {BOUND_SECONDS} s")
                    time.sleep(0.01)
            took = time.perf_counter() - began
            made[0] += amount
            wrong.extend(miscounts(hark, desk, made[0]))
            return amount / took

        run.say("warming up …")
        copy()
        take_in(count // 4)
        rounds = alternate(run, hark.pids, {"COPY": copy, "cases": take_in})
        shown = queue_shows(hark, desk)
        if not shown:
            wrong.append("the queue page shows none of the cases")
    rates = {side: median(rounds.values(side)) for side in rounds.sides}
    return Result(
        GOAL,
        rates["cases"] / rates["COPY"],
        {
            "cases/s": rates["cases"],
            "COPY, rows/s": rates["COPY"],
            "cases a round": count,
            "rows a round": copied,
            "brands": 1,
            "workers": 1,
            "made and counted": made[0],
            "note": "peers, measured apart on a quiet machine of this class: django-helpdesk 91/s, Request Tracker 7.5/s",
        },
        rounds,
        tuple(wrong),
    )


def ready(desk: Desk, count: int, prefix: str, state: int) -> bytes:
    """Rows for COPY in its text form."""
    return b"".join(
        b"%d\t%d\t%s%07d.1\t\\\\x%s\t%d\n"
        % (desk.brand, desk.account, prefix.encode(), n, body.hex().encode(), state)
        for n, body in enumerate(bodies(count, prefix))
    )


COUNTS = {
    "waiting cases": "SELECT count(*) FROM cases_case WHERE brand_id = %s AND state = 0",
    "messages in a case": "SELECT count(*) FROM cases_message WHERE brand_id = %s AND case_id IS NOT NULL",
    "messages that search finds": "SELECT count(*) FROM cases_message WHERE brand_id = %s AND search IS NOT NULL",
    "people": "SELECT count(*) FROM customers_person WHERE brand_id = %s",
    "running clocks": "SELECT count(*) FROM clocks_clock WHERE brand_id = %s AND stopped_at IS NULL",
    "entries of history": "SELECT count(*) FROM cases_event WHERE brand_id = %s",
    "deliveries read": "SELECT count(*) FROM channels_delivery WHERE brand_id = %s AND state = 1",
}


def miscounts(hark: Installation, desk: Desk, made: int) -> list[str]:
    """What isn't there once for each delivery."""
    found = {name: hark.one(sql, [desk.brand]) for name, sql in COUNTS.items()}
    return [f"{made} deliveries, {number} {name}" for name, number in found.items() if number != made]


def queue_shows(hark: Installation, desk: Desk) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", hark.port, timeout=30)
    connection.request("GET", f"/b/{desk.slug}/queue/?view=team", headers={"Cookie": desk.cookies[0]})
    answer = connection.getresponse()
    page = answer.read().decode()
    return answer.status == 200 and "Customer t" in page
