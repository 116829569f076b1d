"""F5, a flat queue: p95 of the queue page at 1,000,000 cases ÷ at 1,000; one reader, whole HTML pages.

Two installations, one of each size, asked in turn. Page 1 and a page from the middle of the list by its key, of the plain
queue and of the closed cases, and page 1 of seven narrowed ones. Each page is full in both (seeding.py), so that finding is
compared and not the number of rows. The value is the ratio of the mix that comes off worst.
"""

from __future__ import annotations

import base64
import http.client
import time

from .harness import Goal, Result, Run, alternate, median, percentile
from .installation import Desk, Installation
from .seeding import stored

GOAL = Goal(
    "F5",
    "p95 of the queue page at 1,000,000 cases ÷ at 1,000",
    "×",
    aim=1.15,
    least=1.5,
    higher_is_better=False,
)
RARE = "Icelandic, 1 in 10,000"
ROWS_MARK = "Customer "
Page = tuple[Installation, Desk, dict[str, str]]


def measure(run: Run) -> Result:
    large, small, asked = (
        run.size(1_000_000, 2_000, "cases"),
        run.size(1_000, 200, "few"),
        run.size(60, 3, "pages"),
    )
    with stored(run, "large", large) as (many, many_desk), stored(run, "small", small) as (few, few_desk):
        sides = {"many": prepared(many, many_desk), "few": prepared(few, few_desk)}
        run.say("warming up …")
        wrong = [
            f"{count} cases were seeded, {found} are there"
            for hark, count in ((many, large), (few, small))
            if (found := hark.one("SELECT count(*) FROM cases_case")) < count
        ]
        for page in sides.values():
            ask(page, 5)
        rounds = alternate(
            run,
            lambda: [*many.pids(), *few.pids()],
            {name: (lambda page=page: ask(page, asked)) for name, page in sides.items()},  # type: ignore[misc]
        )
        cold = {}
        for name, (hark, *_) in sides.items():
            hark.stop()
            hark.start()
            cold[name] = ask(sides[name], max(1, asked // 10))
    p95 = {
        side: {mix: median(one[mix] for one in rounds.values(side)) for mix in rounds.values(side)[0]}
        for side in sides
    }
    ratios = {mix: p95["many"][mix] / p95["few"][mix] for mix in p95["few"]}
    worst = max(ratios, key=lambda mix: ratios[mix])
    return Result(
        GOAL,
        ratios[worst],
        {
            "worst mix": worst,
            "ratios": ratios,
            f"p95 ms at {large:,}": p95["many"],
            f"p95 ms at {small:,}": p95["few"],
            "slowest ms after a restart, many": cold["many"],
            "slowest ms after a restart, few": cold["few"],
            "pages a mix and round": asked,
            "cases": [large, small],
        },
        rounds,
        tuple(wrong),
        bars={f"Hark, {mix}": ratio for mix, ratio in ratios.items()},
        bars_title=f"p95 at {large:,} ÷ at {small:,}, by mix",
        bars_unit="×",
    )


def prepared(hark: Installation, desk: Desk) -> Page:
    """The installation, and the addresses of its pages by the name of their mix."""
    tag = hark.one("SELECT min(id) FROM cases_tag WHERE brand_id = %s", [desk.brand])
    mixes = {
        "page 1": "view=team",
        "middle page": f"view=team&after={middle(hark, 'state = 0', 'hurts_at', 'ASC')}",
        "mine": "view=mine",
        "unassigned, private": "view=unassigned&place=private",
        "urgent": "view=team&priority=1",
        "tagged": f"view=team&tag={tag}",
        "Portuguese": "view=team&lang=pt",
        RARE: "view=team&lang=is",
        "of an account": f"view=team&account={desk.account}",
        "closed, middle": f"view=closed&after={middle(hark, 'state = 4', 'last_activity_at', 'DESC')}",
    }
    return hark, desk, mixes


def middle(hark: Installation, which: str, by: str, order: str) -> str:
    """The key in the middle of a list, as the page writes it (hark/cases/context/paging.py)."""
    total = hark.one(f"SELECT count(*) FROM cases_case WHERE {which}")
    with hark.connect() as connection:
        connection.execute("SET timezone = 'UTC'")
        at, pk = connection.execute(
            f"SELECT {by}, id FROM cases_case WHERE {which} ORDER BY {by} {order}, id {order} OFFSET {total // 2} LIMIT 1"
        ).fetchone() or ("", 0)
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{pk}".encode()).decode().rstrip("=")


def ask(page: Page, times: int) -> dict[str, float]:
    """p95 in ms of each mix, over one kept connection. Raises when a page fails or is empty."""
    hark, desk, mixes = page
    connection = http.client.HTTPConnection("127.0.0.1", hark.port, timeout=60)
    found: dict[str, float] = {}
    for mix, query in mixes.items():
        took = []
        for _ in range(times):
            began = time.perf_counter()
            connection.request("GET", f"/b/{desk.slug}/queue/?{query}", headers={"Cookie": desk.cookies[0]})
            answer = connection.getresponse()
            text = answer.read()
            took.append((time.perf_counter() - began) * 1000)
            if answer.status != 200 or ROWS_MARK.encode() not in text:
                raise RuntimeError(f"{mix}: status {answer.status}, {len(text)} bytes, no case in it")
        found[mix] = percentile(took, 0.95)
    return found
