"""F9, agents per process: KiB for each idle agent who is connected ÷ a raw ASGI stream of server-sent events.

A: a raw ASGI application on the same server that says hello and holds the stream open. B: Hark's web process, each agent with a
session of its own, all of one brand and watching its queue. Then one post comes in, and must reach all of them: a second mark.
Each round begins with fresh processes: memory once used is not given back.
"""

from __future__ import annotations

import asyncio
import json
import time

import uvloop

from . import agents
from .f1_intake import doing_nothing
from .f8_screen import request
from .harness import Goal, Result, Run, alternate, median
from .installation import Desk, Installation, installed
from .memory import allow_files, pss_kib

GOAL = Goal(
    "F9",
    "KiB for each idle agent ÷ a raw ASGI stream",
    "×",
    aim=1.5,
    least=3,
    higher_is_better=False,
    part="memory",
)
FAN_OUT = Goal(
    "F9", "one event is at all agents after", "s", aim=1, least=2, higher_is_better=False, part="fan-out"
)
OTHER_FILES = 1_000  # that a process may have open beside the streams
POSTS = 3


def measure(run: Run) -> Result:
    wanted = run.size(10_000, 100, "agents")
    count = min(wanted, allow_files(wanted + OTHER_FILES) - OTHER_FILES)
    if count < wanted:
        run.say(f"only {count:,} of {wanted:,} agents: ulimit -n can't be raised further")
    with installed(run.folder) as hark:
        run.say(f"making {count:,} agents …")
        [desk] = hark.desks(1, count)
        numbers = iter(range(1000))

        def raw() -> dict[str, float]:
            with doing_nothing() as (port, pid):
                line = b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                return uvloop.run(held(port, pid, [line] * count))

        def anew() -> None:
            hark.stop()
            hark.start()

        def whole() -> dict[str, float]:
            pid = json.loads((hark.folder / "processes.json").read_bytes())["web"]
            lines = [agents.live(desk.slug, 0, cookie) for cookie in desk.cookies]
            return uvloop.run(held(hark.port, pid, lines, hark, desk, next(numbers)))

        rounds = alternate(run, hark.pids, {"raw": raw, "Hark": whole}, prepare={"Hark": anew})
    found = {
        side: {name: median(one[name] for one in rounds.values(side)) for name in rounds.values(side)[0]}
        for side in rounds.sides
    }
    return Result(
        GOAL,
        found["Hark"]["KiB"] / found["raw"]["KiB"],
        {
            "Hark, KiB an agent": found["Hark"]["KiB"],
            "raw, KiB a stream": found["raw"]["KiB"],
            "Hark, MiB with all": found["Hark"]["MiB"],
            "raw, MiB with all": found["raw"]["MiB"],
            "agents connected a second": found["Hark"]["per_s"],
            "agents": count,
            "agents wanted": wanted,
            "first byte of an event after, s": found["Hark"]["first"],
            "last byte of an event after, s": found["Hark"]["last"],
            "posts a round": POSTS,
        },
        rounds,
        (),
        ((FAN_OUT, found["Hark"]["last"]),),
        bars={"Hark": found["Hark"]["KiB"], "raw ASGI": found["raw"]["KiB"]},
        bars_title="Memory of one idle agent",
        bars_unit="KiB",
    )


async def held(
    port: int,
    pid: int,
    lines: list[bytes],
    hark: Installation | None = None,
    desk: Desk | None = None,
    number: int = 0,
) -> dict[str, float]:
    """Open them all, weigh the process before and after; with Hark, time an event to the last of them."""
    heard: dict[int, float] = {}
    before, began = pss_kib(pid), time.perf_counter()
    few = await agents.connect_all(
        port, lines[:10], lambda case, at: None
    )  # what is loaded once is not an agent's
    for agent in few:
        agent.transport.close()
    before = pss_kib(pid)
    listening = await agents.connect_all(port, lines, lambda case, at: None)
    took = time.perf_counter() - began
    await asyncio.sleep(1)
    after = pss_kib(pid)
    found = {"KiB": (after - before) / len(lines), "MiB": after / 1024, "per_s": len(lines) / took}
    if hark and desk:
        for place, agent in enumerate(listening):
            agent.heard = lambda case, at, place=place: heard.setdefault(place, at)  # type: ignore[misc]
        first, last = [], []
        for post in range(POSTS):
            heard.clear()
            accepted = await _post(hark, request(hark, desk, number * POSTS + post, f"f{number}", post))
            while len(heard) < len(listening):
                if time.perf_counter() - accepted > 60:
                    raise TimeoutError(
                        f"{len(listening) - len(heard)} agents did not hear of a post within 60 s"
                    )
                await asyncio.sleep(0.005)
            first.append(max(0.0, min(heard.values()) - accepted))
            last.append(max(heard.values()) - accepted)
            await asyncio.sleep(0.5)
        found |= {"first": median(first), "last": median(last)}
    if lost := sum(agent.lost for agent in listening):
        raise RuntimeError(f"{lost} streams were lost")
    for agent in listening:
        agent.transport.close()
    return found


async def _post(hark: Installation, line: bytes) -> float:
    _, poster = await asyncio.get_running_loop().create_connection(agents.Poster, "127.0.0.1", hark.port)
    accepted = await poster.send(line)
    poster.transport.close()
    if poster.refused:
        raise RuntimeError("the post was refused")
    return accepted
