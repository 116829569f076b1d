"""F8, seen to screen: from the webhook's 200 to the bytes at an agent's live stream.

1,000 agents over 20 brands, each watching one queue and one case, while customers of these very cases write on: every post is
timed at the agent who watches its case. A: the floor, a durable INSERT and NOTIFY until a listener has it. B: Hark. One clock,
one machine. Missed: a page that is not current a second after the last post.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import uvloop

from . import agents
from .harness import Goal, Result, Run, alternate, median, percentile
from .installation import Desk, Installation, installed

GOAL = Goal(
    "F8",
    "webhook accepted → bytes at the agent's stream, p99",
    "ms",
    aim=100,
    least=250,
    higher_is_better=False,
)
P50_AIM = 5.0  # times the floor
BRANDS, POSTERS = 20, 32
JUST_BEFORE_SECONDS = 0.05
CURRENT_WITHIN_SECONDS = 1.0


@dataclass
class Screen:
    """What was sent and heard of each case: moments on one clock, in order."""

    accepted: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    heard: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def took(self) -> dict[str, Any]:
        """`ms` from each 200 to the next bytes for its case; `missed` cases; posts `overtaken` by the case's next one.

        Bytes that came just before the 200 was read count as at once: they are two connections, without an order.
        """
        took: list[float] = []
        missed = overtaken = 0
        for case, sent in self.accepted.items():
            heard = self.heard[case]
            for at, following in zip(sent, [*sent[1:], float("inf")], strict=True):
                index = bisect_left(heard, at - JUST_BEFORE_SECONDS)
                if index < len(heard):
                    took.append(max(0.0, heard[index] - at) * 1000)
                    overtaken += heard[index] > following
            missed += not heard or heard[-1] < sent[-1] - JUST_BEFORE_SECONDS
        return {"ms": took, "missed": missed, "overtaken": overtaken}


def measure(run: Run) -> Result:
    count, rate = run.size(1000, 20, "agents"), run.size(500, 20, "posts")
    seconds, brands = run.size(20, 3, "seconds"), min(BRANDS, run.size(1000, 20, "agents") // 2)
    with installed(run.folder) as hark:
        desks = hark.desks(brands, count // brands)
        cases = begin_cases(hark, desks)
        posted = [sum(map(len, cases.values()))]
        wrong: list[str] = []
        numbers = iter(range(1000))

        def floor() -> dict[str, float]:
            took = insert_and_notify(hark, 50 if run.quick else 500)
            return {"p50": percentile(took, 0.5), "p99": percentile(took, 0.99)}

        def whole() -> dict[str, float]:
            load = Load(hark, desks, cases, rate, seconds, next(numbers))
            found = uvloop.run(load.go())
            posted[0] += int(found["posts"])
            hark.drain()
            stored = hark.one("SELECT count(*) FROM cases_message")
            if stored != posted[0]:
                wrong.append(f"{posted[0]} posts accepted, {stored} messages in the database")
            return found

        run.say(f"{brands} brands, {count // brands * brands} agents; warming up …")
        uvloop.run(Load(hark, desks, cases, rate, 2, next(numbers)).go())
        hark.drain()
        posted[0] = hark.one("SELECT count(*) FROM cases_message")
        rounds = alternate(run, hark.pids, {"floor": floor, "Hark": whole})
    floor_p50 = median(one["p50"] for one in rounds.values("floor"))
    found = {name: median(one[name] for one in rounds.values("Hark")) for name in rounds.values("Hark")[0]}
    missed = int(sum(one["missed"] for one in rounds.values("Hark")))
    if missed and not run.quick:  # a small run on a busy machine proves nothing about times
        wrong.append(f"{missed} pages were not current a second after the last post")
    return Result(
        GOAL,
        found["p99"],
        {
            "p50 ms": found["p50"],
            "p99 ms": found["p99"],
            "floor p50 ms": floor_p50,
            "floor p99 ms": median(one["p99"] for one in rounds.values("floor")),
            "p50 ÷ floor": found["p50"] / floor_p50,
            "p50 ÷ floor, aim": P50_AIM,
            "missed": missed,
            "posts overtaken by the next": int(found["overtaken"]),
            "agents": count // brands * brands,
            "brands": brands,
            "posts/s asked": rate,
            "posts/s done": found["per_s"],
            "events/s to agents": found["events_per_s"],
            "seconds a round": seconds,
        },
        rounds,
        tuple(wrong),
        bars={
            "Hark, p50": found["p50"],
            "Hark, p99": found["p99"],
            "INSERT and NOTIFY, p50": floor_p50,
        },
        bars_title="From accepted to screen",
        bars_unit="ms",
    )


def begin_cases(hark: Installation, desks: list[Desk]) -> dict[str, list[int]]:
    """One open case for each agent, by a customer of its own: the ids by brand, in the order of the agents."""
    uvloop.run(
        _send_all(
            hark, [request(hark, desk, n, "first", n) for desk in desks for n in range(len(desk.cookies))]
        )
    )
    give_up_at = time.monotonic() + 120
    wanted = sum(len(desk.cookies) for desk in desks)
    while hark.one("SELECT count(*) FROM cases_case") < wanted:
        if time.monotonic() > give_up_at:
            raise TimeoutError("the first posts did not become cases")
        time.sleep(0.1)
    found: dict[str, list[int]] = {}
    with hark.connect() as connection:
        for desk in desks:
            rows = connection.execute(
                "SELECT m.external_id, m.case_id FROM cases_message m WHERE m.brand_id = %s", [desk.brand]
            ).fetchall()
            by_post = dict(rows)
            found[desk.slug] = [by_post[f"{desk.slug}-first-{n}"] for n in range(len(desk.cookies))]
    return found


def request(hark: Installation, desk: Desk, customer: int, run: str, number: int) -> bytes:
    """A signed post by this customer of the brand, in their own thread, as whole HTTP bytes."""
    name, now = f"{desk.slug}-{run}-{number}", datetime.now(UTC).isoformat()
    body = (
        f'{{"key":"{name}","id":"{name}","at":"{now}","thread":"{desk.slug}-{customer}","text":"Still waiting, number {number}. '
        f'{"Please look into it. " * 12}","author":{{"id":"c{customer}","handle":"c{customer}","name":"Customer {customer}"}}}}'
    ).encode()
    signature = hmac.digest(desk.secret.encode(), body, hashlib.sha256).hex()
    return (
        f"POST /hooks/{desk.hook_key} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Hark-Signature: {signature}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def _send_all(hark: Installation, requests: list[bytes]) -> None:
    _, poster = await asyncio.get_running_loop().create_connection(agents.Poster, "127.0.0.1", hark.port)
    for one in requests:
        await poster.send(one)
    if poster.refused:
        raise RuntimeError(f"{poster.refused} first posts were refused")


def insert_and_notify(hark: Installation, times: int) -> list[float]:
    """Milliseconds from a durable INSERT with NOTIFY until a listener has it."""
    took = []
    with hark.connect() as writer, hark.connect() as listener:
        writer.execute("CREATE TABLE IF NOT EXISTS bench_floor (id bigserial PRIMARY KEY, body text)")
        listener.execute("LISTEN bench_floor")
        for number in range(times):
            began = time.perf_counter()
            writer.execute(
                "WITH new AS (INSERT INTO bench_floor (body) VALUES (%s) RETURNING id)"
                " SELECT pg_notify('bench_floor', id::text) FROM new",
                [f"{number:0482}"],
            )
            for _ in listener.notifies(timeout=5, stop_after=1):
                took.append((time.perf_counter() - began) * 1000)
    return took


@dataclass
class Load:
    """Agents who listen and customers who post at a steady rate, whatever the answers take."""

    hark: Installation
    desks: list[Desk]
    cases: dict[str, list[int]]
    rate: int
    seconds: int
    number: int
    screen: Screen = field(default_factory=Screen)

    async def go(self) -> dict[str, float]:
        watching = await self._connect()
        posters = [
            (await asyncio.get_running_loop().create_connection(agents.Poster, "127.0.0.1", self.hark.port))[
                1
            ]
            for _ in range(POSTERS)
        ]
        free: asyncio.Queue[agents.Poster] = asyncio.Queue()
        for poster in posters:
            free.put_nowait(poster)
        events, began = sum(agent.events for agent in watching), time.perf_counter()
        under_way = []
        turns = len(self.cases[self.desks[0].slug])
        for number in range(self.rate * self.seconds):
            await asyncio.sleep(began + number / self.rate - time.perf_counter())
            desk, customer = self.desks[number % len(self.desks)], number // len(self.desks) % turns
            under_way.append(asyncio.create_task(self._post(free, desk, customer, number)))
        await asyncio.gather(*under_way)
        took = time.perf_counter() - began
        await asyncio.sleep(CURRENT_WITHIN_SECONDS)
        events = sum(agent.events for agent in watching) - events
        if lost := sum(agent.lost for agent in watching):
            raise RuntimeError(f"{lost} live streams were lost")
        if refused := sum(poster.refused for poster in posters):
            raise RuntimeError(f"{refused} posts were refused")
        for one in (*watching, *posters):
            one.transport.close()
        found = self.screen.took()
        return {
            "p50": percentile(found["ms"], 0.5),
            "p99": percentile(found["ms"], 0.99),
            "missed": found["missed"],
            "overtaken": found["overtaken"],
            "posts": len(under_way),
            "per_s": len(under_way) / took,
            "events_per_s": events / took,
        }

    async def _connect(self) -> list[agents.Agent]:
        watching: list[agents.Agent] = []
        for desk in self.desks:
            pairs = zip(self.cases[desk.slug], desk.cookies, strict=True)
            watching += await asyncio.gather(
                *(
                    agents.connect(self.hark.port, agents.live(desk.slug, case, cookie), case, self._heard)
                    for case, cookie in pairs
                )
            )
        return watching

    def _heard(self, case: int, at: float) -> None:
        self.screen.heard[case].append(at)

    async def _post(self, free: asyncio.Queue[agents.Poster], desk: Desk, customer: int, number: int) -> None:
        poster = await free.get()
        accepted = await poster.send(request(self.hark, desk, customer, f"r{self.number}", number))
        self.screen.accepted[self.cases[desk.slug][customer]].append(accepted)
        free.put_nowait(poster)
