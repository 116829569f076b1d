"""F6, a fast queue: p50 of Hark's queue page with 25 rows at 1,000,000 cases ÷ the peers' list of 25 at 100,000 tickets.

Hark answers with the whole HTML page. Request Tracker answers with its REST list, django-helpdesk with the rows for its page:
the least that each can do. One reader, open tickets, newest or most urgent first.
"""

from __future__ import annotations

from collections.abc import Callable

from . import peers
from .harness import Goal, Result, Run, alternate, median, percentile
from .installation import Desk, Installation
from .load import timed
from .seeding import stored

MARKS = {
    "Request Tracker": Goal(
        "F6",
        "p50 of the queue page at 1,000,000 ÷ Request Tracker's REST list at 100,000",
        "×",
        aim=0.10,
        least=0.5,
        higher_is_better=False,
        part="÷ Request Tracker",
    ),
    "django-helpdesk": Goal(
        "F6",
        "p50 of the queue page at 1,000,000 ÷ django-helpdesk's list at 100,000",
        "×",
        aim=0.01,
        least=0.05,
        higher_is_better=False,
        part="÷ django-helpdesk",
    ),
}
GOAL = MARKS["Request Tracker"]
NO_PEER = Goal("F6", "p50 of the queue page; no peer is here", "ms", None, None, higher_is_better=False)
ROW = b'id="row-'
ROWS = 25


def measure(run: Run) -> Result:
    cases, tickets = run.size(1_000_000, 2_000, "cases"), run.size(100_000, 1_000, "tickets")
    times, theirs = run.size(200, 5, "pages"), run.size(20, 3, "lists")
    with stored(run, "large", cases) as (hark, desk), peers.serving(run, tickets) as (cluster, found):
        sides: dict[str, Callable[[], dict[str, float]]] = {"Hark": lambda: told(queue(hark, desk, times))}
        for name, peer in found.items():
            sides[name] = lambda peer=peer: told(peer.rows(theirs))  # type: ignore[misc]
        run.say("warming up …")
        for side in sides.values():
            side()
        rounds = alternate(run, lambda: [*hark.pids(), cluster.pid, *peers.pids(found.values())], sides)
        counts = {"Hark": hark.one("SELECT count(*) FROM cases_case")} | {
            name: peer.count() for name, peer in found.items()
        }
        versions = {name: peer.version() for name, peer in found.items()}
    p50 = {side: median(one["p50"] for one in rounds.values(side)) for side in rounds.sides}
    marks = [(goal, p50["Hark"] / p50[name]) for name, goal in MARKS.items() if name in p50]
    (goal, value), *more = marks or [(NO_PEER, p50["Hark"])]
    return Result(
        goal,
        value,
        {
            **{f"{side}, p50 ms": value for side, value in p50.items()},
            **{f"{side}, p95 ms": median(one["p95"] for one in rounds.values(side)) for side in rounds.sides},
            "cases or tickets": counts,
            "peers": versions,
            "peers that are not here": [name for name in MARKS if name not in found] or "none",
            "pages a round": [times, theirs],
        },
        rounds,
        tuple(
            f"{cases:,} cases were seeded, {counts['Hark']:,} are there"
            for _ in range(counts["Hark"] < cases)
        ),
        tuple(more),
        bars={f"{side}, {counts[side]:,}": value for side, value in p50.items()},
        bars_title="A list of 25, p50",
        bars_unit="ms",
    )


def queue(hark: Installation, desk: Desk, times: int) -> list[float]:
    """Milliseconds of the queue's first page."""
    path, cookie = f"/b/{desk.slug}/queue/?view=team", {"Cookie": desk.cookies[0]}
    return timed(hark.port, path, cookie, times, lambda text: text.count(ROW) == ROWS)


def told(ms: list[float]) -> dict[str, float]:
    return {"p50": percentile(ms, 0.5), "p95": percentile(ms, 0.95)}
