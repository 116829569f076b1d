"""F3, cases made: posts by strangers become cases in the queue, a second ÷ tickets that the peers make a second.

Eight clients each, the same texts. A post is done when its case shows in the queue: person, thread, case, message, clock, history
and search index are there. A: Hark on the peers' PostgreSQL with its default settings. B, C: django-helpdesk and Request Tracker by
REST, in the same cluster. Beside them D: Hark on its embedded server, and E: the same from deliveries that lie stored already.
"""

from __future__ import annotations

import http.client
import time
from contextlib import AbstractContextManager

from . import peers
from .f1_intake import fire, signed_ahead
from .harness import Goal, Result, Run, alternate, median
from .installation import Desk, Installation, installed
from .posts import bodies

HELPDESK = Goal(
    "F3", "cases made a second ÷ tickets of django-helpdesk", "×", aim=50, least=20, part="÷ django-helpdesk"
)
TRACKER = Goal(
    "F3",
    "cases made a second ÷ tickets of Request Tracker",
    "×",
    aim=500,
    least=200,
    part="÷ Request Tracker",
)
NO_PEER = Goal("F3", "cases made a second; no peer is here", "/s", aim=None, least=None)
GOAL = HELPDESK
MARKS = {"django-helpdesk": HELPDESK, "Request Tracker": TRACKER}
COPY = "COPY channels_delivery (brand_id, account_id, event_key, raw, state) FROM STDIN"
READ, WAITING = 1, 0
BOUND_SECONDS = 300
CLIENTS = 8
SEEDED = 1000  # tickets and cases that are there before


def measure(run: Run) -> Result:
    count, seconds = run.size(20_000, 300, "cases"), run.size(10, 2, "seconds")
    with (
        peers.serving(run, SEEDED) as (cluster, found),
        on_cluster(run, cluster) as beside,
        installed(run.folder) as alone,
    ):
        desks = {id(hark): hark.desks()[0] for hark in (beside, alone)}
        made = {id(hark): 0 for hark in (beside, alone)}
        numbers = iter(range(1000))
        wrong: list[str] = []

        def post(hark: Installation, amount: int = count) -> float:
            rate = make_cases(run, hark, desks[id(hark)], amount, f"p{next(numbers):03}x", CLIENTS)
            return counted(hark, amount, rate)

        def take_in(hark: Installation, amount: int = count) -> float:
            rate = from_backlog(hark, desks[id(hark)], amount, f"t{next(numbers):03}x")
            return counted(hark, amount, rate)

        def counted(hark: Installation, amount: int, rate: float) -> float:
            made[id(hark)] += amount
            wrong.extend(miscounts(hark, desks[id(hark)], made[id(hark)]))
            return rate

        run.say("warming up …")
        for hark in (beside, alone):
            post(hark, max(SEEDED, 8))
        for peer in found.values():
            peer.create(CLIENTS, min(3, seconds))
        rounds = alternate(
            run,
            lambda: [*beside.pids(), *alone.pids(), *peers.pids(found.values())],
            {
                "Hark": lambda: post(beside),
                **{
                    name: (lambda peer=peer: peer.create(CLIENTS, seconds).per_s)
                    for name, peer in found.items()
                },
                "Hark, embedded server": lambda: post(alone),
                "Hark, from a stored backlog": lambda: take_in(alone),
            },
        )
        wrong += [
            "the queue page shows none of the cases"
            for hark in (beside, alone)
            if not queue_shows(hark, desks[id(hark)])
        ]
        versions = {name: peer.version() for name, peer in found.items()}
        tickets = {name: peer.count() for name, peer in found.items()}
    rates = {side: median(rounds.values(side)) for side in rounds.sides}
    marks = [(MARKS[name], rates["Hark"] / rates[name]) for name in found] or [(NO_PEER, rates["Hark"])]
    (goal, value), *more = marks
    return Result(
        goal,
        value,
        {
            **{f"{side}, a second": rate for side, rate in rates.items()},
            "peers": versions,
            "tickets there at the end": tickets,
            "peers that are not here": [name for name in MARKS if name not in found] or "none",
            "clients": CLIENTS,
            "cases a round": count,
            "seconds a round, peers": seconds,
            "made and counted by Hark": sum(made.values()),
        },
        rounds,
        tuple(wrong),
        tuple(more),
        bars=rates,
        bars_title="Cases or tickets made a second",
        bars_unit="/s",
    )


def on_cluster(
    run: Run, cluster: peers.Cluster, name: str = "beside"
) -> AbstractContextManager[Installation]:
    """Hark in the peers' PostgreSQL, in a database of its own."""
    cluster.create("hark_beside")
    return installed(run.folder, name, database_url=cluster.dsn("hark_beside"), server_pid=cluster.pid)


def make_cases(run: Run, hark: Installation, desk: Desk, count: int, prefix: str, connections: int) -> float:
    """Cases a second, from the first signed post to the moment at which no delivery waits."""
    sent = signed_ahead(run.folder, desk, hark.port, bodies(count, prefix))
    began = time.perf_counter()
    fire(sent, hark.port, connections)
    wait_until_read(hark)
    return count / (time.perf_counter() - began)


def from_backlog(hark: Installation, desk: Desk, count: int, prefix: str) -> float:
    """The same for deliveries that become visible in one commit."""
    rows = ready(desk, count, prefix, WAITING)
    with hark.connect() as connection, connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(COPY) as sink:
            sink.write(rows)
        cursor.execute("SELECT pg_notify('hark_arrivals', '')")
    began = time.perf_counter()
    wait_until_read(hark)
    return count / (time.perf_counter() - began)


def wait_until_read(hark: Installation) -> None:
    began = time.perf_counter()
    with hark.connect() as connection:
        while connection.execute(
            "SELECT EXISTS (SELECT FROM channels_delivery WHERE state = 0)"
        ).fetchone() != (False,):
            if time.perf_counter() - began > BOUND_SECONDS:
                raise TimeoutError(f"deliveries still wait after {BOUND_SECONDS} s")
            time.sleep(0.01)


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
    return answer.status == 200 and "Customer p" in page
